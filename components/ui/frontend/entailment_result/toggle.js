/* The word toggle of one pair: struck words show at once, the server classifies what is left and records each flip.
   The history lives here, the server keeps a copy. */

const STRIKE_MS = 60; // several clicks in a row are one change
const EDIT_MS = 300;
const SIDES = ["premise", "hypothesis"];
const TOGGLE_HTML = `
  <p class="finding" data-at="finding" role="status"></p>
  <div class="effects"><div><span class="side">as typed</span><div data-at="before"></div></div><div><span class="side">now</span><div data-at="after"></div></div><div class="cosines"><span class="side" data-at="unit"></span><div data-at="cosine"></div></div></div>
  <p class="problem" data-at="problem" role="alert" hidden></p>
  <span class="side">premise</span><div class="line" data-at="premise" dir="auto" role="group" aria-label="Premise words"></div>
  <textarea data-at="premise-edit" rows="2" aria-label="Premise, edited" hidden></textarea>
  <span class="side">hypothesis</span><div class="line" data-at="hypothesis" dir="auto" role="group" aria-label="Hypothesis words"></div>
  <textarea data-at="hypothesis-edit" rows="2" aria-label="Hypothesis, edited" hidden></textarea>
  <div class="controls"><button type="button" data-at="undo" title="Undo (key U)">Undo</button><button type="button" data-at="reset">Reset</button><button type="button" data-at="edit" aria-pressed="false">Edit the text</button><button type="button" data-at="search">Which single word flips it?</button><button type="button" data-at="close">Close</button><span data-at="waiting"></span><button type="button" data-at="stop" hidden>Stop</button></div>
  <div data-at="words" class="found" hidden></div>
  <div data-at="flips" class="flips"></div>
  <p class="made">Click a word to strike it, again to bring it back; with the keys: arrows, then Space. A text with a word struck is one that nobody wrote: a flip shows what this model's answer hangs on.</p>`;

class Toggle {
  constructor(root, ask) {
    this.root = root;
    this.ask = ask; // sends a trigger to the server
    this.box = make("div", "toggle");
    this.box.innerHTML = TOGGLE_HTML; // fixed text of ours
    this.at = (name) => this.box.querySelector(`[data-at="${name}"]`);
    this.bars = { before: makeBar(), after: makeBar() };
    for (const [name, bar] of Object.entries(this.bars)) this.at(name).append(bar);
    this.history = [];
    this.count = 0;
    this.listen();
  }

