/* The map itself: the query's words and the document as running text; a word that is pointed at lights what it is linked to. */

const LINKS = 4; // lines drawn at most
const NUMBERS = 6; // numbers set under words at most
const APART = 34; // px between the middles of two numbers on one line
const SMALLEST = 0.01; // share below which no number is set

class WordMap {
  /** ``onPoint(unit or null)`` and ``onPin(unit)`` are told what the pointer and the keys do. */
  constructor(box, { onPoint, onPin }) {
    this.box = box;
    this.lines = { q: box.querySelector(".line.query"), d: box.querySelector(".line.document") };
    this.svg = box.querySelector("svg");
    this.spans = [];
    this.lit = [];
    const unitOf = (event) => {
      const span = event.target.closest?.(".u");
      return span ? this.units[Number(span.dataset.unit)] : undefined;
    };
    box.addEventListener("pointerover", (event) => {
      const unit = unitOf(event);
      if (unit) onPoint(unit);
    });
    box.addEventListener("pointerleave", () => onPoint(null));
    box.addEventListener("focusin", (event) => { const unit = unitOf(event); if (unit) onPoint(unit); });
    box.addEventListener("focusout", () => onPoint(null));
    box.addEventListener("click", (event) => { const unit = unitOf(event); if (unit) { this.rove(unit); onPin(unit); } });
    box.addEventListener("keydown", (event) => this.onKey(event, unitOf(event), onPin));
  }

  /** Write both texts anew, each unit a span; what was not read stands behind, grey. */
  write(attention) {
    const { header } = attention;
    this.units = attention.units;
    this.spans = [];
    const firstOfDocument = this.units.findIndex((unit) => unit.part === "d");
    for (const [part, text, lost] of [["q", header.query, header.query_lost], ["d", header.document, header.document_lost]]) {
      const line = this.lines[part];
      const parts = [];
      let at = 0;
      for (const unit of this.units) {
        const isBefore = firstOfDocument < 0 || unit.index < firstOfDocument;
        if (unit.part === "s" ? (part === "q") !== isBefore : unit.part !== part) continue;
        if (unit.part === "s") {
          parts.push(at ? " " : "", this.span(unit, "u special"), " ");
          continue;
        }
        if (unit.start > at) parts.push(text.slice(at, unit.start));
        parts.push(this.span(unit, "u"));
        at = Math.max(at, unit.end);
      }
      const rest = text.slice(at);
      if (lost > 0 && rest.trim()) {
        const tail = make("span", "lost", rest);
        tail.title = "never seen by the model";
        parts.push(tail);
      }
      line.replaceChildren(...parts);
    }
    this.rove(this.units.find((unit) => unit.part === "q") ?? this.units[0]);
    this.measure();
  }

  span(unit, className) {
    const span = make("span", className, unit.text);
    span.dataset.unit = unit.index;
    span.tabIndex = -1;
    span.setAttribute("role", "button");
    span.setAttribute("aria-pressed", "false");
    this.spans[unit.index] = span;
    return span;
  }

  /** Where the spans stand, kept so that pointing never asks the page for its layout. */
  measure() {
    this.apart = APART * (this.box.closest(".large") ? 1.7 : 1);
    const frame = this.box.getBoundingClientRect();
    this.rects = this.spans.map((span) => {
      const rect = span.getClientRects()[0] ?? span.getBoundingClientRect(); // a word may be broken over two lines
      return { x: rect.left - frame.left + rect.width / 2, top: rect.top - frame.top, bottom: rect.bottom - frame.top,
        left: rect.left - frame.left, width: rect.width };
    });
    this.svg.setAttribute("width", frame.width);
    this.svg.setAttribute("height", frame.height);
  }

