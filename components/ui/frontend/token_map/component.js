/* The token map: one pair under the glass. One payload comes in; pointing, choosing and saving are answered here. */

const ASKED = "Reading the document's own attention …";
const FULL_TINT = 0.1; // the tint is full at the largest share of the view, and never below this

class TokenView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.state = { layer: 0, head: 0, heads: "one", weighting: "norm", direction: "query-document", pieces: false, twin: "bars" };
    this.memory = (window.relevanceLabTokens ??= {}); // what this tab looked at, for when the view is mounted anew
    Object.assign(this.state, this.memory.state);
    this.chose = Boolean(this.memory.chose); // a head was chosen: then another document does not choose one by the rule
    root.classList.toggle("large", Boolean(this.memory.large));
    this.at("large").setAttribute("aria-pressed", String(Boolean(this.memory.large)));
    this.pinned = null;
    this.pointed = null;
    this.map = new WordMap(this.at("map"), {
      onPoint: (unit) => this.point(unit),
      onPin: (unit) => this.pin(unit),
    });
    this.overview = new Overview(this.at("overview"), (layer, head) => this.set({ layer, head, heads: this.state.heads === "rollout" ? "rollout" : "one" }));
    this.meter = new Meter(this.at("meter"));
    this.chooser = new DocumentChooser(this.at, (number) => {
      root.classList.add("stale");
      this.send("document", number);
    });
    this.matrix = new Matrix(this.at("twin"), (unit) => this.pin(unit));
    this.timings = []; // ms of the last pointer events, for whoever measures
    this.listen();
    let width = 0;
    new ResizeObserver(() => {
      if (!this.attention || root.clientWidth === width) return;
      width = root.clientWidth;
      this.map.measure();
      this.relight();
    }).observe(root);
    document.fonts?.ready.then(() => { if (this.attention) { this.map.measure(); this.relight(); } });
  }

  listen() {
    for (const name of ["direction", "weighting", "heads"]) {
      this.at(name).addEventListener("change", () => this.set({ [name]: this.at(name).value }));
    }
    this.at("pieces").addEventListener("change", () => this.set({ pieces: this.at("pieces").checked }));
    this.at("large").addEventListener("click", () => this.enlarge());
    this.at("tabs").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.twin) this.set({ twin: button.dataset.twin });
      else if (button) this.save(button.dataset.save);
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target.tagName !== "SELECT") this.enlarge();
    });
  }

  /** Take over what the server sent; the payload is read only when it is another one. */
  async update(data, send) {
    this.data = data;
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    this.at("problem").hidden = !data.problem;
    setText(this.at("problem"), data.problem ?? "");
    this.at("language").hidden = !data.language;
    setText(this.at("language"), data.language ?? "");
    if (!this.attention) setText(this.at("finding"), data.waiting ?? "");
    this.chooser.update(data);
    this.drawTerms(data.terms ?? {});
    this.download(data.download);
    this.follow(data);
    const isOther = data.payload && data.id !== this.id;
    const attention = isOther ? new Attention(await readPayload(data.payload)) : this.attention;
    if (isOther) this.innerCount = null;
    const hasMore = attention && data.inner && data.inner.id === data.id && data.inner.count !== this.innerCount;
    if (hasMore) {
      this.innerCount = data.inner.count;
      attention.addInner(await readPayload(data.inner_payload));
    }
    if (isOther) {
      this.id = data.id;
      this.open(attention);
    } else if (attention) {
      this.draw();
    }
    if (!this.chooser.moving) this.root.classList.remove("stale");
  }

  /** A link names a pair and a view: the first look asks for the pair, ``open`` takes the view when the pair is there. */
  follow(data) {
    if (this.followed) return;
    this.followed = true;
    this.link = data.view ? null : linkedView();
    if (!this.link) return;
    const { number, query, document: text } = this.link;
    this.send("link", { number, query, document: text });
    history.replaceState(null, "", location.pathname + location.search);
  }

  /** A new pair: keep the visitor's way of looking, pin the word the opening rule names. */
  open(attention) {
    const isFirst = !this.attention;
    this.attention = attention;
    const { opening, layers, heads } = attention.header;
    const { link } = this;
    const isLinked = link && link.number === this.data.number && (link.query === null || link.query === attention.header.query);
    const asked = isLinked ? link.view : isFirst ? this.data.view : null;
    if (isLinked && (!location.hash.includes("lab=") || window.relevanceLabOpened === location.hash)) this.link = null;
    if (!this.chose) Object.assign(this.state, { layer: opening.layer, head: opening.head });
    if (asked) {
      const { word: _, ...view } = asked;
      Object.assign(this.state, view);
      this.chose = true;
    }
    this.state.layer = Math.min(this.state.layer, layers - 1);
    this.state.head = Math.min(this.state.head, heads - 1);
    if (!attention.hasNorms) this.state.weighting = "raw";
    const wasPinned = this.memory.id === this.data.id ? this.memory.place : null;
    this.pinnedPlace = wasPinned ?? attention.header.words[asked?.word ?? opening.word]?.[3][0] ?? 0;
    this.drawn = null;
    this.draw();
  }

  set(change) {
    if (["layer", "head", "heads"].some((name) => name in change)) this.chose = true;
    Object.assign(this.state, change);
    Object.assign(this.memory, { state: this.state, chose: this.chose });
    if (this.state.direction === "inner" && change.heads && change.heads !== "one") this.state.direction = "query-document";
    if (this.state.direction === "inner") this.state.heads = "one";
    this.draw();
  }

  /** Draw everything under the present state. */
  draw() {
    const { attention, state } = this;
    if (!attention) return;
    const units = String(state.pieces);
    if (this.drawn !== units) {
      this.drawn = units;
      attention.useUnits(state.pieces);
      this.map.write(attention);
      this.pointed = null;
    }
    this.pinned = attention.unitAt(this.pinnedPlace) ?? attention.first();
    const isInner = state.direction === "inner";
    if (isInner && !attention.hasInner(state)) this.askInner();
    else setText(this.at("saved"), this.at("saved").textContent === ASKED ? "" : this.at("saved").textContent);
    this.table = attention.table(state);
    if (isInner && this.pinned.part !== "d") { // go on from the document word it is linked to most
      this.pinned = attention.sends(this.table, this.pinned).find((pair) => pair.unit.part === "d")?.unit ?? this.pinned;
    }
    this.scale = Math.max(FULL_TINT, this.largest());
    this.fillControls();
    this.drawLost();
    setText(this.at("caption"), `${caption(attention, state)} ${attention.header.note}`.trim());
    const ink = this.colours();
    this.overview.draw(attention, state, ink.rgb);
    setText(this.at("overview-words"), `All ${attention.header.layers} layers (down) of ${attention.header.heads} heads (across): in each, query words down and document words across, stronger colour is a larger share, one scale for all${state.direction === "inner" ? "; here the query → document part" : ""}. Click one to look through it.`);
    this.map.markPinned(this.pinned);
    this.relight();
    this.drawTwin(ink);
  }

  /** The largest share between words in the chosen direction. */
  largest() {
    const name = { "query-document": "qd", "document-query": "dq", cls: "cs", inner: "dd" }[this.state.direction];
    if (name === "dd" && !this.table.dd) return 0;
    if (name !== "cs") return this.table[name].reduce((most, share) => Math.max(most, share), 0);
    const words = this.attention.units.filter((unit) => unit.part !== "s");
    return words.reduce((most, unit) => Math.max(most, this.attention.share(this.table, this.attention.first(), unit)), 0);
  }

  /** The lists behind a unit in the chosen direction: what is tinted (main), what is underlined (other), and in words. */
  linksOf(unit) {
    const { attention, table } = this;
    const { direction } = this.state;
    if (direction === "cls") {
      const first = attention.first();
      return { from: first, main: attention.sends(table, first).filter((pair) => pair.unit !== first), other: [], sends: true };
    }
    const [from, to] = SIDES[direction];
    const sends = attention.sends(table, unit);
    const gets = attention.gets(table, unit);
    const isSender = unit.part === from || unit === attention.first();
    const inText = (pairs, parts) => pairs.filter((pair) => parts.includes(pair.unit.part));
    return isSender
      ? { from: unit, main: inText(sends, [to, "s"]), other: inText(gets, [to]), sends: true }
      : { from: unit, main: inText(gets, [from]), other: inText(sends, [from]), sends: false };
  }

  point(unit) {
    const started = performance.now();
    if (unit !== this.pointed) {
      this.pointed = unit;
      this.relight();
    }
    this.timings.push(performance.now() - started);
    if (this.timings.length > 2000) this.timings.shift();
  }

  pin(unit) {
    const next = unit === null || unit === this.pinned ? this.attention.unitAt(this.openingPlace()) : unit;
    this.pinnedPlace = next.pieces[0];
    Object.assign(this.memory, { id: this.id, place: this.pinnedPlace });
    this.pinned = next;
    this.map.markPinned(next);
    this.relight();
    this.drawTwin(this.colours());
  }

  /** Ask once for the block within the document of the chosen head; it is too large to be sent for all. */
  askInner() {
    const wanted = `${this.id}:${this.state.layer}:${this.state.head}`;
    setText(this.at("saved"), ASKED);
    if (this.asked === wanted) return;
    this.asked = wanted;
    this.send("inner", { layer: this.state.layer, head: this.state.head, count: Date.now() });
  }

  openingPlace() {
    const { opening, words } = this.attention.header;
    return words[opening.word]?.[3][0] ?? 0;
  }

  /** Light the word that is pointed at, else the pinned one; the finding stays the pinned word's. */
  relight() {
    const unit = this.pointed ?? this.pinned;
    if (!unit) return;
    const links = this.linksOf(unit);
    this.map.light(links.from, links.main, links.other, this.scale, unit === this.pinned);
    if (this.told?.pinned !== this.pinned || this.told.table !== this.table || this.told.direction !== this.state.direction) {
      this.told = { pinned: this.pinned, table: this.table, direction: this.state.direction };
      const isAwaited = this.state.direction === "inner" && !this.table.dd;
      setText(this.at("finding"), isAwaited ? ASKED : finding(this.attention, this.table, this.state, this.pinned));
    }
    const name = named(links.from);
    setText(this.at("legend"), `Tint: what ${name} ${links.sends ? "sends" : "gets"}, full at ${percent(this.scale)}.${
      links.other.length ? ` Underline: what it ${links.sends ? "gets" : "sends"}.` : ""} Point at any word; a click pins it.`);
    setText(this.at("detail"), this.details(unit, links));
    this.drawMeter(links.from);
  }

  details(unit, links) {
    const { attention, table } = this;
    const plain = (text) => (/[\p{L}\p{N}]/u.test(text) ? short(text) : `“${short(text)}”`); // a lone comma would be lost in a list
    const listed = (pairs) => pairs.slice(0, 6).map((pair) => `${plain(pair.unit.text)} ${percent(pair.share)}`).join(", ");
    if (this.state.direction === "cls" && unit !== links.from) {
      return `${named(links.from)} sends ${percent(attention.share(table, links.from, unit) ?? 0)} of its weight to ${named(unit)}.`;
    }
    const name = named(unit);
    const [sends, gets] = links.sends ? [links.main, links.other] : [links.other, links.main];
    const parts = [];
    if (sends.length) parts.push(`${name} sends of its weight: ${listed(sends)}.`);
    if (gets.length) parts.push(`${name} gets, of their weight: ${listed(gets)}.`);
    return parts.join(" ");
  }

  drawMeter(unit) {
    const isMax = this.state.heads.startsWith("max");
    this.meter.draw(this.attention, isMax ? null : this.attention.sinks(this.table, unit), unit, isMax);
  }

  drawTwin(colours) {
    const { twin } = this.state;
    for (const button of this.at("tabs").querySelectorAll("[data-twin]")) button.setAttribute("aria-pressed", String(button.dataset.twin === twin));
    const links = this.linksOf(this.pinned);
    const { from } = links;
    const name = named(from);
    if (twin === "matrix") this.matrix.draw(this.attention, this.table, this.state, this.scale, colours);
    else if (twin === "table") drawTable(this.at("twin"), this.attention, this.attention.sends(this.table, from), this.attention.gets(this.table, from), name, links.sends);
    else drawBars(this.at("twin"), links.main, links.sends ? `Where ${name} sends its weight, in the chosen direction; bars are shares of 100 %.` : `Who sends ${name} weight; each bar is the share of the sender's own 100 %.`);
  }

  colours() {
    const style = getComputedStyle(this.root);
    const probe = make("span");
    probe.style.color = "var(--ink)";
    this.root.append(probe);
    const ink = getComputedStyle(probe).color;
    probe.remove();
    return { ink, rgb: (ink.match(/[\d.]+/g) ?? [168, 72, 10]).slice(0, 3).map(Number), text: style.color,
      line: this.root.classList.contains("dark") ? "#2d2b27" : "#f4f3f1", font: style.fontFamily };
  }

  fillControls() {
    const { attention, state } = this;
    const fill = (id, options) => {
      const select = this.at(id);
      const wanted = JSON.stringify(options);
      if (select.dataset.options !== wanted) {
        select.replaceChildren(...options.map(([value, label]) => { const one = make("option", "", label); one.value = value; return one; }));
        select.dataset.options = wanted;
      }
      if (select.value !== state[id]) select.value = state[id];
    };
    fill("direction", Object.entries(DIRECTIONS).map(([value, label]) => [value, label.replace("[CLS]", attention.first().text)]));
    fill("weighting", attention.hasNorms ? [["norm", "norm-weighted"], ["raw", "raw"]] : [["raw", "raw"]]);
    fill("heads", Object.entries(HEADS).map(([value, label]) => [value, label
      .replace("one head", `layer ${state.layer + 1}, head ${state.head + 1}`)
      .replace("the layer's heads", `layer ${state.layer + 1}'s heads`).replace("the layer", `layer ${state.layer + 1}`)]));
    this.at("weighting").disabled = state.heads === "rollout";
    this.at("pieces").checked = state.pieces;
  }

  drawTerms(terms) {
    for (const name of ["direction", "weighting", "heads", "pieces"]) {
      const box = this.at(`term-${name}`);
      const [label, explanation] = terms[name] ?? [name, ""];
      if (box.dataset.label !== label) { box.dataset.label = label; box.replaceChildren(termButton(this.root, label, explanation)); }
    }
  }

  drawLost() {
    const { query_lost: query, document_lost: lost, window: size } = this.attention.header;
    const words = [query && `${query.toLocaleString("en")} of the query's tokens`, lost && `${lost.toLocaleString("en")} of the document's tokens`].filter(Boolean);
    setText(this.at("lost"), words.length ? `· the model reads ${size} tokens: ${words.join(" and ")} were never seen (grey)` : "");
  }

  enlarge() {
    const large = this.root.classList.toggle("large");
    this.at("large").setAttribute("aria-pressed", String(large));
    this.memory.large = large;
    if (this.attention) { this.map.measure(); this.relight(); }
  }

  /** What is looked at, in a few words for a link or an export. */
  view() {
    const { layer, head, heads, weighting, direction, pieces } = this.state;
    const word = this.attention.header.words.findIndex((one) => one[3].includes(this.pinnedPlace));
    return { layer, head, heads, weighting, direction, pieces, word };
  }

  async save(kind) {
    if (!this.attention) return;
    const name = `token-map-document-${this.data.number}`;
    if (kind === "link") {
      const { query, document: text } = this.attention.header;
      const isShort = query.length + text.length <= LINKED_TEXT;
      const url = `${location.origin}${location.pathname}#${linkOf(this.data.number, this.view(), isShort ? [query, text] : null)}`;
      const said = isShort ? "Link copied, the pair's text in it." : "Link copied; the text is too long for it and stays here.";
      await (navigator.clipboard?.writeText(url) ?? Promise.reject(new Error("no clipboard")))
        .then(() => setText(this.at("saved"), said), () => setText(this.at("saved"), url));
      return;
    }
    if (kind === "svg" || kind === "png") {
      const before = this.pointed;
      this.pointed = null;
      this.relight();
      const svg = svgOf(this.map, this.at("finding").textContent, this.at("caption").textContent, this.root.classList.contains("dark"));
      this.pointed = before;
      if (kind === "svg") save(`${name}.svg`, new Blob([svg], { type: "image/svg+xml" }));
      else await savePng(svg, `${name}.png`);
      return;
    }
    setText(this.at("saved"), "One moment …");
    this.memory.asked = Date.now();
    this.send("export", { kind, view: this.view(), count: this.memory.asked });
  }

  /** A file the server made on request is saved once. */
  download(file) {
    if (!file || file.count !== this.memory.asked) return;
    this.memory.asked = null;
    setText(this.at("saved"), file.problem);
    if (!file.problem) save(file.name, new Blob([file.text], { type: file.mime }));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tokens");
  const view = root.labView ?? (root.labView = new TokenView(root));
  const isShown = () => root.isConnected && view.attention;
  (window.relevanceLabLinks ??= {}).tokens = () => (isShown() ? linkOf(view.data.number, view.view(), null) : "");
  const bytes = (value) => (value?.getChildAt ? value.getChildAt(0).toArray() : value); // an array travels as an Arrow table
  view.update({ ...data, payload: bytes(data.payload), inner_payload: bytes(data.inner_payload) }, setTriggerValue);
}
