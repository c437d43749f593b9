/* What both models say of each pair: a stacked bar of classes, the cosine as a tick, both directions on request. */

const BY_NAME = " "; // the entry of the model chooser that asks for a name
const NAMES = { hypotheses: ["hypothesis", "premise → hypothesis", "hypothesis → premise"], claim: ["sentence (premise)", "sentence → claim", "claim → sentence"] };

function fillOptions(select, options, value) {
  const key = JSON.stringify(options);
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(...options.map(([id, title]) => { const one = make("option", "", title); one.value = id; return one; }));
  }
  if (select.value !== value) select.value = value;
}

class SaysView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.rows = new Map(); // number -> elements of its row
    this.toggle = new Toggle(root, (name, value) => this.send(name, value));
    this.panel = make("tr", "panel");
    this.panel.append(make("td"));
    this.panel.firstChild.append(this.toggle.box);
    this.listen();
  }

  listen() {
    const { at } = this;
    at("sort").addEventListener("change", () => { this.sort = at("sort").value; this.order(); this.send("look", { sort: this.sort }); });
    at("swap").addEventListener("click", () => {
      const on = at("swap").getAttribute("aria-pressed") !== "true";
      at("swap").setAttribute("aria-pressed", String(on));
      this.root.classList.add("stale");
      this.send("look", { both_ways: on });
    });
    at("model").addEventListener("change", () => {
      const asksName = at("model").value === BY_NAME;
      at("by-name").hidden = !asksName;
      if (asksName) at("name").focus();
      else this.useModel(at("model").value);
    });
    at("use").addEventListener("click", () => this.useModel(at("name").value));
    at("name").addEventListener("keydown", (event) => { if (event.key === "Enter") this.useModel(at("name").value); });
    at("stop").addEventListener("click", () => { setText(at("waiting"), "Stopping …"); this.send("stop", Date.now()); });
    at("retry").addEventListener("click", () => this.send("retry", Date.now()));
    for (const button of this.root.querySelectorAll("[data-save]")) button.addEventListener("click", () => this.save(button.dataset.save));
    at("rows").addEventListener("keydown", (event) => {
      const row = event.target.closest?.("tr[data-number]");
      if (!row || event.key.toLowerCase() !== "t" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.send("tokens", Number(row.dataset.number));
    });
  }

  useModel(name) {
    this.asked = true;
    setText(this.at("waiting"), "Looking for the model …");
    this.send("model", name);
  }

  update(data, send) {
    const { at } = this;
    this.send = send;
    const isRestart = this.data && this.data.session !== data.session;
    this.data = data;
    this.sort = data.sort;
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("stale", data.stale || (data.rows.length > 0 && data.both_ways !== data.shown_both_ways));
    setText(at("finding"), data.finding);
    setText(at("work"), data.stale || data.waiting ? "" : data.work);
    setText(at("waiting"), data.waiting);
    at("stop").hidden = !data.stoppable;
    at("retry").hidden = !data.retry;
    setText(at("notes"), data.notes.join(" "));
    at("notes").hidden = !data.notes.length;
    at("swap").setAttribute("aria-pressed", String(data.both_ways));
    this.showModel(data, isRestart);
    if (!at("term-swap").firstChild) at("term-swap").append(termButton(this.root, "what is that?", data.terms.swap));
    fillLegend(this.root, at("legend"), data.labels, data.terms.probability);
    setText(at("made"), data.made);
    this.drawHead(data);
    this.drawRows(data);
    this.drawToggle(data);
    this.download(data.download);
  }

  showModel(data, isRestart) {
    const { at } = this;
    fillOptions(at("model"), [...data.models.map((name) => [name, name]), [BY_NAME, "another, by name …"]], at("by-name").hidden || isRestart ? data.model : BY_NAME);
    if (this.asked && !data.waiting && !data.model_problem) at("by-name").hidden = true; // it is in use
    if (at("by-name").hidden) at("model").value = data.model;
    if (!data.waiting) this.asked = false;
    setText(at("model-problem"), data.model_problem);
    at("model-problem").hidden = !data.model_problem;
  }

  drawHead(data) {
    const head = this.at("head");
    const [text, there, back] = NAMES[data.shown_mode ?? data.mode];
    const key = JSON.stringify([text, data.shown_both_ways, data.unit]);
    if (head.dataset.key === key) return;
    head.dataset.key = key;
    const cell = (words, className) => { const one = make("th", className, words); one.scope = "col"; return one; };
    const cosine = cell("", "cosine");
    if (data.unit) cosine.append(termButton(this.root, data.unit, data.terms[data.unit] ?? ""), make("span", "range", data.unit === "cosine" ? " −1 to 1" : ""));
    head.replaceChildren(cell("", "number"), cell(text, "text"), cell(there, "classes"), ...(data.shown_both_ways ? [cell(back, "classes")] : []), ...(data.unit ? [cosine] : []), cell("", "acts"));
    head.firstChild.append(make("span", "sr", "number"));
    head.lastChild.append(make("span", "sr", "actions"));
    setText(this.at("caption"), `Classes of each pair by the model, sorted as chosen; ${there}`);
    fillOptions(this.at("sort"), this.sorts(), this.sort);
  }

  sorts() {
    const classes = this.data.labels.map((label, place) => [`class:${place}`, label.name]);
    return [["input", "order of the input"], ...classes, ...(this.data.unit ? [["cosine", this.data.unit]] : [])];
  }

  drawRows(data) {
    const numbers = new Set(data.rows.map((row) => row.number));
    for (const [number, row] of this.rows) if (!numbers.has(number)) { row.tr.remove(); this.rows.delete(number); }
    for (const row of data.rows) {
      if (!this.rows.has(row.number)) this.rows.set(row.number, this.makeRow(row.number));
      this.fillRow(this.rows.get(row.number), row, data);
    }
    fillOptions(this.at("sort"), this.sorts(), this.sort);
    this.order();
  }

  makeRow(number) {
    const parts = { tr: make("tr"), number: make("th", "number", String(number)), text: make("td", "text"), there: make("td", "classes"), back: make("td", "classes back"), cosine: make("td", "cosine"), acts: make("td", "acts") };
    parts.tr.dataset.number = number;
    parts.number.scope = "row";
    parts.said = make("span", "said");
    parts.said.dir = "auto";
    parts.unread = make("small", "unread-words");
    parts.text.append(parts.said, parts.unread);
    parts.bars = [makeBar(), makeBar()];
    parts.expected = make("div", "expected");
    parts.there.append(parts.bars[0], parts.expected);
    parts.back.append(parts.bars[1]);
    parts.back.firstChild.before(make("span", "narrow side"));
    parts.value = make("b");
    parts.axis = make("span", "axis");
    parts.axis.append(make("i"));
    parts.both = make("small", "both");
    parts.cosine.append(make("span", "narrow side"), parts.value, parts.axis, parts.both);
    parts.open = make("button", "", "Strike words");
    parts.tokens = make("button", "", "Tokens");
    for (const button of [parts.open, parts.tokens]) button.type = "button";
    parts.tokens.title = "Open this pair in Tokens, with the logit of its class explained (key T)";
    parts.open.addEventListener("click", () => this.send("open", parts.open.getAttribute("aria-expanded") === "true" ? 0 : number));
    parts.tokens.addEventListener("click", () => this.send("tokens", number));
    parts.acts.append(parts.open, parts.tokens);
    parts.tr.append(parts.number, parts.text, parts.there, parts.back, parts.cosine, parts.acts);
    return parts;
  }

  fillRow(parts, row, data) {
    const read = row.cut === null ? row.text : row.text.slice(0, row.cut);
    const key = JSON.stringify([row.text, row.cut]);
    if (parts.said.dataset.key !== key) {
      parts.said.dataset.key = key;
      parts.said.replaceChildren(document.createTextNode(read), ...(row.cut === null ? [] : [make("span", "unread", row.text.slice(row.cut))]));
    }
    setText(parts.unread, row.unread);
    fillBar(parts.bars[0], data.labels, row.classes);
    parts.back.hidden = !row.swapped;
    if (row.swapped) fillBar(parts.bars[1], data.labels, row.swapped);
    setText(parts.back.firstChild, NAMES[data.shown_mode][2]);
    setText(parts.expected, row.expected ? (row.as_expected ? "as expected" : `expected: ${row.expected}`) : "");
    parts.expected.classList.toggle("other", Boolean(row.expected) && !row.as_expected);
    parts.cosine.hidden = !row.cosine;
    if (row.cosine) {
      setText(parts.value, row.cosine.shown);
      setText(parts.cosine.firstChild, data.unit);
      parts.cosine.dataset.exact = JSON.stringify(row.cosine.exact);
      parts.axis.hidden = data.unit !== "cosine";
      parts.axis.firstChild.style.left = `${50 + 50 * Math.max(-1, Math.min(1, row.cosine.value))}%`;
      setText(parts.both, row.swapped ? `swapped ${row.cosine.swapped}` : "");
    }
    const name = `${row.number}: `;
    parts.open.setAttribute("aria-label", `${name}strike words`);
    parts.tokens.setAttribute("aria-label", `${name}open this pair in Tokens`);
  }

  /** Put the rows into the chosen order; equal ones stay in the order of the input. */
  order() {
    const value = (row) => {
      if (this.sort === "cosine") return -(row.cosine?.value ?? 0);
      const [kind, place] = this.sort.split(":");
      return kind === "class" ? -(row.classes.exact[Number(place)] ?? 0) : row.number;
    };
    const wanted = this.data.rows.map((row) => [value(row), row.number]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const rows = wanted.flatMap(([, number]) => {
      const { tr } = this.rows.get(number);
      return this.data.toggle?.number === number ? [tr, this.panel] : [tr];
    });
    const body = this.at("rows");
    if (rows.length !== body.children.length || rows.some((row, place) => body.children[place] !== row)) body.replaceChildren(...rows);
  }

  drawToggle(data) {
    for (const [number, row] of this.rows) row.open.setAttribute("aria-expanded", String(data.toggle?.number === number));
    if (!data.toggle) { this.panel.remove(); this.opened = null; return; }
    this.panel.firstChild.colSpan = this.at("head").children.length;
    this.toggle.update(data.toggle, data.labels);
    this.opened = data.toggle.number;
  }

  async save(kind) {
    if (kind !== "link") {
      if (!this.data.rows.length) return;
      this.wanted = Date.now();
      this.send("export", { kind, count: this.wanted });
      return;
    }
    const { mode, example, above, below } = this.data.link;
    if (!example && above === null) {
      setText(this.at("saved"), "The text is too long for a link and stays here.");
      return;
    }
    const parts = new URLSearchParams({ entailment: mode });
    if (example) parts.set("pair", example);
    else { parts.set("above", above); parts.set("below", below); parts.set("size", above.length + below.length); }
    if (this.data.both_ways) parts.set("both", "1");
    if (this.sort !== "input") parts.set("sort", this.sort);
    if (this.data.model !== "entailment") parts.set("model", this.data.model);
    const url = `${location.origin}${location.pathname}#${parts}`;
    const said = example ? "Link copied." : "Link copied, the text in it.";
    await (navigator.clipboard?.writeText(url) ?? Promise.reject(new Error("no clipboard")))
      .then(() => setText(this.at("saved"), said), () => setText(this.at("saved"), url));
  }

  /** A file the server made on request is saved once. */
  download(file) {
    if (!file || file.count !== this.wanted) return;
    this.wanted = null;
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([file.text], { type: file.mime }));
    link.download = file.name;
    link.click();
    URL.revokeObjectURL(link.href);
    setText(this.at("saved"), `${file.name} saved.`);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".says");
  const view = root.labView ?? (root.labView = new SaysView(root));
  view.update(data, setTriggerValue);
}