  /** Light what belongs to ``unit``: ``main`` and ``other`` are [{unit, share}], strongest first; ``scale`` is full tint. */
  light(unit, main, other, scale, isPinned) {
    const next = new Map();
    for (const { unit: one, share } of main) {
      if (one !== unit) next.set(one.index, { fill: Math.round(100 * Math.min(1, share / scale)) });
    }
    for (const { unit: one, share } of other) {
      if (one === unit) continue;
      const entry = next.get(one.index) ?? {};
      entry.bar = Math.round(100 * Math.min(1, share / scale));
      next.set(one.index, entry);
    }
    const taken = [];
    for (const { unit: one, share } of main.slice(0, NUMBERS + 1)) {
      const rect = this.rects[one.index];
      // Numbers never lie on each other: of two neighbours the stronger has its number, the other one says it when pointed at.
      if (one === unit || share < SMALLEST || taken.some((other) => Math.abs(other.x - rect.x) < (this.apart ?? APART) && Math.abs(other.top - rect.top) < 8)) continue;
      taken.push(rect);
      next.get(one.index).number = percent(share);
    }
    for (const index of this.lit) if (!next.has(index)) this.paint(index, {});
    for (const [index, entry] of next) this.paint(index, entry);
    this.lit = [...next.keys()];
    if (this.framed !== undefined) this.spans[this.framed]?.classList.remove("framed", "pinned");
    this.framed = unit?.index;
    if (unit) this.spans[unit.index].classList.add("framed", ...(isPinned ? ["pinned"] : []));
    this.link(unit, main, scale);
  }

  paint(index, { fill = 0, bar = 0, number = "" }) {
    const span = this.spans[index];
    const wanted = `${fill},${bar},${number}`;
    if (!span || span.wanted === wanted) return;
    span.wanted = wanted;
    span.style.setProperty("--fill", fill);
    span.style.setProperty("--bar", bar);
    if (number) span.dataset.share = number;
    else delete span.dataset.share;
  }

  /** Lines from the unit to the few it is linked to most, drawn between the two texts. */
  link(unit, main, scale) {
    const paths = [];
    const from = unit && this.rects[unit.index];
    for (const { unit: one, share } of from ? main.slice(0, LINKS) : []) {
      const to = this.rects[one.index];
      if (!to || one === unit || share < 0.03 || one.part === "s") continue;
      const down = to.top > from.top;
      if (Math.abs(to.top - from.top) < 12) continue;
      const y1 = down ? from.bottom : from.top;
      const y2 = down ? to.top : to.bottom;
      const bend = (y2 - y1) / 2;
      paths.push({ d: `M${from.x} ${y1}C${from.x} ${y1 + bend} ${to.x} ${y2 - bend} ${to.x} ${y2}`,
        width: 1 + 5 * Math.min(1, share / scale) });
    }
    while (this.svg.childElementCount > paths.length) this.svg.lastElementChild.remove();
    paths.forEach((path, index) => {
      const line = this.svg.children[index] ?? this.svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
      line.setAttribute("d", path.d);
      line.setAttribute("stroke-width", path.width.toFixed(1));
    });
  }

  /** Say which unit is pinned, for readers of the page's structure. */
  markPinned(unit) {
    for (const span of this.spans) if (span?.getAttribute("aria-pressed") === "true") span.setAttribute("aria-pressed", "false");
    if (unit) this.spans[unit.index]?.setAttribute("aria-pressed", "true");
  }

  /** One unit at a time is reached by Tab; the arrows go on from there. */
  rove(unit) {
    if (this.roving !== undefined) { const before = this.spans[this.roving]; if (before) before.tabIndex = -1; }
    this.roving = unit?.index;
    if (unit && this.spans[unit.index]) this.spans[unit.index].tabIndex = 0;
  }

  onKey(event, unit, onPin) {
    if (!unit || event.ctrlKey || event.metaKey || event.altKey) return;
    const other = () => this.units.find((one) => one.part === (unit.index < this.units.findIndex((u) => u.part === "d") ? "d" : "q"));
    const go = {
      ArrowRight: () => this.units[unit.index + 1],
      ArrowLeft: () => this.units[unit.index - 1],
      ArrowDown: other,
      ArrowUp: other,
      Home: () => this.units[0],
      End: () => this.units.at(-1),
    }[event.key];
    if (go) {
      event.preventDefault();
      const next = go();
      if (next) { this.rove(next); this.spans[next.index].focus(); }
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onPin(unit);
    } else if (event.key === "Escape") {
      onPin(null);
    }
  }
}
