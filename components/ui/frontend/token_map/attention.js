/* The numbers behind the map: reads the payload and answers every question about shares. No page in here. */

const HEADS = { one: "one head", mean: "mean of the layer's heads", max: "largest of the layer's heads",
  "mean-all": "mean of all heads", "max-all": "largest of all heads", rollout: "rollout up to the layer" };
const DIRECTIONS = { "query-document": "query → document", "document-query": "document → query", cls: "[CLS] → both",
  inner: "within the document" };
const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array };
const BLOCKS = { qd: ["q", "d"], dq: ["d", "q"], qs: ["q", "s"], ds: ["d", "s"], cs: ["c", "*"], dd: ["d", "d"] };
const ALWAYS = ["qd", "dq", "qs", "ds", "cs"]; // the blocks of the payload; dd comes for one head, on request

/** Header and arrays of a deflated payload (components/attention/payload.py). */
async function readPayload(deflated) {
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const arrays = {};
  for (const [name, [type, offset, shape]] of Object.entries(header.arrays)) {
    const values = new TYPES[type](bytes, offset, shape.reduce((a, b) => a * b, 1));
    arrays[name] = { values, shape };
  }
  return { header, arrays };
}

/** A share as shown: "31 %", "4.2 %". */
function percent(share) {
  const points = 100 * share;
  return `${points >= 9.95 ? points.toFixed(0) : points.toFixed(1)} %`;
}

/** A word as named in a sentence: what is longer than anyone reads is cut, between characters. */
function short(text, most = 40) {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : text;
}

/** A unit as named in a sentence: a word in quotes, a special token as it is. */
function named(unit) {
  return unit.part === "s" ? unit.text : `“${short(unit.text)}”`;
}

class Attention {
  constructor({ header, arrays }) {
    this.header = header;
    this.arrays = arrays;
    this.hasNorms = "norms" in arrays;
    this.units = null;
    this.inner = null; // the block within the document: {layer, head, arrays}
  }

  /** Take the block within the document of one head; it came as a payload of its own. */
  addInner({ header, arrays }) {
    this.inner = { layer: header.layer, head: header.head };
    Object.assign(this.arrays, arrays);
    this.kept = null;
  }

  /** Whether the block within the document is here for a state. */
  hasInner({ layer, head, heads }) {
    return heads === "one" && this.inner?.layer === layer && this.inner.head === head;
  }

  /** Choose words or pieces as what is shown. A unit: text, part (q, d, s), its pieces, its place in its text. */
  useUnits(rawPieces) {
    const { pieces, words, query, document } = this.header;
    const texts = { q: query, d: document };
    const rows = rawPieces ? pieces.map(([part, start, end], place) => [part, start, end, [place]]) : words;
    this.units = rows.map(([part, start, end, members], index) => ({
      index, part, start, end, pieces: members,
      text: part === "s" || start === end ? pieces[members[0]][3] : texts[part].slice(start, end),
    }));
    const locals = { q: [], d: [], s: [], c: [0], "*": pieces.map((_, place) => place) };
    pieces.forEach(([part], place) => locals[part].push(place));
    const of = (key) => (key === "*" ? this.units : key === "c" ? [this.first()]
      : this.units.filter((unit) => unit.part === key));
    this.groups = {};
    for (const key of Object.keys(locals)) {
      const at = new Map(locals[key].map((place, local) => [place, local]));
      const group = { units: of(key), places: locals[key], slot: new Map() };
      group.members = group.units.map((unit) => unit.pieces.map((place) => at.get(place)).filter((local) => local !== undefined));
      group.units.forEach((unit, slot) => group.slot.set(unit.index, slot));
      this.groups[key] = group;
    }
  }

  /** The unit at the start of the sequence, [CLS] in most models. */
  first() {
    return this.units.find((unit) => unit.pieces.includes(0));
  }

  /** The unit that holds a place of the sequence. */
  unitAt(place) {
    return this.units.find((unit) => unit.pieces.includes(place));
  }

  /** Weights of one head's block over pieces: Float32Array, dest by src. */
  weights(name, layer, head) {
    const { values, shape } = this.arrays[name];
    const [, heads, rows, columns] = shape;
    const row = (layer * heads + head) * rows;
    const base = row * columns;
    const out = new Float32Array(rows * columns);
    const scale = this.arrays[`${name}_scale`].values;
    for (let r = 0, at = 0; r < rows; r++) {
      const step = scale[row + r] / 65535 / 255;
      for (let c = 0; c < columns; c++, at++) out[at] = values[base + at] * step;
    }
    const places = this.arrays[`${name}_at`].values;
    const exact = this.arrays[`${name}_exact`].values;
    let low = 0;
    for (let high = places.length; low < high;) {
      const middle = (low + high) >> 1;
      if (places[middle] < base) low = middle + 1; else high = middle;
    }
    for (; low < places.length && places[low] < base + out.length; low++) out[places[low] - base] = exact[low];
    return out;
  }

