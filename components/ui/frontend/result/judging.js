/* Judgments by mouse and keys. What the visitor says is kept here until the server has said that it arrived: ten digits
   typed without a pause land on ten documents, whatever the page is doing meanwhile. */

const SEND_MS = 250; // one message for what is typed without a pause
const AGAIN_MS = 2000; // a message that was not answered is sent again
const GRADES = [0, 1, 2, 3];
const KEPT = "relevance-lab-judgments"; // in this tab's sessionStorage, so that a reload loses nothing

class Judging {
  constructor(view) {
    this.view = view;
    this.pending = new Map(); // key of a document -> { grade (null: taken back), number }
    this.number = Date.now(); // rises with each judgment, also over a reload
    this.timer = 0;
    this.session = null;
    const { at } = view;
    const act = (what, value) => view.send("judging", { do: what, value, at: Date.now() });
    at("blind").addEventListener("change", () => { this.flush(); act("blind", at("blind").checked); });
    at("reveal").addEventListener("click", () => { this.flush(); act("blind", false); });
    at("use-example").addEventListener("click", () => { this.flush(); act("example"); });
    at("clear").addEventListener("click", () => this.clear());
    at("cutoff").addEventListener("change", () => act("cutoff", Number(at("cutoff").value)));
    const body = at("table").tBodies[0];
    body.addEventListener("keydown", (event) => this.onKey(event));
    body.addEventListener("focusout", (event) => { if (!body.contains(event.relatedTarget)) this.flush(); });
    addEventListener("pagehide", () => this.flush());
  }

  /** The four buttons of a row: one stop for Tab, the arrows go on from there. */
  cell(row) {
    const cell = make("td", "judge");
    const group = make("div", "grades");
    group.setAttribute("role", "group");
    row.grades = GRADES.map((grade) => {
      const button = make("button", "grade", String(grade));
      button.type = "button";
      button.addEventListener("click", () => this.give(row, this.gradeOf(row) === grade ? null : grade));
      return button;
    });
    row.group = group;
    group.append(...row.grades);
    cell.append(group);
    return cell;
  }

  gradeOf(row) {
    const waiting = this.pending.get(row.record.key);
    return waiting ? waiting.grade : row.record.grade;
  }

  fill(row) {
    const grade = this.gradeOf(row);
    row.group.setAttribute("aria-label", `judgment of document ${row.number}`);
    row.grades.forEach((button, value) => {
      const isGiven = value === grade;
      button.setAttribute("aria-pressed", String(isGiven));
      button.setAttribute("aria-label", `${value}, ${this.view.data.grade_words[value]}`);
      button.title = this.view.data.grade_words[value];
      button.tabIndex = value === (grade ?? 0) ? 0 : -1;
    });
  }

  give(row, grade) {
    this.pending.set(row.record.key, { grade, number: ++this.number });
    this.fill(row);
    this.keep(row.record.key, grade);
    this.sendIn(SEND_MS);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = this.view.rowOf(event.target);
    if (!row) return;
    const onGrades = event.target.classList.contains("grade");
    const place = row.grades.indexOf(event.target);
    const sideways = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const along = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (/^[0-3]$/.test(event.key)) {
      this.give(row, Number(event.key));
      this.focus(this.view.neighbour(row, 1) ?? row);
    } else if (event.key === "Backspace" || event.key === "Delete") {
      this.give(row, null);
      this.focus(row);
    } else if (onGrades && along) {
      this.focus(this.view.neighbour(row, along) ?? row);
    } else if (onGrades && sideways) {
      row.grades[Math.min(3, Math.max(0, place + sideways))].focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  focus(row) {
    row.grades.find((button) => button.tabIndex === 0).focus();
  }

  sendIn(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), ms);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.pending.size) return;
    const grades = Object.fromEntries([...this.pending].map(([key, { grade }]) => [key, grade]));
    this.view.send("judge", { grades, number: this.number });
    this.sendIn(AGAIN_MS);
  }

  clear() {
    this.pending.clear();
    clearTimeout(this.timer);
    for (const record of this.view.data.rows) this.pending.set(record.key, { grade: null, number: ++this.number });
    for (const record of this.view.data.rows) this.keep(record.key, null);
    for (const row of this.view.known.values()) this.fill(row);
    this.flush();
  }

  keep(key, grade) {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
      if (grade === null) delete kept[key]; else kept[key] = grade;
      sessionStorage.setItem(KEPT, JSON.stringify(kept));
    } catch { /* no storage: then a reload begins anew */ }
  }

  /** Take in what the server says; after a reload or its restart, say again what this tab holds. */
  update(data) {
    for (const [key, { number }] of this.pending) if (number <= data.judged_number) this.pending.delete(key);
    if (!this.pending.size) { clearTimeout(this.timer); this.timer = 0; }
    if (this.session !== data.session) {
      this.session = data.session;
      this.restore(data);
    }
    const { at } = this.view;
    at("blind").checked = data.blind;
    at("reveal").hidden = !data.blind;
    at("use-example").hidden = !data.example_judgments;
    at("clear").hidden = !data.judged && !this.pending.size;
    const options = data.cutoffs.map((k) => { const option = make("option", "", String(k)); option.value = k; return option; });
    if (at("cutoff").options.length !== options.length) at("cutoff").replaceChildren(...options);
    at("cutoff").value = String(data.k);
    this.drawMeasures(data);
  }

  restore(data) {
    if (data.judged_number) return;
    let kept = {};
    try { kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}"); } catch { /* nothing is kept */ }
    for (const [key, grade] of Object.entries(kept).slice(-400)) this.pending.set(key, { grade, number: ++this.number });
    if (this.pending.size) this.sendIn(SEND_MS);
  }

  /** The measures under the columns they measure, and what they say in sentences. */
  drawMeasures({ quality, columns }) {
    const { view } = this;
    const wanted = JSON.stringify([quality, columns.map((info) => info.name)]);
    if (wanted === this.shownMeasures) return;
    this.shownMeasures = wanted;
    const rows = (quality?.measures ?? []).map(({ name, term }, place) => {
      const row = make("tr");
      const label = make("th", "text");
      label.scope = "row";
      label.append(termButton(view.root, name, term));
      const cells = columns.map((info, index) => {
        const cell = make("td", `score ${info.kind.replace(" ", "-")}`, quality.values[index][place]);
        cell.dataset.label = info.name;
        return cell;
      });
      const move = columns.length > 1 ? [make("td", "move")] : [];
      row.append(make("td", "number"), ...cells, ...move, label, make("td", "tokens"), make("td", "judge"));
      return row;
    });
    view.at("table").tFoot.replaceChildren(...rows);
    view.at("judged").replaceChildren(...(quality?.sentences ?? []).map((sentence) => make("li", "", sentence)));
    const short = quality ? columns.map((info, index) => `${quality.short[index]} ${info.name}`).join(", ") : "";
    const box = view.at("quality");
    box.replaceChildren();
    if (quality) box.append(termButton(view.root, quality.measures[0].name, quality.measures[0].term), `: ${short}`);
  }
}
