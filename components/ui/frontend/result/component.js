/* The comparison: finding, slope chart, table. The chart's last axis is the table itself: a line ends at its row. */

const FIRST_ROWS = 50; // more rows come on request
const NARROW = 640; // px
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

function signed(move) {
  return move === 0 ? "=" : move > 0 ? `+${move}` : `−${-move}`;
}

class ResultView {
  constructor(root) {
    this.root = root;
    this.sorted = null; // index of the column the rows are ordered by; null: the last neural one
    this.open = new Set(); // numbers of the documents whose whole text is shown
    this.all = false;
    this.rows = new Map();
    this.at = (id) => root.querySelector(`#${id}`);
    this.at("more").addEventListener("click", () => { this.all = true; this.draw(); });
    this.at("stop").addEventListener("click", () => {
      this.at("stop").disabled = true;
      setText(this.at("waiting"), "Stopping …");
      this.send("stop", Date.now());
    });
    this.at("retry").addEventListener("click", () => { this.at("retry").hidden = true; this.send("retry", Date.now()); });
    listenForOpening(this.at("table").tBodies[0], () => this.send);
    new ResizeObserver(() => this.layout()).observe(root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("stale", data.stale);
    this.at("board").setAttribute("aria-busy", String(data.stale));
    setText(this.at("finding"), data.finding);
    setText(this.at("work"), data.work);
    this.at("work").title = data.work_details;
    setText(this.at("waiting"), data.waiting);
    this.at("stop").hidden = !data.stoppable;
    if (!data.stoppable) this.at("stop").disabled = false;
    this.at("retry").hidden = !data.retry;
    this.at("progress").firstElementChild.style.width = data.total ? `${(100 * data.done) / data.total}%` : "0";
    this.drawChoices();
    const notes = data.notes.map((note) => make("li", "", note));
    this.at("notes").replaceChildren(...notes);
    const shown = JSON.stringify([data.columns, data.rows, data.made]);
    if (shown !== this.shown) {
      this.shown = shown;
      if (this.sorted !== null && this.sorted >= data.columns.length) this.sorted = null;
      this.draw();
    }
  }

  drawChoices() {
    const { choices, most_columns: most, session } = this.data;
    const wanted = JSON.stringify([session, choices]);
    if (this.choices === wanted) return;
    this.choices = wanted;
    const boxes = choices.map((choice) => {
      const box = make("input");
      box.type = "checkbox";
      box.value = choice.key;
      box.checked = choice.chosen;
      const label = make("label");
      label.append(box, `${choice.kind} `, make("span", "", choice.name));
      return [box, label];
    });
    const limit = () => {
      const chosen = boxes.filter(([box]) => box.checked).length;
      for (const [box] of boxes) box.disabled = box.checked ? chosen === 1 : chosen >= most;
    };
    for (const [box] of boxes) {
      box.addEventListener("change", () => {
        limit();
        this.send("columns", boxes.filter(([other]) => other.checked).map(([other]) => other.value));
      });
    }
    limit();
    const focused = this.root.getRootNode().activeElement?.value;
    this.at("choices").replaceChildren(...boxes.map(([, label]) => label));
    boxes.find(([box]) => box.value === focused)?.[0].focus();
  }

  /** The column in charge of the order: chosen by a click, else the last model. */
  get column() {
    return this.sorted ?? this.data.sort_column;
  }

  draw() {
    const { data } = this;
    this.drawAgreement();
    setText(this.at("made"), data.made);
    setText(this.at("caption"), data.caption);
    this.at("table").hidden = !data.rows.length;
    this.drawHead();
    this.drawRows();
    this.layout();
  }

  drawAgreement() {
    const [single, ...others] = this.data.agreements;
    const box = this.at("agree");
    box.replaceChildren();
    const { terms } = this.data;
    const isTable = others.length > 0;
    if (single && !isTable) {
      box.append(termButton(this.root, "tau-b", terms["tau-b"]), ` ${single.tau}, `);
      box.append(termButton(this.root, `${single.shared} of the first ${single.k} shared`, terms.shared));
    }
    this.at("pairs").hidden = !isTable;
    if (!isTable) return;
    const head = make("tr");
    for (const label of ["columns", "tau-b", "shared"]) {
      const cell = make("th");
      cell.scope = "col";
      cell.append(label in terms ? termButton(this.root, label, terms[label]) : label);
      head.append(cell);
    }
    this.at("pairs").tHead.replaceChildren(head);
    this.at("pairs").tBodies[0].replaceChildren(...this.data.agreements.map((pair) => {
      const row = make("tr");
      const name = make("th", "", `${pair.first} and ${pair.second}`);
      name.scope = "row";
      row.append(name, make("td", "", pair.tau), make("td", "", `${pair.shared} of the first ${pair.k}`));
      return row;
    }));
  }

  drawHead() {
    const { data, column } = this;
    const row = make("tr");
    const add = (className, label, term) => {
      const cell = make("th", className);
      cell.scope = "col";
      cell.append(term ? termButton(this.root, label, term) : label);
      row.append(cell);
      return cell;
    };
    add("number", "#");
    data.columns.forEach((info, index) => {
      const cell = make("th", `score ${info.kind.replace(" ", "-")}`);
      cell.scope = "col";
      const by = make("button", "by kind", info.name);
      by.type = "button";
      by.title = "Order the rows by this column";
      by.addEventListener("click", () => { this.sorted = index; this.draw(); this.focusHead(index); });
      const unit = make("span", "unit");
      unit.append(termButton(this.root, info.unit, data.terms[info.unit]), ` ${info.low} … ${info.high} · `);
      unit.append(termButton(this.root, "about", data.terms[info.kind]));
      cell.append(by, unit);
      if (index === column) cell.setAttribute("aria-sort", "ascending");
      row.append(cell);
    });
    if (data.columns.length > 1) add("move", "move", data.terms.move);
    add("text", "document");
    add("tokens", "tokens", data.terms.tokens);
    this.at("table").tHead.replaceChildren(row);
  }

  focusHead(index) {
    this.at("table").tHead.querySelectorAll("button.by")[index]?.focus();
  }

  drawRows() {
    const { data, column } = this;
    const body = this.at("table").tBodies[0];
    const before = new Map([...this.rows].map(([number, row]) => [number, row.isConnected ? row.offsetTop : null]));
    const ordered = orderBy(data.rows, column);
    const limit = this.all ? ordered.length : FIRST_ROWS;
    const focused = this.root.getRootNode().activeElement;
    const kept = new Map();
    for (const record of ordered.slice(0, limit)) {
      const row = this.rows.get(record.number) ?? this.newRow(record.number);
      this.fillRow(row, record);
      kept.set(record.number, row);
    }
    body.replaceChildren(...kept.values());
    this.rows = kept;
    if (focused && focused.isConnected) focused.focus({ preventScroll: true });
    this.at("more").hidden = ordered.length <= limit;
    setText(this.at("more"), `Show all ${ordered.length} documents`);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [number, row] of kept) {
      const from = before.get(number);
      if (from !== undefined && from !== null && from !== row.offsetTop) {
        row.animate([{ transform: `translateY(${from - row.offsetTop}px)` }, { transform: "none" }], 200);
      }
    }
  }

