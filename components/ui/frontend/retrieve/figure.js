/* One figure: quality above, time below, against the same k, and a line at the chosen k that can be dragged. */

const SVG = "http://www.w3.org/2000/svg";
const TOP = 16;
const QUALITY = 190; // px
const GAP = 56; // the row of the handle and its words, then the second title
const TIME = 96;

function svgElement(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A time in words, as the server says it. */
function timeWords(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** The next round number: 1, 2 or 5 times a power of ten. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

class Figure {
  constructor(view) {
    this.view = view;
    this.box = view.at("figure");
    this.dragging = false;
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  /** The numbers it is drawn from: {ks, ndcg, recall, ms, first_ms, words}. */
  series() {
    const { result, all } = this.view.data;
    if (this.view.scope === "all" && all) return { ...all, words: `mean of ${all.count} queries` };
    if (!result) return null;
    const first = result.embed_ms + result.search_ms;
    return { ...result, first_ms: first, ms: result.rerank_ms.map((ms) => first + ms), words: "this query" };
  }

  draw() {
    const data = this.series();
    const width = this.box.clientWidth;
    if (!data || !width) return;
    const narrow = width < 560;
    const left = 44;
    const right = width - (narrow ? 12 : 190);
    const last = Math.log(Math.max(data.ks.at(-1), 2));
    this.x = (k) => left + (right - left) * (Math.log(k) / last);
    this.ks = data.ks;
    const height = TOP + QUALITY + GAP + TIME + 34;
    const svg = svgElement("svg", { width, height, role: "group", "aria-label": this.words(data) });
    const yq = (value) => TOP + QUALITY * (1 - value);
    const most = roundUp(Math.max(...data.ms));
    const timeTop = TOP + QUALITY + GAP;
    const yt = (ms) => timeTop + TIME * (1 - ms / most);
    for (const value of [0, 0.25, 0.5, 0.75, 1]) this.rule(svg, left, right, yq(value), value.toFixed(2));
    for (const share of [0, 0.5, 1]) this.rule(svg, left, right, yt(most * share), share ? timeWords(most * share) : "0");
    svg.append(svgElement("text", { x: left, y: 10, class: "axis" }, `quality, ${data.words}`));
    svg.append(svgElement("text", { x: left, y: timeTop - 8, class: "axis" }, `time a query, ${data.words}`));
    let lastLabel = -Infinity;
    for (const k of data.ks) {
      if (this.x(k) - lastLabel < 24) continue;
      lastLabel = this.x(k);
      svg.append(svgElement("text", { x: this.x(k), y: height - 20, class: "tick middle" }, String(k)));
    }
    svg.append(svgElement("text", { x: (left + right) / 2, y: height - 4, class: "axis middle" }, narrow ? "k, re-ranked passages (log scale)" : "k: passages of the first stage that are re-ranked (log scale)"));
    const at = Math.max(0, data.ks.indexOf(this.view.k));
    const ends = [];
    if (data.ndcg.length) {
      svg.append(this.path(data.ks, data.recall, yq, "recall"), ...this.marks(data.ks, data.recall, yq, "recall"));
      svg.append(svgElement("line", { x1: left, x2: right, y1: yq(data.ndcg[0]), y2: yq(data.ndcg[0]), class: "alone" }));
      svg.append(this.path(data.ks, data.ndcg, yq, "ndcg"), ...this.marks(data.ks, data.ndcg, yq, "ndcg"));
      ends.push([yq(data.recall.at(-1)), "recall@k, the ceiling", "recall"], [yq(data.ndcg[0]), "first stage alone", "alone"], [yq(data.ndcg.at(-1)), "nDCG@10 re-ranked", "ndcg"]);
    } else {
      svg.append(svgElement("text", { x: (left + right) / 2, y: TOP + QUALITY / 2, class: "empty middle" }, "No judgments for this query: judge passages above, 0 to 3."));
    }
    svg.append(this.path(data.ks, data.ms, yt, "ndcg"), ...this.marks(data.ks, data.ms, yt, "ndcg"));
    svg.append(svgElement("line", { x1: left, x2: right, y1: yt(data.first_ms), y2: yt(data.first_ms), class: "alone" }));
    if (!narrow) {
      this.labels(svg, right + 10, ends, TOP, TOP + QUALITY);
      this.labels(svg, right + 10, [[yt(data.ms.at(-1)), "both stages", "ndcg"], [yt(data.first_ms), "first stage alone", "alone"]], timeTop, timeTop + TIME);
    }
    this.handle(svg, data, at, height);
    this.box.replaceChildren(svg);
    if (narrow) this.box.append(this.legend(data));
    if (this.refocus) { this.refocus = false; svg.querySelector(".handle").focus(); }
  }

  rule(svg, left, right, y, words) {
    svg.append(svgElement("line", { x1: left, x2: right, y1: y, y2: y, class: "grid" }));
    svg.append(svgElement("text", { x: left - 6, y: y + 4, class: "tick end" }, words));
  }

  path(ks, values, y, kind) {
    const points = ks.map((k, at) => `${this.x(k)} ${y(values[at])}`);
    return svgElement("path", { d: `M${points.join("L")}`, class: `curve ${kind}` });
  }

  marks(ks, values, y, kind) {
    return ks.map((k, at) => {
      const [cx, cy] = [this.x(k), y(values[at])];
      return kind === "ndcg"
        ? svgElement("rect", { x: cx - 3.5, y: cy - 3.5, width: 7, height: 7, transform: `rotate(45 ${cx} ${cy})`, class: "mark ndcg" })
        : svgElement("path", { d: `M${cx} ${cy - 4}l4 7h-8z`, class: "mark recall" });
    });
  }

  /** Names at the lines' ends, moved apart where they would lie on each other. */
  labels(svg, x, ends, top, bottom) {
    const sorted = [...ends].sort((a, b) => a[0] - b[0]);
    let last = top - 12;
    const placed = sorted.map(([y, words, kind]) => { last = Math.max(y + 4, last + 15); return [last, words, kind]; });
    const over = Math.max(0, last - bottom - 4);
    for (const [y, words, kind] of placed) svg.append(svgElement("text", { x, y: y - over, class: `label ${kind}` }, words));
  }

  /** Where there is no room beside the lines: what they are, one under the other. */
  legend(data) {
    const list = make("ul", "legend");
    const names = [["ndcg", data.ndcg.length ? "◆ nDCG@10 re-ranked; time of both stages" : "◆ time of both stages"], ["alone", "┅ first stage alone"]];
    if (data.ndcg.length) names.splice(1, 0, ["recall", "▲ recall@k, the ceiling"]);
    list.append(...names.map(([kind, words]) => make("li", kind, words)));
    return list;
  }

  handle(svg, data, at, height) {
    const x = this.x(data.ks[at]);
    const group = svgElement("g", {
      class: "handle", tabindex: 0, role: "slider", "aria-label": "k, passages that are re-ranked",
      "aria-valuemin": data.ks[0], "aria-valuemax": data.ks.at(-1), "aria-valuenow": data.ks[at], "aria-valuetext": this.valueWords(data, at),
    });
    group.append(svgElement("rect", { x: x - 20, y: TOP - 12, width: 40, height: height - 30, class: "grip" }));
    group.append(svgElement("line", { x1: x, x2: x, y1: TOP - 6, y2: height - 34, class: "chosen" }));
    group.append(svgElement("circle", { cx: x, cy: TOP + QUALITY + 20, r: 9, class: "knob" }));
    svg.append(group);
    const anchor = x > this.box.clientWidth / 2 ? "end" : "start";
    svg.append(svgElement("text", { x: x + (anchor === "end" ? -14 : 14), y: TOP + QUALITY + 25, class: `chosen-words ${anchor}` }, this.valueWords(data, at)));
    group.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -99, End: 99 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.refocus = true;
      this.view.chooseK(data.ks[Math.min(data.ks.length - 1, Math.max(0, at + step))]);
    });
    svg.addEventListener("pointerdown", (event) => { this.dragging = true; this.box.setPointerCapture(event.pointerId); this.drag(event); });
    this.box.onpointermove = (event) => { if (this.dragging) this.drag(event); };
    this.box.onpointerup = this.box.onpointercancel = () => { this.dragging = false; };
  }

  drag(event) {
    const at = event.clientX - this.box.getBoundingClientRect().left;
    const nearest = this.ks.reduce((best, k) => (Math.abs(this.x(k) - at) < Math.abs(this.x(best) - at) ? k : best));
    if (nearest !== this.view.k) this.view.chooseK(nearest);
    event.preventDefault();
  }

  valueWords(data, at) {
    const quality = data.ndcg.length ? `nDCG@10 ${data.ndcg[at].toFixed(3)}, recall ${data.recall[at].toFixed(2)}, ` : "";
    return `k = ${data.ks[at]}: ${quality}${timeWords(data.ms[at])}`;
  }

  words(data) {
    const at = Math.max(0, data.ks.indexOf(this.view.k));
    return `Two curves over k, ${data.words}: quality (nDCG@10 after re-ranking, recall@k of the first stage) and time. ${this.valueWords(data, at)}. The numbers are in the table below.`;
  }

  /** The same data as a table. */
  table() {
    const data = this.series();
    if (!data) return make("table");
    const table = make("table");
    const head = table.createTHead().insertRow();
    const names = ["k", ...(data.ndcg.length ? ["nDCG@10", "recall@k"] : []), "time a query"];
    for (const name of names) { const cell = make("th", "", name); cell.scope = "col"; head.append(cell); }
    const body = table.createTBody();
    data.ks.forEach((k, at) => {
      const row = body.insertRow();
      const first = make("th", "", String(k));
      first.scope = "row";
      row.append(first);
      const cells = data.ndcg.length ? [data.ndcg[at].toFixed(3), data.recall[at].toFixed(3)] : [];
      for (const words of [...cells, timeWords(data.ms[at])]) row.append(make("td", "", words));
    });
    return table;
  }
}
