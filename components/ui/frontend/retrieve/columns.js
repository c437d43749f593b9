/* The two columns: the first stage's order and the cross-encoder's order of the same, with the moves between them. */

const FEW_ROWS = 10;
const NARROW = 700; // px

/** Candidates after both stages: the first k by logit (ties by id, descending, as trec_eval), the rest as they were. */
function reordered(rows, k) {
  const head = rows.slice(0, k).map((row, at) => ({ ...row, was: at + 1 }));
  head.sort((a, b) => b.logit - a.logit || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
  return head;
}

class Columns {
  constructor(view) {
    this.view = view;
    this.all = false;
    this.open = new Set();
    this.pending = new Map(); // id -> grade that the server has not confirmed
    this.number = Date.now();
    this.tables = {};
    for (const side of ["left", "right"]) {
      const table = make("table", side === "left" ? "first" : "second");
      table.append(make("caption", "sr"), table.createTHead(), make("tbody"));
      view.at(side).append(table);
      this.tables[side] = table;
      table.tBodies[0].addEventListener("keydown", (event) => this.onKey(event));
      table.tBodies[0].addEventListener("pointerover", (event) => this.point(event.target.closest("tr")?.dataset.id));
      table.tBodies[0].addEventListener("pointerleave", () => this.point(null));
    }
    view.at("more").addEventListener("click", () => { this.all = !this.all; this.draw(); });
    new ResizeObserver(() => this.drawMoves()).observe(view.at("board"));
  }

  gradeOf(row) {
    return this.pending.has(row.id) ? this.pending.get(row.id).grade : row.grade;
  }

  /** Forget what the server has taken over by now. */
  settle(number) {
    for (const [id, given] of this.pending) if (given.number <= number) this.pending.delete(id);
  }

  draw() {
    const { result, terms } = this.view.data;
    if (!result) return;
    const k = Math.min(this.view.k, result.depth || result.rows.length);
    const limit = this.all ? 10_000 : FEW_ROWS;
    const first = result.rows.slice(0, Math.max(k, Math.min(FEW_ROWS, result.rows.length)));
    const second = result.depth ? reordered(result.rows, k) : [];
    this.ranks = new Map(second.map((row, at) => [row.id, at + 1]));
    this.head("left", ["rank", result.stage, result.unit, terms[result.stage] ?? terms.fused], first.length);
    this.head("right", ["rank", "cross-encoder", "logit", terms["cross-encoder"]], second.length);
    this.fill("left", first.slice(0, limit), k);
    this.fill("right", second.slice(0, limit), k);
    this.view.at("right").hidden = !second.length;
    const more = this.view.at("more");
    more.hidden = k <= FEW_ROWS;
    setText(more, this.all ? `Show the first ${FEW_ROWS}` : `Show all ${k}`);
    requestAnimationFrame(() => this.drawMoves());
  }

  head(side, [rank, name, unit, term], count) {
    const table = this.tables[side];
    const key = `${name}|${unit}|${count}`;
    if (table.dataset.key === key) return;
    table.dataset.key = key;
    const what = side === "left" ? `first stage: ${name}` : name;
    setText(table.caption, `${what}, ${count} passages in its order`);
    const row = make("tr");
    const cells = [make("th", "rank", ""), make("th", "text"), make("th", "move", side === "right" ? "move" : "to")];
    cells.push(make("th", "value", unit), make("th", "judge", "judge"));
    cells[0].append(make("span", "sr", rank));
    cells[1].append(make("span", side === "left" ? "name first-name" : "name cross-name", side === "left" ? "First stage: " : "Second stage: "));
    cells[1].append(termButton(this.view.root, name, term));
    cells.forEach((cell) => { cell.scope = "col"; });
    row.append(...cells);
    table.tHead.replaceChildren(row);
  }

  fill(side, rows, k) {
    const body = this.tables[side].tBodies[0];
    const known = new Map([...body.children].map((row) => [row.dataset.id, row]));
    const wanted = rows.map((row, at) => {
      const element = known.get(row.id) ?? this.row(side, row.id);
      this.patch(element, side, row, at + 1, k);
      return element;
    });
    wanted.forEach((element, at) => { if (body.children[at] !== element) body.insertBefore(element, body.children[at] ?? null); });
    while (body.children.length > wanted.length) body.lastChild.remove();
  }

  row(side, id) {
    const element = make("tr");
    element.dataset.id = id;
    const rank = make("th", "rank");
    rank.scope = "row";
    const text = make("td", "text");
    const button = make("button", "passage");
    button.type = "button";
    button.addEventListener("click", () => {
      this.open.has(id) ? this.open.delete(id) : this.open.add(id);
      this.draw();
    });
    text.append(button);
    const judge = make("td", "judge");
    const group = make("span", "grades");
    group.setAttribute("role", "group");
    for (const grade of [0, 1, 2, 3]) {
      const one = make("button", "grade", String(grade));
      one.type = "button";
      one.addEventListener("click", () => this.give(id, one.getAttribute("aria-pressed") === "true" ? null : grade));
      group.append(one);
    }
    const tokens = make("button", "open", "▸");
    tokens.type = "button";
    tokens.title = "Open this pair in Tokens (key T)";
    tokens.addEventListener("click", () => this.view.send("open", id));
    judge.append(group, tokens);
    element.append(rank, text, make("td", "move"), make("td", "value"), judge);
    return element;
  }

  patch(element, side, row, rank, k) {
    const [number, text, move, value, judge] = element.children;
    setText(number, String(rank));
    const isOpen = this.open.has(row.id);
    this.fillText(text, row, isOpen);
    element.classList.toggle("opened", isOpen);
    text.firstChild.setAttribute("aria-expanded", String(isOpen));
    element.classList.toggle("cut-off", side === "left" && rank > k);
    const other = side === "left" ? this.ranks.get(row.id) : row.was;
    setText(move, side === "left" ? (other ? `to ${other}` : "cut off") : row.was === rank ? "=" : row.was > rank ? `+${row.was - rank}` : `−${rank - row.was}`);
    move.title = side === "left" ? "" : `rank ${row.was} in the first stage`;
    setText(value, side === "left" ? row.score : row.shown_logit);
    const given = this.gradeOf(row);
    const group = judge.firstChild;
    group.setAttribute("aria-label", `judgment of ${row.id}`);
    [...group.children].forEach((button, grade) => {
      button.setAttribute("aria-pressed", String(grade === given));
      button.setAttribute("aria-label", `${grade}, ${this.view.data.grade_words[grade]}`);
      button.title = this.view.data.grade_words[grade];
      button.tabIndex = grade === (given ?? 0) ? 0 : -1;
    });
    judge.lastChild.setAttribute("aria-label", `${row.id}: open this pair in Tokens`);
    element.classList.toggle("relevant", (given ?? 0) > 0);
  }

  /** The first line, or opened the whole: what a model never saw is grey, with how much each one read. */
  fillText(cell, row, isOpen) {
    const key = JSON.stringify([row.text, row.parts, isOpen]);
    if (cell.dataset.key === key) return;
    cell.dataset.key = key;
    const button = cell.firstChild;
    while (cell.children.length > 1) cell.lastChild.remove();
    if (!row.parts.length) { setText(button, row.text); return; }
    if (!isOpen) { setText(button, row.text); cell.append(make("span", "lost", "cut")); cell.lastChild.title = row.tokens; return; }
    let start = 0;
    button.replaceChildren(...row.parts.map((part) => {
      const piece = make("span", part.unread.length ? "unread" : "", row.text.slice(start, part.end));
      start = part.end;
      return piece;
    }));
    cell.append(make("p", "read", `${row.tokens}.`));
  }

  give(id, grade) {
    this.number = Math.max(this.number + 1, Date.now());
    this.pending.set(id, { grade, number: this.number });
    this.draw();
    clearTimeout(this.timer);
    const query = this.view.data.result.query;
    this.timer = setTimeout(() => {
      const grades = Object.fromEntries([...this.pending].map(([one, given]) => [one, given.grade]));
      this.view.send("judge", { query, grades, number: this.number });
    }, 250);
  }

  onKey(event) {
    const row = event.target.closest("tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-3]$/.test(event.key)) this.give(row.dataset.id, Number(event.key));
    else if (event.key === "Backspace") this.give(row.dataset.id, null);
    else if (event.key.toLowerCase() === "t") this.view.send("open", row.dataset.id);
    else if (event.key === "ArrowDown") row.nextElementSibling?.querySelector(".passage").focus();
    else if (event.key === "ArrowUp") row.previousElementSibling?.querySelector(".passage").focus();
    else return;
    event.preventDefault();
  }

  point(id) {
    for (const element of this.view.root.querySelectorAll(".hot")) element.classList.remove("hot");
    if (!id) return;
    for (const element of this.view.root.querySelectorAll(`[data-id="${CSS.escape(id)}"]`)) element.classList.add("hot");
  }

  /** A line a passage from its place on the left to its place on the right; stubs for what stands further down. */
  drawMoves() {
    const svg = this.view.at("moves");
    const board = this.view.at("board").getBoundingClientRect();
    const narrow = this.view.root.classList.toggle("narrow", this.view.root.clientWidth < NARROW);
    if (narrow || !this.view.data?.result?.depth || !board.width) { svg.replaceChildren(); return; }
    const width = 76;
    svg.setAttribute("width", width);
    const height = Math.max(this.view.at("left").offsetHeight, this.view.at("right").offsetHeight); // its own would never shrink
    svg.setAttribute("height", height);
    const middle = (row) => { const box = row.getBoundingClientRect(); return box.top - board.top + 16; };
    const left = new Map([...this.tables.left.tBodies[0].children].map((row) => [row.dataset.id, middle(row)]));
    const right = [...this.tables.right.tBodies[0].children];
    const end = height - 4;
    const lines = right.map((row, at) => {
      const from = left.get(row.dataset.id) ?? end;
      const to = middle(row);
      const was = Number(row.querySelector(".move").title.match(/\d+/)?.[0] ?? 0);
      const far = Math.abs(was - at - 1) >= 3 ? "far" : "";
      return this.line(row.dataset.id, from, to, width, `${far} ${left.has(row.dataset.id) ? "" : "below"}`);
    });
    const stay = new Set(right.map((row) => row.dataset.id));
    for (const [id, from] of left) {
      if (!stay.has(id) && this.ranks.has(id)) lines.push(this.line(id, from, end, width, "leaves"));
    }
    svg.replaceChildren(...lines);
  }

  line(id, from, to, width, kind) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", `M4 ${from}C${width / 2} ${from} ${width / 2} ${to} ${width - 4} ${to}`);
    path.setAttribute("class", `line ${kind}`);
    path.dataset.id = id;
    return path;
  }
}