  newRow(number) {
    const row = make("tr");
    row.dataset.number = number;
    const hot = (on) => {
      row.classList.toggle("hot", on);
      this.at("chart").querySelector(`g[data-number="${number}"]`)?.classList.toggle("hot", on);
    };
    row.addEventListener("pointerenter", () => hot(true));
    row.addEventListener("pointerleave", () => hot(false));
    row.addEventListener("focusin", () => hot(true));
    row.addEventListener("focusout", () => hot(false));
    return row;
  }

  fillRow(row, record) {
    const { data } = this;
    const wanted = JSON.stringify([record, data.columns]);
    if (row.dataset.filled === wanted) return;
    row.dataset.filled = wanted;
    const name = make("th", "number");
    name.append(openButton(record.number, () => this.send));
    name.scope = "row";
    const cells = [name];
    record.cells.forEach((cell, index) => {
      const info = data.columns[index];
      const td = make("td", `score ${info.kind.replace(" ", "-")}`);
      td.dataset.label = info.name;
      const grid = make("div", "cell");
      const rank = make("span", cell.tie ? "rank tie" : "rank", String(cell.rank));
      if (cell.tie) rank.title = "shares this rank";
      const scale = make("span", "scale");
      scale.setAttribute("aria-hidden", "true");
      const mark = make("i");
      mark.style.left = `${100 * cell.share}%`;
      scale.append(mark);
      grid.append(rank, scale, make("span", "value", cell.value));
      td.append(grid);
      cells.push(td);
    });
    if (data.columns.length > 1) cells.push(make("td", "move", signed(this.move(record))));
    cells.push(this.textCell(record));
    const tokens = make("td", record.lost ? "tokens lost" : "tokens", record.tokens);
    tokens.title = record.tokens_words;
    cells.push(tokens);
    row.replaceChildren(...cells);
  }

  move(record) {
    const [first] = axes(this.data.columns.length, this.column);
    return record.cells[first].rank - record.cells[this.column].rank;
  }

  textCell(record) {
    const cell = make("td", "text");
    const button = make("button", "", record.text);
    button.type = "button";
    button.dir = "auto";
    button.setAttribute("aria-expanded", String(this.open.has(record.number)));
    button.addEventListener("click", () => {
      const open = !this.open.has(record.number);
      this.open[open ? "add" : "delete"](record.number);
      button.setAttribute("aria-expanded", String(open));
      this.layout();
    });
    cell.append(button);
    return cell;
  }