  /** What one head moves, over pieces, and the total of each row: shares are the first over the second. */
  moved(name, layer, head, weighting) {
    const weights = name === "dd" ? this.weights(name, 0, 0) : this.weights(name, layer, head);
    const [dest, src] = BLOCKS[name].map((key) => this.groups[key].places);
    const totals = new Float32Array(dest.length).fill(1);
    if (weighting === "raw" || !this.hasNorms) return { weights, totals };
    const { norms, norms_scale: normScale, totals: sums, totals_scale: sumScale } = this.arrays;
    const place = layer * this.header.heads + head;
    const base = place * this.header.pieces.length;
    const gain = src.map((j) => (norms.values[base + j] * normScale.values[place]) / 65535);
    dest.forEach((i, r) => { totals[r] = (sums.values[base + i] * sumScale.values[place]) / 65535; });
    for (let r = 0, at = 0; r < dest.length; r++) for (let c = 0; c < src.length; c++, at++) weights[at] *= gain[c];
    return { weights, totals };
  }

  /** Shares over units: sum over the pieces taken from, mean over the takers. */
  merge(name, weights, totals) {
    const [dest, src] = BLOCKS[name].map((key) => this.groups[key]);
    const columns = src.places.length;
    const out = new Float32Array(dest.units.length * src.units.length);
    dest.members.forEach((takers, r) => {
      for (const taker of takers) {
        const part = totals[taker] > 0 ? 1 / (totals[taker] * takers.length) : 0;
        src.members.forEach((given, c) => {
          let sum = 0;
          for (const one of given) sum += weights[taker * columns + one];
          out[r * src.units.length + c] += sum * part;
        });
      }
    });
    return out;
  }

  /** One block of shares over units under a state {layer, head, heads, weighting}: Float32Array, dest by src. */
  block(name, state) {
    const { layers, heads } = this.header;
    if (state.heads === "rollout") {
      const weights = this.weights(`rollout_${name}`, state.layer, 0);
      return this.merge(name, weights, new Float32Array(weights.length).fill(1));
    }
    const ones = [];
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        const isOfLayer = state.heads.endsWith("-all") || layer === state.layer;
        if (isOfLayer && (state.heads !== "one" || head === state.head)) ones.push([layer, head]);
      }
    }
    let result = null;
    for (const [layer, head] of ones) {
      const moved = this.moved(name, layer, head, state.weighting);
      if (state.heads.startsWith("max")) {
        const merged = this.merge(name, moved.weights, moved.totals);
        if (result === null) result = merged;
        else merged.forEach((share, at) => { if (share > result[at]) result[at] = share; });
      } else if (result === null) {
        result = moved;
      } else {
        moved.weights.forEach((weight, at) => { result.weights[at] += weight; });
        moved.totals.forEach((total, at) => { result.totals[at] += total; });
      }
    }
    return state.heads.startsWith("max") ? result : this.merge(name, result.weights, result.totals);
  }

  /** All blocks of a state, kept until another is asked for. */
  table(state) {
    const isInner = state.direction === "inner" && this.hasInner(state);
    const key = [state.layer, state.head, state.heads, state.weighting, this.units.length, isInner].join();
    if (this.kept?.key !== key) {
      this.kept = { key };
      for (const name of isInner ? [...ALWAYS, "dd"] : ALWAYS) this.kept[name] = this.block(name, state);
    }
    return this.kept;
  }

  /** Share that one unit takes from another under a table, or null where the payload does not hold it. */
  share(table, dest, src) {
    const first = this.first();
    const name = dest === first ? "cs" : dest.part + src.part;
    if (!(name in table)) return null;
    const [rows, columns] = BLOCKS[name].map((key) => this.groups[key]);
    return table[name][rows.slot.get(dest.index) * columns.units.length + columns.slot.get(src.index)];
  }

  /** Where a unit's weight goes: [{unit, share}], strongest first; empty where the payload does not hold the row. */
  sends(table, dest) {
    return this.ranked(this.units.map((unit) => ({ unit, share: this.share(table, dest, unit) })));
  }

  /** Who gives weight to a unit: shares of the givers' own weight. */
  gets(table, src) {
    return this.ranked(this.units.map((unit) => ({ unit, share: this.share(table, unit, src) })));
  }

  ranked(pairs) {
    return pairs.filter((pair) => pair.share !== null).sort((a, b) => b.share - a.share || a.unit.index - b.unit.index);
  }

  /** The sink meter of a row: shares on [CLS], on the other special tokens, on query and document words; they sum to 1. */
  sinks(table, dest) {
    const sums = { cls: 0, sep: 0, q: 0, d: 0 };
    const known = this.sends(table, dest);
    if (!known.length) return null;
    for (const { unit, share } of known) sums[unit === this.first() ? "cls" : unit.part === "s" ? "sep" : unit.part] += share;
    if (dest !== this.first()) sums[dest.part] = Math.max(0, 1 - sums.cls - sums.sep - sums[dest.part === "q" ? "d" : "q"]);
    return sums;
  }
}
