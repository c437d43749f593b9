/* The slope chart: one line a document between the columns' ranks. Its last axis is the table itself: a line ends at its
   row (narrow: the chart stands above the cards and both its ends are labelled). */

const AXIS_GAP = 74; // px between two axes of the chart
const SVG = "http://www.w3.org/2000/svg";

/** The order of the rows under a column: by rank, ties by the document's number. */
function orderBy(rows, column) {
  return [...rows].sort((a, b) => a.cells[column].rank - b.cells[column].rank || a.number - b.number);
}

/** The columns in the chart's order: the one the table is ordered by comes last, next to the table. */
function axes(count, sorted) {
  return [...Array(count).keys()].filter((index) => index !== sorted).concat(sorted);
}

/** Where a rank stands on an axis: tied documents meet in the middle of the places they share. */
function place(rows, column, row) {
  const rank = row.cells[column].rank;
  const tied = rows.filter((other) => other.cells[column].rank === rank).length;
  return rank - 1 + (tied - 1) / 2;
}

function svgElement(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Where a row's middle is in its table, whether or not it is still moving there. */
function middle(row) {
  return row.offsetTop + row.offsetHeight / 2;
}

class SlopeChart {
  constructor(view) {
    this.view = view;
    this.box = view.at("chart");
  }

  /** Draw for the rows that are in the table now; nothing to draw for one column or one document. */
  draw() {
    const { data, column, rows: shown } = this.view;
    const count = data.columns.length;
    const isDrawn = count > 1 && data.rows.length > 1 && shown.size > 0;
    this.box.hidden = !isDrawn;
    if (!isDrawn) {
      this.box.replaceChildren();
      return;
    }
    const narrow = this.view.isNarrow;
    const order = axes(count, column);
    const rows = orderBy(data.rows, column).filter((record) => shown.has(record.number));
    const table = this.view.at("table");
    const body = table.tBodies[0];
    const tableTop = table.getBoundingClientRect().top - this.view.at("board").getBoundingClientRect().top;
    const top = narrow ? 26 : tableTop + body.offsetTop;
    const middles = rows.map((record) => tableTop + middle(shown.get(record.number))); // of the table's rows
    const step = Math.min(22, Math.max(5, 240 / rows.length)); // between two ranks where no row stands beside them
    const width = narrow ? this.view.root.clientWidth - 4 : AXIS_GAP * count + (count > 3 ? 0 : 40);
    const left = 30;
    const right = width - (narrow ? 30 : 14);
    const x = (axis) => left + ((right - left) * axis) / (count - 1);
    const height = narrow ? top + step * rows.length + 6 : top + body.offsetHeight;
    const y = (record, axis) => {
      if (!narrow && axis === count - 1) return tableTop + middle(shown.get(record.number));
      const spot = place(data.rows, order[axis], record); // from 0, between two places for a tie
      if (narrow) return Math.min(top + step / 2 + spot * step, height - 4);
      const [before, after] = [Math.floor(spot), Math.ceil(spot)].map((row) => middles[Math.min(row, middles.length - 1)]);
      return before + (after - before) * (spot - Math.floor(spot));
    };
    this.paint({ order, rows, narrow, width, height, x, y, top });
  }

  ink(index) {
    const kinds = { "bi-encoder": "bi", "cross-encoder": "cross" };
    return `var(--${kinds[this.view.data.columns[index].kind] ?? "words"})`;
  }

  paint({ order, rows, narrow, width, height, x, y, top }) {
    const { view } = this;
    const svg = svgElement("svg", { width, height, role: "img", "aria-label": view.data.chart_words });
    svg.append(this.gradients(order, x), ...this.names(order, narrow, x, top));
    const biggest = Math.max(1, ...rows.map((record) => Math.abs(view.move(record))));
    const byMove = [...rows].sort((a, b) => Math.abs(view.move(a)) - Math.abs(view.move(b)));
    const groups = new Map();
    for (const record of byMove) {
      const group = svgElement("g", { "data-number": record.number });
      const points = order.map((_, axis) => [x(axis), y(record, axis)]);
      const isMoved = Math.abs(view.move(record)) / biggest >= 0.5;
      points.slice(0, -1).forEach(([x1, y1], axis) => {
        const [x2, y2] = points[axis + 1];
        const bend = (x2 - x1) / 2.4;
        group.append(svgElement("path", {
          class: isMoved ? "line moved" : "line",
          d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2 + 0.01}`,
          stroke: isMoved ? `url(#slope-${axis})` : "var(--quiet)",
        }));
      });
      points.forEach(([px, py], axis) => group.append(this.mark(order[axis], px, py)));
      groups.set(record, group);
      svg.append(group);
    }
    this.labelEnd(groups, 0, order[0], narrow, x, y);
    if (narrow) this.labelEnd(groups, order.length - 1, order.at(-1), narrow, x, y);
    this.box.replaceChildren(svg);
  }

  gradients(order, x) {
    const defs = svgElement("defs", {});
    order.slice(0, -1).forEach((from, axis) => {
      const gradient = svgElement("linearGradient", {
        id: `slope-${axis}`, gradientUnits: "userSpaceOnUse", x1: x(axis), x2: x(axis + 1), y1: 0, y2: 0,
      });
      gradient.append(svgElement("stop", { offset: "0.15", style: `stop-color:${this.ink(from)}` }));
      gradient.append(svgElement("stop", { offset: "0.85", style: `stop-color:${this.ink(order[axis + 1])}` }));
      defs.append(gradient);
    });
    return defs;
  }

  names(order, narrow, x, top) {
    return order.map((column, axis) => {
      const isLast = axis === order.length - 1;
      const label = svgElement("text", {
        x: axis === 0 ? x(axis) - 26 : x(axis), y: top - 10,
        "text-anchor": axis === 0 ? "start" : isLast ? "end" : "middle",
        style: `fill:${this.ink(column)};font-weight:600`,
      });
      label.textContent = narrow || !isLast ? this.view.data.columns[column].short : "";
      return label;
    });
  }

  /** Kinds differ by shape as well as by colour. */
  mark(column, x, y) {
    const style = `fill:${this.ink(column)}`;
    return this.view.data.columns[column].kind === "cross-encoder"
      ? svgElement("rect", { x: x - 4, y: y - 4, width: 8, height: 8, transform: `rotate(45 ${x} ${y})`, style })
      : svgElement("circle", { cx: x, cy: y, r: 4.5, style });
  }

  /** Ranks (narrow: document numbers) at one axis, best rank first; a label that would lie on another is left out. */
  labelEnd(groups, axis, column, narrow, x, y) {
    let last = -Infinity;
    for (const record of orderBy([...groups.keys()], column)) {
      const at = y(record, axis);
      if (at - last < 11) continue;
      last = at;
      const text = svgElement("text", {
        x: x(axis) + (axis ? 10 : -10), y: at + 4, "text-anchor": axis ? "start" : "end",
      });
      text.textContent = narrow ? `#${record.number}` : String(record.cells[column].rank);
      groups.get(record).append(text);
    }
  }

  point(number, isHot) {
    this.box.querySelector(`g[data-number="${number}"]`)?.classList.toggle("hot", isHot);
  }
}
