/* The rows of the table. A row keeps its elements as long as the columns stay: values are patched, so that what has the
   focus keeps it. */

function signed(move) {
  return move === 0 ? "=" : move > 0 ? `+${move}` : `−${-move}`;
}

class Row {
  constructor(view, record) {
    this.view = view;
    this.number = record.number;
    this.element = make("tr");
    this.element.dataset.number = record.number;
    this.isOpen = false;
    this.name = make("th", "number");
    this.name.scope = "row";
    this.opener = openButton(record.number, () => view.send);
    this.name.append(this.opener);
    this.move = make("td", "move");
    this.tokens = make("td", "tokens");
    this.makeText();
    this.judge = view.judging.cell(this);
    const hot = (on) => {
      this.element.classList.toggle("hot", on);
      view.chart.point(this.number, on);
    };
    this.element.addEventListener("pointerenter", () => hot(true));
    this.element.addEventListener("pointerleave", () => hot(false));
    this.element.addEventListener("focusin", () => hot(true));
    this.element.addEventListener("focusout", () => hot(false));
  }

  makeText() {
    this.text = make("td", "text");
    this.button = make("button");
    this.button.type = "button";
    this.button.dir = "auto";
    this.button.setAttribute("aria-expanded", "false");
    this.button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.text.append(this.button);
    this.full = make("div", "full");
    this.full.tabIndex = 0; // a long text can be scrolled with the keys
    this.full.setAttribute("role", "group");
    this.detail = make("tr", "detail"); // stands below the row while it is open, as wide as the table
    this.detailCell = make("td");
    this.detail.append(this.detailCell);
  }

  open() {
    this.isOpen = true;
    this.showText();
    this.view.layout();
  }

  close() {
    this.isOpen = false;
    if (this.view.striking.number === this.number) this.view.striking.set(0);
    this.showText();
    this.view.layout();
  }

  /** The row, and below it its opened text. */
  get elements() {
    return this.isOpen ? [this.element, this.detail] : [this.element];
  }

  fill(record) {
    const { data } = this.view;
    if (this.record && this.record.text !== record.text && this.isOpen) this.close(); // another document has this number now
    this.record = record;
    this.opener.disabled = data.blind; // Tokens would show the score
    const shape = JSON.stringify(data.columns.map((info) => [info.key, info.kind, info.name]));
    if (shape !== this.shape) this.build(shape, data);
    (record.cells ?? []).forEach((cell, index) => {
      const parts = this.scores[index];
      setText(parts.rank, String(cell.rank));
      parts.rank.classList.toggle("tie", cell.tie);
      if (cell.tie) parts.rank.title = "shares this rank"; else parts.rank.removeAttribute("title");
      parts.mark.style.left = `${100 * cell.share}%`;
      setText(parts.value, cell.value);
    });
    this.showText();
    setText(this.tokens, record.tokens ?? "");
    this.tokens.title = record.tokens_words ?? "";
    this.tokens.classList.toggle("lost", Boolean(record.lost));
    this.view.judging.fill(this);
  }

  build(shape, data) {
    this.shape = shape;
    this.scores = data.columns.map((info) => {
      const cell = make("td", `score ${info.kind.replace(" ", "-")}`);
      cell.dataset.label = info.name;
      const grid = make("div", "cell");
      const scale = make("span", "scale");
      scale.setAttribute("aria-hidden", "true");
      const parts = { cell, rank: make("span", "rank"), mark: make("i"), value: make("span", "value") };
      scale.append(parts.mark);
      grid.append(parts.rank, scale, parts.value);
      cell.append(grid);
      return parts;
    });
    const cells = this.scores.map((parts) => parts.cell);
    if (cells.length > 1) cells.push(this.move);
    const ends = cells.length ? [this.text, this.tokens, this.judge] : [this.text, this.judge];
    this.element.replaceChildren(this.name, ...cells, ...ends);
    this.detailCell.colSpan = this.element.cells.length;
  }

  /** The first line, or opened: the whole text, greyed where a model never saw it, underlined where a chunk decided. */
  showText() {
    const { record } = this;
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    setText(this.button, record.text);
    if (!this.isOpen) {
      this.detail.remove();
      this.shownText = null;
      return;
    }
    if (this.element.isConnected && this.element.nextSibling !== this.detail) this.element.after(this.detail);
    this.view.striking.fill(this);
    const shown = JSON.stringify([record.text, record.parts, record.tokens_words]);
    if (shown === this.shownText) return;
    this.shownText = shown;
    this.full.setAttribute("aria-label", `text of document ${record.number}`);
    const body = make("p", "whole");
    body.dir = "auto";
    body.append(...this.parts(record));
    this.full.replaceChildren(body);
    if (record.parts?.length) this.full.append(make("p", "read", `${record.tokens_words}.`));
    this.scrollToPoint();
  }

  /** Bring what is to be seen into the opened text: the chunk that decided, else the place where a model stopped. */
  scrollToPoint() {
    const point = this.full.querySelector(".best") ?? this.full.querySelector(".stop");
    if (point) this.full.scrollTop = Math.max(0, point.offsetTop - 70);
  }

  parts(record) {
    if (!record.parts?.length) return [record.text];
    const pieces = [];
    let start = 0;
    let unread = "";
    for (const part of record.parts) {
      if (part.unread.join() !== unread) {
        unread = part.unread.join();
        pieces.push(make("span", "stop", ` never read by ${part.unread.map((name) => `the ${name}`).join(" and ")}: `));
      }
      const classes = [part.unread.length ? "unread" : "", ...part.best.map((kind) => `best ${kind.replace(" ", "-")}`)];
      pieces.push(make("span", classes.join(" ").trim(), record.text.slice(start, part.end)));
      start = part.end;
    }
    return pieces;
  }
}
