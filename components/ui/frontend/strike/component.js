/* The word toggle: struck words show at once, the server scores what is left. The history lives here, the server keeps a copy. */

const PAUSE_MS = 60; // several clicks in a row are one change
const TYPING_MS = 300;

class StrikeView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.at("documents").addEventListener("change", () => this.send("document", Number(this.at("documents").value)));
    this.at("undo").addEventListener("click", () => this.undo());
    this.at("reset").addEventListener("click", () => this.reset());
    this.at("edit").addEventListener("click", () => this.edit());
    this.at("stop").addEventListener("click", () => { setText(this.at("waiting"), "Stopping …"); this.send("stop", Date.now()); });
    for (const part of ["query", "document"]) {
      const line = this.at(part);
      line.addEventListener("click", (event) => { const word = event.target.closest?.(".w"); if (word) this.toggle(part, word); });
      line.addEventListener("keydown", (event) => this.onKey(event, part));
      this.at(`${part}-edit`).addEventListener("input", () => this.typed());
    }
    root.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "u" && !event.ctrlKey && !event.metaKey && !event.altKey && !/TEXTAREA|SELECT/.test(event.target.tagName)) this.undo();
    });
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    const select = this.at("documents");
    const key = JSON.stringify(data.documents);
    if (select.dataset.key !== key) {
      select.dataset.key = key;
      select.replaceChildren(...data.documents.map(({ number, label }) => { const one = make("option", "", label); one.value = number; return one; }));
    }
    select.value = data.number;
    this.root.classList.toggle("dark", isDark(this.root));
    const pair = JSON.stringify(data.original);
    if (this.pair !== pair) { // another pair, or this view mounted anew: the server's copy counts
      this.pair = pair;
      this.history = data.history ?? [];
      this.count = data.count;
      this.state = null;
    }
    const isMine = data.count >= this.count; // an older answer must not undo what was clicked since
    if (isMine || !this.state) {
      this.state = { query: data.query.text, document: data.document.text, query_struck: data.query.struck, document_struck: data.document.struck };
      this.cut = { query: data.query.cut, document: data.document.cut };
      this.draw();
    }
    setText(this.at("finding"), isMine ? data.finding : "Scoring the changed pair.");
    this.at("problem").hidden = !data.problem;
    setText(this.at("problem"), data.problem);
    setText(this.at("waiting"), data.waiting);
    this.at("stop").hidden = !data.stoppable;
    setText(this.at("caption"), data.caption);
    this.root.classList.toggle("stale", data.stale || !isMine);
    this.root.dataset.count = data.count;
    if (data.effects.length) this.drawEffects(data.effects);
  }

  drawEffects(effects) {
    this.at("effects").replaceChildren(...effects.map((one) => {
      const list = make("dl", one.kind);
      const value = make("dd");
      value.append(make("span", "", `${one.before} → `), make("b", "after", one.after), make("span", "", ` (${one.change})`), make("small", "ranks", one.ranks));
      value.dataset.exact = JSON.stringify(one.exact);
      list.append(make("dt", "", `${one.kind}, ${one.unit}`), value);
      return list;
    }));
  }

  draw() {
    for (const part of ["query", "document"]) {
      const line = this.at(part);
      const cut = JSON.stringify(this.cut[part]);
      if (line.dataset.cut !== cut) {
        line.dataset.cut = cut;
        line.replaceChildren(...this.cut[part].map(([text, index]) => {
          if (index < 0) return document.createTextNode(text);
          const word = make("span", "w", text);
          word.dataset.index = index;
          word.tabIndex = index ? -1 : 0;
          word.setAttribute("role", "button");
          return word;
        }));
      }
      const struck = new Set(this.state[`${part}_struck`]);
      for (const word of line.querySelectorAll(".w")) word.setAttribute("aria-pressed", String(struck.has(Number(word.dataset.index))));
      const box = this.at(`${part}-edit`);
      if (this.root.getRootNode().activeElement !== box && box.value !== this.state[part]) box.value = this.state[part];
    }
    this.at("undo").disabled = !this.history.length;
    this.at("reset").disabled = !this.isChanged();
  }

  isChanged() {
    const { query, document: text } = this.data.original;
    return this.state.query !== query || this.state.document !== text || this.state.query_struck.length > 0 || this.state.document_struck.length > 0;
  }

  remember() {
    this.history = [...this.history, this.state].slice(-100);
  }

  toggle(part, word) {
    const index = Number(word.dataset.index);
    const key = `${part}_struck`;
    this.remember();
    const struck = new Set(this.state[key]);
    if (!struck.delete(index)) struck.add(index);
    this.state = { ...this.state, [key]: [...struck].sort((a, b) => a - b) };
    this.focus(part, index);
    this.changed(PAUSE_MS);
  }

  undo() {
    if (!this.history.length) return;
    this.state = this.history.at(-1);
    this.history = this.history.slice(0, -1);
    this.changed(PAUSE_MS);
  }

  reset() {
    this.remember();
    const { query, document: text } = this.data.original;
    this.state = { query, document: text, query_struck: [], document_struck: [] };
    this.changed(0);
  }

  /** Show the text boxes, or the words again. */
  edit() {
    const on = this.at("edit").getAttribute("aria-pressed") !== "true";
    this.at("edit").setAttribute("aria-pressed", String(on));
    setText(this.at("edit"), on ? "Back to the words" : "Edit the text");
    for (const part of ["query", "document"]) {
      this.at(part).hidden = on;
      this.at(`${part}-edit`).hidden = !on;
    }
    this.isTyping = false;
  }

  typed() {
    if (!this.isTyping) this.remember(); // one step back undoes what was typed in one go
    this.isTyping = true;
    this.state = { query: this.at("query-edit").value, document: this.at("document-edit").value, query_struck: [], document_struck: [] };
    this.changed(TYPING_MS);
  }

  changed(pause) {
    this.count = Date.now();
    this.root.classList.add("stale");
    if (this.cut && this.state.query === this.data.query.text && this.state.document === this.data.document.text) this.draw();
    this.at("undo").disabled = !this.history.length;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send("change", { ...this.state, count: this.count, history: this.history }), pause);
  }

  focus(part, index) {
    for (const word of this.at(part).querySelectorAll(".w")) word.tabIndex = Number(word.dataset.index) === index ? 0 : -1;
    this.at(part).querySelector(`[data-index="${index}"]`)?.focus();
  }

  onKey(event, part) {
    const word = event.target.closest?.(".w");
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Number(word.dataset.index) + step;
      if (this.at(part).querySelector(`[data-index="${next}"]`)) this.focus(part, next);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      this.toggle(part, word);
    }
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".strike");
  const view = root.labView ?? (root.labView = new StrikeView(root));
  view.update(data, setTriggerValue);
}
