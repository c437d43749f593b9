/* Deletion and insertion curves: two panels, one line an order, random orders as a band; the areas' table is the legend. */

const PLOT = { height: 250, left: 44, right: 10, top: 10, bottom: 34 };
const STYLES = { attention: { dash: "", mark: "circle" }, best: { dash: "" }, random: { dash: "4 4" } };
const OF_METHODS = [ // by the method's place in the list; more methods than styles share them
  { dash: "2 4", mark: "square" }, { dash: "9 4", mark: "diamond" }, { dash: "10 3 2 3", mark: "triangle" }, { dash: "5 2", mark: "down" },
];

class CurvesView {
  constructor(box, view) {
    this.box = box;
    this.view = view;
    this.chosen = "attention";
  }

  draw(data) {
    this.data = data;
    const plots = make("div", "plots");
    plots.append(...data.curves.map((panel) => this.plot(panel)));
    const areas = make("div", "scroller");
    areas.append(this.areas(data.areas));
    const twin = make("div", "scroller");
    twin.setAttribute("role", "region");
    twin.setAttribute("aria-label", "Every point of the curves");
    this.twin(twin, data.curves);
    this.box.replaceChildren(plots, areas, twin);
  }

  choose(name) {
    this.chosen = name;
    this.draw(this.data);
    [...this.box.querySelectorAll(".areas button")].find((one) => one.dataset.name === name)?.focus();
  }

  plot(panel) {
    const { height, left, right, top, bottom } = PLOT;
    const width = Math.min(580, Math.max(280, this.box.clientWidth || 580)); // narrow screens keep the size of the letters
    const most = panel.counts.at(-1);
    const every = [...panel.low, ...panel.high, ...panel.lines.flatMap((line) => line.logits)];
    const ticks = niceTicks(Math.min(...every), Math.max(...every));
    const x = (count) => left + ((width - left - right) * count) / most;
    const y = (value) => top + ((height - top - bottom) * (ticks.at(-1) - value)) / (ticks.at(-1) - ticks[0]);
    const path = (values) => values.map((value, index) => `${index ? "L" : "M"}${x(panel.counts[index]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": this.words(panel) });
    for (const tick of ticks) {
      svg.append(drawn("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }));
      svg.append(drawn("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick).replace("-", "−")));
    }
    for (const count of countTicks(most)) svg.append(drawn("text", { x: x(count), y: height - bottom + 16, "text-anchor": "middle" }, String(count)));
    svg.append(drawn("text", { x: (left + width - right) / 2, y: height - 3, "text-anchor": "middle" }, `logit (up) by ${panel.axis}`));
    const back = [...panel.low.keys()].reverse().map((index) => `L${x(panel.counts[index]).toFixed(1)} ${y(panel.low[index]).toFixed(1)}`).join("");
    svg.append(drawn("path", { class: "band", d: `${path(panel.high)}${back}Z` }));
    svg.append(drawn("path", { class: this.class("random", "curve"), d: path(panel.mean), "stroke-dasharray": STYLES.random.dash }));
    const ordered = [...panel.lines].sort((a, b) => (a.name === this.chosen) - (b.name === this.chosen)); // the chosen one on top
    for (const { name, logits } of ordered) {
      const { dash, mark: shape } = this.style(name);
      svg.append(drawn("path", { class: this.class(name, name === "best" ? "curve best" : "curve"), d: path(logits), "stroke-dasharray": dash }));
      if (shape) logits.forEach((value, index) => svg.append(mark(shape, x(panel.counts[index]), y(value), this.class(name, "dot"))));
    }
    const figure = make("figure");
    figure.append(make("figcaption", "", panel.title), svg);
    return figure;
  }

  /** Dashes and mark of an order's line, the same in both panels and in the table. */
  style(name) {
    if (STYLES[name]) return STYLES[name];
    const methods = this.data.areas.map((one) => one.name).filter((one) => !STYLES[one]);
    return OF_METHODS[methods.indexOf(name) % OF_METHODS.length];
  }

  class(name, plain) {
    return name === this.chosen ? `${plain} chosen` : plain;
  }

  /** A panel for those who do not see it; the tables have the same numbers. */
  words(panel) {
    const areas = this.data.areas.map((one) => `${one.name} ${one[panel.direction]}`).join(", ");
    return `${panel.title}. Mean logit over the curve by order: ${areas}. The tables below have every point.`;
  }

  areas(rows) {
    const table = make("table", "areas");
    table.append(make("caption", "", "Area of each order (mean logit over the curve). Choose an order to bring out its lines."));
    const head = table.createTHead().insertRow();
    for (const label of ["order", "deletion, lower is better", "insertion, higher is better"]) { const cell = make("th", "", label); cell.scope = "col"; head.append(cell); }
    const body = table.createTBody();
    for (const { name, deletion, insertion } of rows) {
      const line = body.insertRow();
      const cell = make("th");
      cell.scope = "row";
      const button = make("button");
      button.type = "button";
      button.dataset.name = name;
      button.setAttribute("aria-pressed", String(name === this.chosen));
      button.addEventListener("click", () => this.choose(name));
      button.append(this.sample(name), name === "random" ? "random, mean (range)" : name);
      cell.append(button);
      line.append(cell, make("td", "", deletion), make("td", "", insertion));
    }
    return table;
  }

  sample(name) {
    const { dash, mark: shape } = this.style(name);
    const svg = drawn("svg", { viewBox: "0 0 54 14", "aria-hidden": "true" });
    if (name === "random") svg.append(drawn("rect", { class: "band", x: 0, y: 0, width: 54, height: 14 }));
    svg.append(drawn("path", { class: this.class(name, name === "best" ? "curve best" : "curve"), d: "M0 7L54 7", "stroke-dasharray": dash }));
    if (shape) svg.append(mark(shape, 27, 7, this.class(name, "dot")));
    return svg;
  }

  twin(box, panels) {
    const names = panels[0].lines.map((line) => line.name);
    const shown = (value) => value.toFixed(2).replace("-", "−");
    const rows = panels.flatMap((panel) => panel.counts.map((count, index) => [
      `${count} ${panel.direction === "deletion" ? "taken out" : "put in"}`,
      ...panel.lines.map((line) => shown(line.logits[index])),
      `${shown(panel.mean[index])} (${shown(panel.low[index])} to ${shown(panel.high[index])})`,
    ]));
    this.view.drawTable("Every point of the curves: logits.", ["words", ...names, "random"], rows, box);
  }
}

function drawn(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function mark(shape, x, y, className) {
  const r = 3.5;
  const points = {
    square: [[-r, -r], [r, -r], [r, r], [-r, r]],
    diamond: [[0, -r - 1], [r + 1, 0], [0, r + 1], [-r - 1, 0]],
    triangle: [[0, -r - 1], [r + 1, r], [-r - 1, r]],
    down: [[0, r + 1], [r + 1, -r], [-r - 1, -r]],
  }[shape];
  return points
    ? drawn("polygon", { class: className, points: points.map(([dx, dy]) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join(" ") })
    : drawn("circle", { class: className, cx: x.toFixed(1), cy: y.toFixed(1), r });
}

/** About five round numbers from below the least to above the most. */
function niceTicks(low, high) {
  const span = Math.max(high - low, 1e-6);
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => span / one <= 5);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(6)));
}

function countTicks(most) {
  const step = Math.max(1, Math.ceil(most / 5));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}
