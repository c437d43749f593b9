/* What the figures share: scales, axes, marks whose shape tells the way as well as their colour. */

const SVG_SPACE = "http://www.w3.org/2000/svg";

function shape(tag, attributes, text) {
  const element = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A time as an axis has it. */
function tickTime(ms) {
  const short = (value) => String(Number(value.toPrecision(2)));
  if (ms === 0) return "0";
  if (ms < 0.1) return `${short(ms * 1000)} µs`;
  if (ms < 1000) return `${short(ms)} ms`;
  if (ms < 120000) return `${short(ms / 1000)} s`;
  if (ms < 7.2e6) return `${short(ms / 60000)} min`;
  return ms < 1.728e8 ? `${short(ms / 3.6e6)} h` : `${short(ms / 8.64e7)} days`;
}

/** About ``count`` round numbers from 0 to ``most``. */
function roundTicks(most, count) {
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw);
  const ticks = [];
  for (let index = 0; index * step <= most * 1.0001; index++) ticks.push(index * step);
  return ticks;
}

/** The powers of ten between two numbers, every ``every``th. */
function powerTicks(low, high, every) {
  const ticks = [];
  for (let power = Math.ceil(Math.log10(low)); power <= Math.log10(high) + 1e-9; power += every) ticks.push(10 ** power);
  return ticks;
}

const linear = (low, high, from, to) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);
const logarithmic = (low, high, from, to) => {
  const at = linear(Math.log10(low), Math.log10(high), from, to);
  return (value) => at(Math.log10(Math.max(value, low)));
};

/** A mark at (x, y): diamond, disc, ring or stroke, one a way. */
function markOf(way, x, y, size = 4.5) {
  const middle = `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (way === "cross-encoder") return shape("path", { class: "mark", d: `M${x} ${y - size}L${x + size} ${y}L${x} ${y + size}L${x - size} ${y}Z` });
  if (way === "bi-encoder, query only") return shape("path", { class: "mark", d: `M${middle}m0 ${-size}v${2 * size}`, "stroke-width": 2.5 });
  return shape("circle", { class: `mark${way === "bi-encoder, documents embedded" ? " hollow" : ""}`, cx: x, cy: y, r: size - 0.5 });
}

/** An empty figure with axes: ``x`` and ``y`` are {low, high, log, title, label}; gives back where things go. */
function frame(box, { height, x, y, words, left = 62 }) {
  const width = Math.max(260, box.clientWidth);
  const [top, right, bottom] = [26, width - 30, height - 40];
  const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words });
  const xAt = (x.log ? logarithmic : linear)(x.low, x.high, left, right);
  const yAt = (y.log ? logarithmic : linear)(y.low, y.high, bottom, top);
  const decades = y.log ? Math.log10(y.high / y.low) : 0;
  for (const tick of y.log ? powerTicks(y.low, y.high, decades > 8 ? 2 : 1) : roundTicks(y.high, 4)) {
    svg.append(shape("line", { class: "grid", x1: left, x2: right, y1: yAt(tick), y2: yAt(tick) }));
    svg.append(shape("text", { x: left - 6, y: yAt(tick) + 4, "text-anchor": "end" }, y.label(tick)));
  }
  for (const tick of x.log ? powerTicks(x.low, x.high, 1) : roundTicks(x.high, width < 420 ? 4 : 6)) {
    svg.append(shape("line", { class: "axis", x1: xAt(tick), x2: xAt(tick), y1: bottom, y2: bottom + 4 }));
    svg.append(shape("text", { x: xAt(tick), y: bottom + 17, "text-anchor": "middle" }, x.label(tick)));
  }
  svg.append(shape("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
  svg.append(shape("text", { x: right, y: height - 6, "text-anchor": "end" }, x.title));
  svg.append(shape("text", { x: 0, y: 9 }, y.title));
  box.replaceChildren(svg);
  return { svg, xAt, yAt, left, right, top, bottom };
}

/** A real table with a caption; the first cell of a row names it. */
function tableOf(caption, heads, rows) {
  const table = make("table");
  table.append(make("caption", "", caption));
  const head = table.createTHead().insertRow();
  for (const label of heads) { const cell = make("th", "", label instanceof Node ? undefined : label); if (label instanceof Node) cell.append(label); cell.scope = "col"; head.append(cell); }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((text, column) => { const cell = make(column ? "td" : "th", "", text); if (!column) cell.scope = "row"; line.append(cell); });
  }
  return table;
}
