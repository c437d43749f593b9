/* The sentences: from shares to what they say, computed from this run whatever it shows. No page in here. */

const STRONG = 0.5; // a word is named when it has at least this part of the largest share
const FAINT = 0.05; // below this share nothing is called a link

/** Which text's words send, and to which text's, in a direction. */
const SIDES = { "query-document": ["q", "d"], "document-query": ["d", "q"], inner: ["d", "d"] };

/** Words in quotes, neighbours as one phrase: “live up to a year”. */
function quoted(attention, units) {
  const texts = { q: attention.header.query, d: attention.header.document };
  const phrases = [];
  for (const unit of [...units].sort((a, b) => a.index - b.index)) {
    const last = phrases.at(-1);
    if (last && last.part === unit.part && unit.part !== "s" && last.index === unit.index - 1) {
      last.text = texts[unit.part].slice(last.start, unit.end);
      last.index = unit.index;
    } else {
      phrases.push({ ...unit });
    }
  }
  const all = phrases.map(named);
  const names = [...new Set(all)].map((name) => {
    const times = all.filter((other) => other === name).length;
    return times > 1 ? `${name} (${times} places)` : name;
  });
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The few strongest of a ranked list: those near the first, at most three. */
function strongest(pairs) {
  return pairs.filter(({ share }) => share >= STRONG * pairs[0].share).slice(0, 3);
}

function whereWords(state) {
  const layer = state.layer + 1;
  return {
    one: `In layer ${layer}, head ${state.head + 1},`,
    mean: `On the mean of layer ${layer}'s heads,`,
    max: `In the head of layer ${layer} that does it most,`,
    "mean-all": "On the mean of all heads,",
    "max-all": "In the head that does it most,",
    rollout: `By rollout up to layer ${layer} (an estimate),`,
  }[state.heads];
}

/** The finding: what the pinned unit's weight does in the chosen direction, and what the special tokens take. */
function finding(attention, table, state, unit) {
  const where = whereWords(state);
  if (state.direction === "cls") return sendsSentence(attention, table, where, attention.first(), ["q", "d"]);
  const [from, to] = SIDES[state.direction];
  if (unit.part === from || unit === attention.first()) return sendsSentence(attention, table, where, unit, [to]);
  const givers = attention.gets(table, unit).filter((pair) => pair.unit.part === from);
  const name = quoted(attention, [unit]);
  const side = from === "q" ? "query" : "document";
  if (!givers.length || givers[0].share < FAINT) {
    return `${where} no ${side} word sends ${name} more than ${percent(givers[0]?.share ?? 0)} of its weight.`;
  }
  const named = strongest(givers).map((pair) => `${quoted(attention, [pair.unit])} (${percent(pair.share)} of its weight)`);
  return `${where} ${name} gets most from ${named.length < 2 ? named[0] : `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`}.`;
}

function sendsSentence(attention, table, where, unit, parts) {
  const name = quoted(attention, [unit]);
  const words = attention.sends(table, unit).filter((pair) => parts.includes(pair.unit.part));
  const sinks = attention.sinks(table, unit);
  const side = parts.length > 1 ? "word" : parts[0] === "d" ? "document word" : "query word";
  const special = sinks ? `special tokens take ${percent(sinks.cls + sinks.sep)}` : "";
  if (!words.length) return `${where} there is no ${side} to send weight to.`;
  if (words[0].share < FAINT) {
    return `${where} ${name} sends no ${side} more than ${percent(words[0].share)} of its weight; ${special}.`;
  }
  const named = strongest(words);
  const sum = named.reduce((total, pair) => total + pair.share, 0);
  return `${where} ${name} sends ${percent(sum)} of its weight to ${quoted(attention, named.map((pair) => pair.unit))}; ${special}.`;
}

/** What made the picture, in words; stands under it and in every export. */
function caption(attention, state) {
  const { header } = attention;
  const head = {
    one: `layer ${state.layer + 1} of ${header.layers}, head ${state.head + 1} of ${header.heads}`,
    mean: `layer ${state.layer + 1} of ${header.layers}, ${state.weighting === "norm" && attention.hasNorms
      ? "mean of per-head norms" : "mean"} over its ${header.heads} heads (a mean hides heads)`,
    max: `layer ${state.layer + 1} of ${header.layers}, for each pair the largest share of its ${header.heads} heads (rows do not sum to 100 %)`,
    "mean-all": `${state.weighting === "norm" && attention.hasNorms ? "mean of per-head norms" : "mean"} over all ${
      header.layers} layers of ${header.heads} heads (a mean hides heads)`,
    "max-all": `for each pair the largest share of all ${header.layers * header.heads} heads (rows do not sum to 100 %)`,
    rollout: `attention rollout from the text up to layer ${state.layer + 1} of ${header.layers}: an estimate over layers from raw weights`,
  }[state.heads];
  const isRaw = state.weighting === "raw" || !attention.hasNorms || state.heads === "rollout";
  const specials = [...new Set(attention.units.filter((unit) => unit.part === "s").map((unit) => unit.text))].join(" and ");
  return `${header.kind} ${header.model}, ${header.dtype} on ${header.device}; ${head}; ${DIRECTIONS[state.direction]}; ${
    isRaw ? "raw attention weights" : "norm-weighted (weight times the length of what is moved)"}; shares of all tokens, ${
    specials || "no special tokens"} included, nothing renormalised. Attention shows where weight went, not why the score came out.`;
}
