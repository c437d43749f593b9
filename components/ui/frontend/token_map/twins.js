/* The same numbers in other forms: bars and a table of one word, the matrix of all. */

const BARS = 12;
const TALL = 18; // px a row of the matrix
const WIDE = 18; // px a column

function partName(unit) {
  return { q: "query", d: "document", s: "special" }[unit.part];
}

/** Bars of one unit's main list, longest first, with numbers. */
function drawBars(box, main, words) {
  const list = make("ol", "bars");
  for (const { unit, share } of main.slice(0, BARS)) {
    const item = make("li");
    const bar = make("i");
    bar.style.width = `${100 * Math.min(1, share)}%`;
    const track = make("span", "track");
    track.append(bar);
    item.append(make("span", unit.part === "s" ? "name special" : "name", unit.text), track, make("b", "", percent(share)));
    list.append(item);
  }
  const rest = main.slice(BARS).reduce((sum, { share }) => sum + share, 0);
  const note = main.length > BARS ? ` ${main.length - BARS} more words: ${percent(rest)} in sum.` : "";
  box.replaceChildren(make("p", "what", words + note), list);
}

/** A real table of one unit: every unit it is linked to, what it sends there and what it gets from there. */
function drawTable(box, attention, sends, gets, name, bySends) {
  const table = make("table");
  table.append(make("caption", "", `Every word and special token: how much of ${name}'s weight goes to it, and how much of its own weight goes to ${name}. A dash: not held on this page.`));
  const head = table.createTHead().insertRow();
  for (const label of ["#", "word", "part", `gets from ${name}`, `sends to ${name}`]) {
    const cell = make("th", "", label);
    cell.scope = "col";
    head.append(cell);
  }
  const given = new Map(gets.map(({ unit, share }) => [unit.index, share]));
  const taken = new Map(sends.map(({ unit, share }) => [unit.index, share]));
  const order = [...attention.units].filter((unit) => given.has(unit.index) || taken.has(unit.index));
  const [first, second] = bySends ? [taken, given] : [given, taken];
  const by = (map, unit) => map.get(unit.index) ?? -1;
  order.sort((a, b) => by(first, b) - by(first, a) || by(second, b) - by(second, a) || a.index - b.index);
  const body = table.createTBody();
  for (const unit of order) {
    const row = body.insertRow();
    const cell = (text) => { const td = make("td", "", text); row.append(td); };
    cell(String(unit.index + 1));
    const word = make("th", "", short(unit.text));
    word.scope = "row";
    row.append(word);
    cell(partName(unit));
    cell(taken.has(unit.index) ? percent(taken.get(unit.index)) : "–");
    cell(given.has(unit.index) ? percent(given.get(unit.index)) : "–");
  }
  box.replaceChildren(table);
}