  listen() {
    const clicks = { undo: () => this.undo(), reset: () => this.reset(), edit: () => this.edit(), close: () => this.ask("open", 0) };
    for (const [name, act] of Object.entries(clicks)) this.at(name).addEventListener("click", act);
    this.at("search").addEventListener("click", () => { setText(this.at("waiting"), "Striking each word alone …"); this.ask("search", Date.now()); });
    this.at("stop").addEventListener("click", () => { setText(this.at("waiting"), "Stopping …"); this.ask("stop", Date.now()); });
    for (const side of SIDES) {
      this.at(side).addEventListener("click", (event) => { const word = event.target.closest?.(".w"); if (word) this.strike(side, Number(word.dataset.index)); });
      this.at(side).addEventListener("keydown", (event) => this.onKey(event, side));
      this.at(`${side}-edit`).addEventListener("input", () => this.typed());
    }
    this.at("words").addEventListener("click", (event) => {
      const { side, index } = event.target.closest?.("button")?.dataset ?? {};
      if (side) this.strike(side, Number(index));
    });
    this.box.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "u" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target.tagName !== "TEXTAREA") this.undo();
    });
  }

  update(data, labels) {
    const pair = JSON.stringify(data.pair);
    if (this.pair !== pair) { // another pair, or this view mounted anew: the server's copy counts
      Object.assign(this, { pair, history: data.history ?? [], count: data.count, state: null });
      if (this.at("edit").getAttribute("aria-pressed") === "true") this.edit();
    }
    const isMine = data.count >= this.count; // an older answer must not undo what was clicked since
    if (isMine || !this.state) {
      this.state = Object.fromEntries(SIDES.flatMap((side) => [[side, data[side].text], [`${side}_struck`, data[side].struck]]));
      this.segments = Object.fromEntries(SIDES.map((side) => [side, data[side].segments]));
    }
    this.data = data;
    this.draw();
    if (isMine && data.finding) setText(this.at("finding"), data.finding);
    this.box.classList.toggle("stale", !isMine || !data.is_new);
    this.box.dataset.count = data.count;
    if (data.before) {
      fillBar(this.bars.before, labels, data.before.classes);
      fillBar(this.bars.after, labels, data.after.classes);
      setText(this.at("cosine"), data.before.cosine && `${data.before.cosine} → ${data.after.cosine}`);
    }
    setText(this.at("unit"), data.unit);
    this.at("problem").hidden = !data.problem;
    setText(this.at("problem"), data.problem);
    setText(this.at("waiting"), data.waiting);
    this.at("stop").hidden = !data.stoppable;
    this.drawFlips(data.flips);
    this.drawWords(isMine ? data.words : null);
  }

  draw() {
    for (const side of SIDES) {
      const line = this.at(side);
      const key = JSON.stringify(this.segments[side]);
      if (line.dataset.key !== key) {
        line.dataset.key = key;
        line.replaceChildren(...this.segments[side].map(([text, index, unread]) => {
          if (index < 0) return document.createTextNode(text);
          const word = make("span", unread ? "w unread" : "w", text);
          Object.assign(word.dataset, { index });
          word.tabIndex = index ? -1 : 0;
          word.setAttribute("role", "button");
          if (unread) word.title = "beyond the model's window: never read";
          return word;
        }));
      }
      const struck = new Set(this.state[`${side}_struck`]);
      for (const word of line.querySelectorAll(".w")) word.setAttribute("aria-pressed", String(struck.has(Number(word.dataset.index))));
      const box = this.at(`${side}-edit`);
      if (this.root.getRootNode().activeElement !== box && box.value !== this.state[side]) box.value = this.state[side];
    }
    this.at("undo").disabled = !this.history.length;
    this.at("reset").disabled = !this.isChanged();
  }

  drawFlips(flips) {
    const key = JSON.stringify(flips);
    const box = this.at("flips");
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    const list = make("ol");
    list.append(...flips.map((flip) => { const item = make("li", "", flip.words); item.value = flip.step; return item; }));
    box.replaceChildren(make("b", "", flips.length ? "Flips so far (by step)" : "No flip yet"), ...(flips.length ? [list] : []));
  }

  drawWords(words) {
    const box = this.at("words");
    box.hidden = !words;
    const key = JSON.stringify([words, this.data.tried]);
    if (!words || box.dataset.key === key) return;
    box.dataset.key = key;
    const many = `Of ${this.data.tried} words, each struck alone, ${words.length || "none"} ${words.length === 1 ? "flips" : "flip"} the class${words.length ? ":" : "."}`;
    box.replaceChildren(make("span", "", many), ...words.map(({ side, index, word, to }) => {
      const button = make("button", "", `“${word}” in the ${side} → ${to}`);
      button.type = "button";
      Object.assign(button.dataset, { side, index });
      return button;
    }));
  }

  isChanged() {
    return SIDES.some((side, place) => this.state[side] !== this.data.pair[place] || this.state[`${side}_struck`].length);
  }

  remember() {
    this.history = [...this.history, this.state].slice(-100);
  }

  strike(side, index) {
    this.remember();
    const struck = new Set(this.state[`${side}_struck`]);
    if (!struck.delete(index)) struck.add(index);
    this.state = { ...this.state, [`${side}_struck`]: [...struck].sort((a, b) => a - b) };
    if (!this.at(side).hidden) this.focus(side, index);
    this.changed(STRIKE_MS);
  }

  undo() {
    if (!this.history.length) return;
    this.state = this.history.at(-1);
    this.history = this.history.slice(0, -1);
    this.changed(STRIKE_MS);
  }

  reset() {
    this.remember();
    const [premise, hypothesis] = this.data.pair;
    this.state = { premise, hypothesis, premise_struck: [], hypothesis_struck: [] };
    this.changed(0);
  }

  /** Show the text boxes, or the words again. */
  edit() {
    const on = this.at("edit").getAttribute("aria-pressed") !== "true";
    this.at("edit").setAttribute("aria-pressed", String(on));
    setText(this.at("edit"), on ? "Back to the words" : "Edit the text");
    for (const side of SIDES) { this.at(side).hidden = on; this.at(`${side}-edit`).hidden = !on; }
    this.isTyping = false;
  }

  typed() {
    if (!this.isTyping) this.remember(); // one step back undoes what was typed in one go
    this.isTyping = true;
    this.state = { premise: this.at("premise-edit").value, hypothesis: this.at("hypothesis-edit").value, premise_struck: [], hypothesis_struck: [] };
    this.changed(EDIT_MS);
  }

  changed(pause) {
    this.count = Math.max(Date.now(), this.count + 1);
    this.box.classList.add("stale");
    if (SIDES.every((side) => this.state[side] === this.data[side].text)) this.draw();
    this.at("undo").disabled = !this.history.length;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask("change", { ...this.state, pair: this.data.pair, count: this.count, history: this.history }), pause);
  }

  focus(side, index) {
    for (const word of this.at(side).querySelectorAll(".w")) word.tabIndex = Number(word.dataset.index) === index ? 0 : -1;
    this.at(side).querySelector(`[data-index="${index}"]`)?.focus();
  }

  onKey(event, side) {
    const word = event.target.closest?.(".w");
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Number(word.dataset.index) + step;
      if (this.at(side).querySelector(`[data-index="${next}"]`)) this.focus(side, next);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      this.strike(side, Number(word.dataset.index));
    }
  }
}