  layout() {
    if (!this.data || !this.root.clientWidth) return; // not on the screen yet
    const narrow = this.root.clientWidth < NARROW;
    this.root.classList.toggle("narrow", narrow);
    const chart = this.at("chart");
    const count = this.data.columns.length;
    const isDrawn = count > 1 && this.data.rows.length > 1;
    chart.hidden = !isDrawn;
    for (const row of this.rows.values()) {
      const cell = row.querySelector("td.move");
      const record = this.data.rows.find((other) => String(other.number) === row.dataset.number);
      if (cell && record) setText(cell, signed(this.move(record)));
    }
    if (!isDrawn) { chart.replaceChildren(); return; }
    const order = axes(count, this.column);
    const rows = orderBy(this.data.rows, this.column).filter((record) => this.rows.has(record.number));
    const body = this.at("table").tBodies[0];
    const top = narrow ? 26 : body.getBoundingClientRect().top - this.at("board").getBoundingClientRect().top;
    const boardTop = this.at("board").getBoundingClientRect().top;
    const firstRow = body.rows[0].getBoundingClientRect();
    const step = narrow ? Math.min(22, Math.max(5, 240 / rows.length)) : firstRow.height;
    const width = narrow ? this.root.clientWidth - 4 : AXIS_GAP * count + (count > 3 ? 0 : 40);
    const left = 30;
    const right = width - (narrow ? 30 : 14);
    const x = (axis) => left + ((right - left) * axis) / (count - 1);
    const boardHeight = narrow ? top + step * rows.length + 6 : this.at("table").offsetHeight;
    const y = (record, axis) => {
      if (!narrow && axis === count - 1) {
        const row = this.rows.get(record.number);
        return row.getBoundingClientRect().top - boardTop + step / 2;
      }
      const spot = place(this.data.rows, order[axis], record);
      return Math.min(top + step / 2 + spot * step, boardHeight - 4);
    };
    this.drawChart({ order, rows, narrow, width, height: boardHeight, x, y, top });
  }

  drawChart({ order, rows, narrow, width, height, x, y, top }) {
    const { columns } = this.data;
    const svg = svgElement("svg", { width, height, role: "img", "aria-label": this.data.chart_words });
    const ink = (index) => `var(--${{ "bi-encoder": "bi", "cross-encoder": "cross" }[columns[index].kind] ?? "words"})`;
    const biggest = Math.max(1, ...rows.map((record) => Math.abs(this.move(record))));
    const defs = svgElement("defs", {});
    svg.append(defs);
    order.slice(0, -1).forEach((from, axis) => {
      const gradient = svgElement("linearGradient", {
        id: `slope-${axis}`, gradientUnits: "userSpaceOnUse", x1: x(axis), x2: x(axis + 1), y1: 0, y2: 0,
      });
      gradient.append(svgElement("stop", { offset: "0.15", style: `stop-color:${ink(from)}` }));
      gradient.append(svgElement("stop", { offset: "0.85", style: `stop-color:${ink(order[axis + 1])}` }));
      defs.append(gradient);
    });
    order.forEach((column, axis) => {
      const isLast = axis === order.length - 1;
      const label = svgElement("text", {
        x: x(axis), y: top - 10, "text-anchor": axis === 0 ? "start" : isLast ? "end" : "middle",
        style: `fill:${ink(column)};font-weight:600`,
      });
      label.textContent = narrow || !isLast ? columns[column].short : "";
      if (axis === 0) label.setAttribute("x", x(axis) - 26);
      svg.append(label);
    });
    const byMove = [...rows].sort((a, b) => Math.abs(this.move(a)) - Math.abs(this.move(b)));
    const groups = new Map();
    for (const record of byMove) {
      const group = svgElement("g", { "data-number": record.number });
      const points = order.map((_, axis) => [x(axis), y(record, axis)]);
      const share = Math.abs(this.move(record)) / biggest;
      points.slice(0, -1).forEach(([x1, y1], axis) => {
        const [x2, y2] = points[axis + 1];
        const bend = (x2 - x1) / 2.4;
        group.append(svgElement("path", {
          class: share >= 0.5 ? "line moved" : "line",
          d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2 + 0.01}`,
          stroke: share >= 0.5 ? `url(#slope-${axis})` : "var(--quiet)",
        }));
      });
      points.forEach(([px, py], axis) => {
        const kind = columns[order[axis]].kind;
        group.append(kind === "cross-encoder"
          ? svgElement("rect", { x: px - 4, y: py - 4, width: 8, height: 8, transform: `rotate(45 ${px} ${py})`, style: `fill:${ink(order[axis])}` })
          : svgElement("circle", { cx: px, cy: py, r: 4.5, style: `fill:${ink(order[axis])}` }));
      });
      groups.set(record, group);
      svg.append(group);
    }
    this.labelEnd(groups, 0, order[0], narrow, x, y);
    if (narrow) this.labelEnd(groups, order.length - 1, order.at(-1), narrow, x, y);
    this.at("chart").replaceChildren(svg);
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
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".result");
  const view = root.labView ?? (root.labView = new ResultView(root));
  view.update(data, setTriggerValue);
}
