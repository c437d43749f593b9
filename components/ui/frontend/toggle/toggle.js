/* The word toggle, on Tokens and in a row of Compare: struck words show at once, the server scores what is left. The
   history lives here and the server keeps a copy of it, so that another page or a new mount goes on where this one was. */

const PAUSE_MS = 60; // several clicks in a row are one change
const TYPING_MS = 300;
const UNANSWERED_MS = 2000; // a change that was not answered is sent again
const MOST_STEPS = 100;
const STRIKING = "Click a word to strike it, again to bring it back; with the keys: arrows, then Space. U takes the last step back.";
const WRITING = "Change the texts as you like: the models score what stands here. Undo takes back what was typed in one go.";
const PARTS = ["query", "document"];

class WordToggle {
  constructor() {
    this.root = make("div", "strike");
    this.count = 0; // of the last change made here
    this.state = null;
    this.build();
    this.root.addEventListener("keydown", (event) => {
      const isTyping = /TEXTAREA|SELECT|INPUT/.test(event.target.tagName);
      if (event.key.toLowerCase() !== "u" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      event.preventDefault();
      this.undo();
    });
  }

  at(name) {
    return this.root.querySelector(`.${name}`);
  }

  build() {
    const tools = make("div", "tools");
    tools.append(this.button("undo", "Undo", () => this.undo()), this.button("reset", "Reset", () => this.reset()), this.button("edit", "Edit the text", () => this.edit()));
    tools.querySelector(".undo").title = "Take the last step back (key U)";
    tools.querySelector(".edit").setAttribute("aria-pressed", "false");
    const told = make("p", "told");
    told.setAttribute("role", "status");
    told.textContent = "Reading the words.";
    this.root.inert = true; // until the words are there
    const wrong = make("p", "wrong");
    wrong.setAttribute("role", "alert");
    wrong.hidden = true;
    const work = make("div", "work");
    work.append(make("span", "says"), this.button("halt", "Stop", () => { setText(this.at("says"), "Stopping …"); this.send("stop", Date.now()); }), this.button("again", "Rank it now", () => this.send("retry", Date.now())));
    const texts = make("div", "texts");
    for (const part of PARTS) texts.append(make("span", "side", part), this.line(part), this.box(part));
    const note = make("p", "note", STRIKING);
    const save = make("div", "save");
    save.setAttribute("role", "group");
    save.setAttribute("aria-label", "Save these numbers");
    for (const kind of ["csv", "json"]) save.append(this.button(kind, kind.toUpperCase(), () => {}));
    for (const one of save.children) one.dataset.save = one.className;
    this.files = new AskedFiles(save, (kind, count) => this.send("export", { kind, count }));
    this.root.append(tools, told, wrong, make("div", "effects"), work, texts, note, make("p", "made"), save);
  }

  button(name, label, onClick) {
    const button = make("button", name, label);
    button.type = "button";
    button.addEventListener("click", onClick);
    return button;
  }

  line(part) {
    const line = make("div", `line ${part}`);
    line.dir = "auto";
    line.setAttribute("role", "group");
    line.setAttribute("aria-label", `${part === "query" ? "Query" : "Document"} words`);
    line.addEventListener("click", (event) => { const word = event.target.closest?.(".w"); if (word) this.toggle(part, word); });
    line.addEventListener("keydown", (event) => this.onKey(event, part));
    return line;
  }

  box(part) {
    const box = make("textarea", `${part}-box`);
    box.rows = part === "query" ? 1 : 4;
    box.hidden = true;
    box.dir = "auto";
    box.setAttribute("aria-label", `${part === "query" ? "Query" : "Document"}, edited`);
    box.addEventListener("input", () => this.typed());
    return box;
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.root.inert = false;
    if (this.pair !== data.pair) { // another pair, or mounted anew: the server's copy counts
      this.forgetPending();
      this.pair = data.pair;
      this.history = data.history ?? [];
      this.count = data.count;
      this.state = null;
      this.isTyping = false;
    }
    const isMine = data.count >= this.count; // an older answer must not undo what was clicked since
    if (isMine) clearTimeout(this.unanswered);
    if (isMine || !this.state) {
      this.state = { query: data.query.text, document: data.document.text, query_struck: data.query.struck, document_struck: data.document.struck };
      this.cut = { query: data.query.cut, document: data.document.cut };
      this.draw();
    }
    setText(this.at("told"), isMine ? data.finding : "Scoring the changed pair.");
    this.at("wrong").hidden = !data.problem;
    setText(this.at("wrong"), data.problem);
    setText(this.at("says"), data.waiting);
    this.at("halt").hidden = !data.stoppable;
    this.at("again").hidden = !data.retry;
    setText(this.at("made"), `${data.language} ${data.caption}`.trim());
    this.root.classList.toggle("stale", data.stale || !isMine);
    this.root.dataset.count = data.count;
    this.drawEffects(data.effects);
    this.files.take(data.download);
  }

  drawEffects(effects) {
    const wanted = JSON.stringify(effects);
    if (this.shownEffects === wanted) return;
    this.shownEffects = wanted;
    this.at("effects").replaceChildren(...effects.map((one) => {
      const list = make("dl", one.kind);
      const value = make("dd");
      value.append(make("span", "", `${one.before} → `), make("b", "after", one.after), make("span", "", ` (${one.change})`), make("small", "ranks", one.ranks));
      value.dataset.exact = JSON.stringify(one.exact);
      list.append(make("dt", "", one.title), value);
      return list;
    }));
  }

  draw() {
    for (const part of PARTS) {
      const line = this.root.querySelector(`.line.${part}`);
      const cut = JSON.stringify(this.cut[part]);
      if (line.dataset.cut !== cut) {
        line.dataset.cut = cut;
        line.replaceChildren(...this.cut[part].map(([text, index]) => this.word(text, index)));
      }
      const struck = new Set(this.state[`${part}_struck`]);
      for (const word of line.querySelectorAll(".w")) word.setAttribute("aria-pressed", String(struck.has(Number(word.dataset.index))));
      const box = this.at(`${part}-box`);
      const text = this.left(part);
      if (this.root.getRootNode().activeElement !== box && box.value !== text) box.value = text;
    }
    this.drawTools();
  }

  word(text, index) {
    if (index < 0) return document.createTextNode(text);
    const word = make("span", "w", text);
    word.dataset.index = index;
    word.tabIndex = index ? -1 : 0;
    word.setAttribute("role", "button");
    return word;
  }

  drawTools() {
    this.at("undo").disabled = !this.history.length;
    this.at("reset").disabled = !this.isChanged();
  }

  isChanged() {
    const { query, document: text } = this.data.original;
    return this.state.query !== query || this.state.document !== text || this.state.query_struck.length > 0 || this.state.document_struck.length > 0;
  }

  remember() {
    this.history = [...this.history, this.state].slice(-MOST_STEPS);
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
    if (!this.history?.length) return;
    this.state = this.history.at(-1);
    this.history = this.history.slice(0, -1);
    this.restored();
  }

  reset() {
    this.remember();
    const { query, document: text } = this.data.original;
    this.state = { query, document: text, query_struck: [], document_struck: [] };
    this.restored();
  }

  /** The state is an earlier one: the boxes show it at once, and what is typed next is a step of its own. */
  restored() {
    this.isTyping = false;
    for (const part of PARTS) this.at(`${part}-box`).value = this.state[part];
    this.changed(PAUSE_MS);
  }

  /** Show the text boxes, or the words again. */
  edit() {
    const on = this.at("edit").getAttribute("aria-pressed") !== "true";
    this.at("edit").setAttribute("aria-pressed", String(on));
    setText(this.at("note"), on ? WRITING : STRIKING);
    setText(this.at("edit"), on ? "Back to the words" : "Edit the text");
    for (const part of PARTS) {
      this.root.querySelector(`.line.${part}`).hidden = on;
      this.at(`${part}-box`).hidden = !on;
      if (on) this.at(`${part}-box`).value = this.left(part);
    }
    this.isTyping = false;
  }

  /** A part's text without its struck words, as the server last said; what is typed goes on from it. */
  left(part) {
    const isKnown = this.data[part].text === this.state[part] && String(this.data[part].struck) === String(this.state[`${part}_struck`]);
    return isKnown ? this.data[part].left : this.state[part];
  }

  typed() {
    if (!this.isTyping) this.remember(); // one step back undoes what was typed in one go
    this.isTyping = true;
    const query = this.at("query-box").value;
    const text = this.at("document-box").value;
    this.state = { query, document: text, query_struck: [], document_struck: [] };
    this.changed(TYPING_MS);
  }

  changed(pause) {
    this.count = Math.max(Date.now(), this.count + 1);
    this.root.classList.add("stale");
    if (this.cut && PARTS.every((part) => this.state[part] === this.data[part].text)) this.draw();
    this.drawTools();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  /** Send the change that waits, if there is one. */
  flush() {
    if (!this.timer) return;
    this.forgetPending();
    this.sendChange();
  }

  sendChange() {
    this.send("change", { ...this.state, pair: this.pair, count: this.count, history: this.history });
    this.unanswered = setTimeout(() => { if (this.root.isConnected) this.sendChange(); }, UNANSWERED_MS);
  }

  forgetPending() {
    clearTimeout(this.timer);
    clearTimeout(this.unanswered);
    this.timer = 0;
  }

  focus(part, index) {
    const line = this.root.querySelector(`.line.${part}`);
    for (const word of line.querySelectorAll(".w")) word.tabIndex = Number(word.dataset.index) === index ? 0 : -1;
    line.querySelector(`[data-index="${index}"]`)?.focus();
  }

  onKey(event, part) {
    const word = event.target.closest?.(".w");
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Number(word.dataset.index) + step;
      if (this.root.querySelector(`.line.${part} [data-index="${next}"]`)) this.focus(part, next);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      this.toggle(part, word);
    }
  }
}
