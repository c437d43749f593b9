/* The figures of a lesson: tables, small curves (one axis each: units differ), strips of scores. Numbers come as they are. */

const LONG = 14; // a table of more rows scrolls in its place
const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A number with so many decimals; a large one with fewer, as its table has it. */
function plain(value, digits = 2) {
  const size = Math.abs(value);
  return value.toFixed(Math.min(digits, size >= 100 ? 0 : size >= 10 ? 1 : digits)).replace("-", "−");
}

function tableOf({ caption, heads, rows }) {
  const table = make("table");
  if (caption) table.append(make("caption", "", caption));
  if (heads.some(Boolean)) {
    const head = table.createTHead().insertRow();
    for (const label of heads) {
      const cell = make(label ? "th" : "td", "", label);
      if (label) cell.scope = "col";
      head.append(cell);
    }
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((text, column) => {
      const cell = make(column ? "td" : "th", "", text);
      if (!column) cell.scope = "row";
      line.append(cell);
    });
  }
  return table;
}

function panelOf(line, xTitle, digits) {
  const [width, height, left, bottom, top] = [300, 170, 46, 34, 26];
  const xs = line.points.map(([x]) => x);
  const ys = line.points.map(([, y]) => y);
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const middle = (Math.min(...ys) + Math.max(...ys)) / 2;
  const half = Math.max((Math.max(...ys) - Math.min(...ys)) / 2, 0.02) * 1.08;
  const at = (x, y) => [left + ((x - x0) / (x1 - x0 || 1)) * (width - left - 12), top + (1 - (y - middle + half) / (2 * half)) * (height - top - bottom)];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: line.kind, role: "img", "aria-label": `${line.name} in ${line.unit}, from ${plain(ys[0], digits)} to ${plain(ys[ys.length - 1], digits)}; numbers in the table` });
  svg.append(shape("text", { x: left, y: 14 }, `${line.name}, ${line.unit}`));
  svg.append(shape("path", { class: "axis", d: `M${left} ${top}V${height - bottom}H${width - 6}` }));
  for (const y of [Math.min(...ys), Math.max(...ys)]) svg.append(shape("text", { x: left - 6, y: at(x0, y)[1] + 4, "text-anchor": "end" }, plain(y, digits)));
  for (const x of xs) svg.append(shape("text", { x: at(x, middle)[0], y: height - bottom + 15, "text-anchor": "middle" }, String(x)));
  svg.append(shape("text", { x: width - 8, y: height - 3, "text-anchor": "end" }, xTitle));
  svg.append(shape("path", { class: "curve", d: line.points.map(([x, y], index) => `${index ? "L" : "M"}${at(x, y).map((one) => one.toFixed(1)).join(" ")}`).join("") }));
  for (const [x, y] of line.points) { const [cx, cy] = at(x, y); svg.append(shape("circle", { class: "dot", cx, cy, r: 3.5 })); }
  return svg;
}

/** ``most``: how wide it may be. A narrow screen gets a narrow strip, so that letters keep their size. */
function stripOf({ name, kind, unit, ticks, marks }, most) {
  const [width, left] = [Math.max(280, Math.min(640, most)), 12];
  const height = 66 + 17 * marks.length;
  const all = [...ticks, ...marks.map(([, value]) => value)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const at = (value) => left + ((value - low) / (high - low || 1)) * (width - 2 * left);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: kind, role: "img", "aria-label": `${name}: ${ticks.length} scores from ${plain(Math.min(...ticks))} to ${plain(Math.max(...ticks))}; numbers in the table` });
  const base = height - 20;
  svg.append(shape("text", { x: left, y: 13 }, `${name}, ${unit}`));
  svg.append(shape("path", { class: "axis", d: `M${left} ${base}H${width - left}` }));
  svg.append(shape("text", { x: left, y: height - 4 }, plain(low)), shape("text", { x: width - left, y: height - 4, "text-anchor": "end" }, plain(high)));
  for (const value of ticks) svg.append(shape("path", { class: "tick", d: `M${at(value).toFixed(1)} ${base - 18}V${base}` }));
  marks.forEach(([label, value], index) => {
    const x = at(value);
    const y = 31 + 17 * index;
    const end = x > width / 2;
    svg.append(shape("path", { class: "mark", d: `M${x.toFixed(1)} ${y - 9}V${base + 4}` }));
    svg.append(shape("text", { x: x + (end ? -5 : 5), y, "text-anchor": end ? "end" : "start" }, `${label} ${plain(value)}`));
  });
  return svg;
}

function drawFigures(box, figures) {
  const width = box.clientWidth || 640;
  const key = `${width} ${JSON.stringify(figures)}`;
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  box.replaceChildren(...figures.map((figure) => {
    const frame = make("div", "figure");
    if (figure.type === "table") {
      frame.classList.toggle("long", figure.rows.length > LONG);
      frame.append(tableOf(figure));
      frame.tabIndex = 0;
      frame.setAttribute("role", "group");
      frame.setAttribute("aria-label", figure.caption);
      return frame;
    }
    frame.append(make("div", "caption", figure.caption));
    const panels = make("div", "panels");
    if (figure.type === "curves") panels.append(...figure.lines.map((line) => panelOf(line, figure.x_title, figure.digits)));
    else panels.append(stripOf(figure, width));
    const twin = make("details");
    twin.append(make("summary", "", "Table of these numbers"), tableOf(figure.twin));
    frame.append(panels, twin);
    return frame;
  }));
}