/** The matrix on a canvas: query words down, document words across, the sinks as numbers beside each row. */
class Matrix {
  constructor(box, onCell) {
    this.box = box;
    this.readout = make("p", "what");
    this.readout.setAttribute("role", "status");
    this.scroller = make("div", "scroller");
    this.canvas = make("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.scroller.append(this.canvas);
    this.at = [0, 0];
    this.canvas.addEventListener("pointermove", (event) => this.show(...this.cellAt(event)));
    this.canvas.addEventListener("click", (event) => {
      const [r] = this.cellAt(event);
      if (this.rows[r]) onCell(this.rows[r]);
    });
    this.canvas.addEventListener("keydown", (event) => {
      const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
      if (!step) return;
      event.preventDefault();
      this.show(this.at[0] + step[0], this.at[1] + step[1]);
    });
  }

  cellAt(event) {
    return [Math.floor((event.offsetY - this.top) / TALL), Math.floor((event.offsetX - this.left) / WIDE)];
  }

  draw(attention, table, state, scale, colours) {
    const flip = state.direction === "document-query";
    const all = attention.units;
    const rows = state.direction === "inner" ? "d" : "q";
    this.rows = state.direction === "cls" ? [attention.first()] : all.filter((unit) => unit.part === rows);
    this.columns = state.direction === "cls" ? all : all.filter((unit) => unit.part === "d");
    this.value = (row, column) => (flip ? attention.share(table, column, row) : attention.share(table, row, column)) ?? 0;
    const sinks = flip ? null : this.rows.map((row) => attention.sinks(table, row));
    this.left = 128;
    this.top = 84;
    const right = sinks ? 130 : 8;
    const width = this.left + this.columns.length * WIDE + right;
    const height = this.top + (this.rows.length + Number(flip)) * TALL + 6;
    const ratio = Math.min(devicePixelRatio || 1, 8000 / width);
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `12px ${colours.font}`;
    context.fillStyle = colours.text;
    const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
    context.textAlign = "right";
    this.rows.forEach((row, r) => context.fillText(cut(row.text, 18), this.left - 6, this.top + r * TALL + 13));
    context.textAlign = "left";
    this.columns.forEach((column, c) => {
      context.save();
      context.translate(this.left + c * WIDE + 12, this.top - 6);
      context.rotate(-Math.PI / 3.2);
      context.fillText(cut(column.text, 13), 0, 0);
      context.restore();
    });
    const end = this.left + this.columns.length * WIDE;
    if (sinks) {
      context.fillText("[CLS] + [SEP]", end + 8, this.top - 8);
      sinks.forEach((sink, r) => { if (sink) context.fillText(percent(sink.cls + sink.sep), end + 8, this.top + r * TALL + 13); });
    }
    this.rows.forEach((row, r) => this.columns.forEach((column, c) => {
      const share = this.value(row, column);
      context.fillStyle = colours.line;
      context.fillRect(this.left + c * WIDE, this.top + r * TALL, WIDE - 1, TALL - 1);
      context.globalAlpha = Math.min(1, share / scale);
      context.fillStyle = colours.ink;
      context.fillRect(this.left + c * WIDE, this.top + r * TALL, WIDE - 1, TALL - 1);
      context.globalAlpha = 1;
    }));
    this.special = flip ? this.columns.map((column) => attention.sinks(table, column)) : null;
    this.special?.forEach((sink, c) => { // the senders are the columns here: their sinks are one more row, in grey
      context.globalAlpha = sink ? Math.min(1, sink.cls + sink.sep) : 0;
      context.fillStyle = colours.text;
      context.fillRect(this.left + c * WIDE, this.top + this.rows.length * TALL, WIDE - 1, TALL - 1);
      context.globalAlpha = 1;
    });
    if (flip) {
      context.textAlign = "right";
      context.fillText("special tokens", this.left - 6, this.top + this.rows.length * TALL + 13);
    }
    this.canvas.setAttribute("aria-label", `Matrix of ${this.rows.length} by ${this.columns.length} shares; the arrow keys read it cell by cell, the table has the pinned word's numbers.`);
    this.flip = flip;
    setText(this.readout, `Rows are ${state.direction === "cls" ? "[CLS]" : rows === "d" ? "document words" : "query words"}, columns ${
      state.direction === "cls" ? "all words" : "document words"}; full tint is ${percent(scale)}. Point at a cell to read it.`);
    if (this.readout.parentNode !== this.box) this.box.replaceChildren(this.readout, this.scroller);
  }

  show(r, c) {
    if (this.special?.[c] && r === this.rows.length) {
      this.at = [r, c];
      setText(this.readout, `${named(this.columns[c])} sends ${percent(this.special[c].cls + this.special[c].sep)} of its weight to special tokens.`);
      return;
    }
    const row = this.rows?.[r];
    const column = this.columns?.[c];
    if (!row || !column) return;
    this.at = [r, c];
    const [from, to] = this.flip ? [column, row] : [row, column];
    setText(this.readout, `${named(from)} sends ${percent(this.value(row, column))} of its weight to ${named(to)}.`);
  }
}
