/* The comparison: finding, slope chart, table with judgments. */

const FIRST_ROWS = 50; // more rows come on request
const NARROW = 640; // px

class ResultView {
  constructor(root) {
    this.root = root;
    this.sorted = null; // index of the column the rows are ordered by; null: the last neural one
    this.all = false;
    this.rows = new Map(); // number of a document -> its tr
    this.known = new Map(); // number of a document -> its Row
    this.at = (id) => root.querySelector(`#${id}`);
    this.chart = new SlopeChart(this);
    this.judging = new Judging(this);
    this.striking = new Striking(this);
    this.exports = new Exports(this);
    this.at("more").addEventListener("click", () => { this.all = true; this.draw(); });
    this.at("stop").addEventListener("click", () => {
      this.at("stop").disabled = true;
      setText(this.at("waiting"), "Stopping …");
      this.send("stop", Date.now());
    });
    this.at("retry").addEventListener("click", () => { this.at("retry").hidden = true; this.send("retry", Date.now()); });
    this.at("pooling").addEventListener("change", () => this.send("pooling", this.at("pooling").value));
    this.at("precision").addEventListener("change", () => this.send("precision", this.at("precision").value));
    foldAway(root);
    const open = () => (this.data.blind ? () => {} : this.send); // Tokens would show the score
    listenForOpening(this.at("table").tBodies[0], open);
    new ResizeObserver(() => this.layout()).observe(root);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("stale", data.stale);
    this.root.classList.toggle("blind", data.blind);
    this.root.classList.toggle("many", data.columns.length > 2);
    this.at("board").setAttribute("aria-busy", String(data.stale));
    setText(this.at("finding"), data.finding);
    setText(this.at("lesson"), data.lesson);
    setText(this.at("work"), data.work);
    this.at("work").title = data.work_details;
    setText(this.at("waiting"), data.waiting);
    this.at("stop").hidden = !data.stoppable;
    if (!data.stoppable) this.at("stop").disabled = false;
    this.at("retry").hidden = !data.retry;
    this.at("progress").firstElementChild.style.width = data.total ? `${(100 * data.done) / data.total}%` : "0";
    this.at("reading").hidden = !data.is_long && data.pooling === "whole";
    this.at("pooling").value = data.pooling;
    this.at("precision").value = data.precision ?? "exact";
    this.at("precision").options[1].disabled = !data.fast_possible;
    setText(this.at("fast-words"), data.fast_words ?? "");
    if (!this.at("chunk-term").childElementCount) {
      this.at("chunk-term").append(termButton(this.root, "What is a chunk?", data.terms.chunk));
    }
    this.drawChoices();
    this.at("notes").replaceChildren(...data.notes.map((note) => make("li", "", note)));
    this.judging.update(data);
    this.exports.update(data);
    const shown = JSON.stringify([data.columns, data.rows, data.made, data.blind]);
    if (shown !== this.shown) {
      this.shown = shown;
      if (this.sorted !== null && this.sorted >= data.columns.length) this.sorted = null;
      this.draw();
    }
    this.striking.update();
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

  get isNarrow() {
    return this.root.clientWidth < NARROW;
  }

  /** The Row an element stands in. */
  rowOf(element) {
    return this.known.get(Number(element.closest("tr[data-number]")?.dataset.number));
  }

  /** The row so many places further down (or up) on the screen. */
  neighbour(row, step) {
    const numbers = [...this.rows.keys()];
    return this.known.get(numbers[numbers.indexOf(row.number) + step]);
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
    const head = make("tr");
    for (const label of ["columns", "tau-b", "shared"]) {
      const cell = make("th");
      cell.scope = "col";
      cell.append(label in terms ? termButton(this.root, label, terms[label]) : label);
      head.append(cell);
    }
    this.at("pairs").tHead.replaceChildren(head);
    const pairs = isTable ? this.data.agreements : [];
    this.at("pairs").tBodies[0].replaceChildren(...pairs.map((pair) => {
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
    if (data.columns.length) add("tokens", "tokens", data.terms.tokens);
    add("judge", "judge", data.terms.judge);
    this.at("table").tHead.replaceChildren(row);
  }

  focusHead(index) {
    this.at("table").tHead.querySelectorAll("button.by")[index]?.focus();
  }

  drawRows() {
    const { data, column } = this;
    const body = this.at("table").tBodies[0];
    const before = new Map([...this.rows].map(([number, row]) => [number, row.isConnected ? row.offsetTop : null]));
    const ordered = data.columns.length ? orderBy(data.rows, column) : data.rows;
    const limit = this.all ? ordered.length : FIRST_ROWS;
    const focused = this.root.getRootNode().activeElement;
    const kept = new Map();
    for (const record of ordered.slice(0, limit)) {
      const row = this.known.get(record.number) ?? new Row(this, record);
      this.known.set(record.number, row);
      row.fill(record);
      kept.set(record.number, row.element);
    }
    for (const number of this.known.keys()) if (!kept.has(number)) this.known.delete(number);
    this.rows = kept;
    const wanted = [...kept.keys()].flatMap((number) => this.known.get(number).elements);
    if (wanted.length !== body.rows.length || wanted.some((row, place) => body.rows[place] !== row)) {
      body.replaceChildren(...wanted);
    }
    if (focused && focused.isConnected && this.root.getRootNode().activeElement !== focused) {
      focused.focus({ preventScroll: true });
    }
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

  move(record) {
    const [first] = axes(this.data.columns.length, this.column);
    return record.cells[first].rank - record.cells[this.column].rank;
  }

  layout() {
    if (!this.data || !this.root.clientWidth) return; // not on the screen yet
    this.root.classList.toggle("narrow", this.isNarrow);
    if (this.data.columns.length > 1) {
      for (const row of this.known.values()) setText(row.move, signed(this.move(row.record)));
    }
    this.chart.draw();
  }
}

/** Menus close by Escape and by a click elsewhere. */
function foldAway(root) {
  const menus = [...root.querySelectorAll("details")];
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && menus.find((menu) => menu.open);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    for (const menu of menus) if (menu.open && !event.composedPath().includes(menu)) menu.open = false;
  });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".result");
  const view = root.labView ?? (root.labView = new ResultView(root));
  view.update(data, setTriggerValue);
}
