/* What mattered: signed numbers as running text, bars and a table. Also the bi-encoder's cosine, split by words. */

const MOST_BARS = 16;
const MOST_ROWS = 400;
const ALSO = [["curves", "deletion and insertion curves"], ["heads", "heads, switched off one by one"]]; // beside the methods

class MatteredView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.row = null; // the query word whose parts are shown (split)
    for (const id of ["what", "operator", "baseline", "steps"]) this.at(id).addEventListener("change", () => this.ask());
    this.at("documents").addEventListener("change", () => { this.row = null; this.send("document", Number(this.at("documents").value)); });
    this.at("stop").addEventListener("click", () => { setText(this.at("waiting"), "Stopping …"); this.send("stop", Date.now()); });
    this.at("retry").addEventListener("click", () => this.send("retry", Date.now()));
    this.files = new AskedFiles(this.at("tools"), (kind, count) => this.send("export", { kind, count }));
    this.curves = new CurvesView(this.at("curves"), this);
  }

  ask() {
    this.root.classList.add("stale");
    const value = (id) => this.at(id).value;
    this.send("ask", { what: value("what"), operator: value("operator"), baseline: value("baseline"), steps: Number(value("steps")) });
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    this.options("documents", data.documents.map(({ number, label }) => [number, label]), data.number);
    this.options("steps", data.steps.map((step) => [step, step]), data.asked.steps);
    const { what } = data.asked;
    this.options("what", [...data.listed.map(({ name }) => [name, name]), ...ALSO], what);
    for (const id of ["operator", "baseline"]) this.at(id).value = data.asked[id];
    this.at("method-box").hidden = data.mode === "split";
    const heeded = data.listed.find(({ name }) => name === what)?.knobs ?? [];
    for (const id of ["operator", "baseline", "steps"]) this.at(`${id}-box`).hidden = !heeded.includes(id);
    this.at("problem").hidden = !data.problem;
    setText(this.at("problem"), data.problem);
    setText(this.at("waiting"), data.waiting);
    this.at("progress").hidden = !data.total || !data.waiting;
    this.at("progress").value = data.total ? data.done / data.total : 0;
    this.at("stop").hidden = !data.stoppable;
    this.at("retry").hidden = !data.retry;
    this.files.take(data.download);
    const has = Boolean(data.finding);
    this.root.classList.toggle("stale", !has);
    this.at("tools").hidden = !has;
    if (!has) { if (!this.drawn) setText(this.at("finding"), "What the score depended on appears here."); return; }
    this.drawn = true;
    this.at("language").hidden = !data.language;
    setText(this.at("language"), data.language);
    for (const id of ["finding", "warning", "agreement", "methods", "caption"]) setText(this.at(id), data[id] ?? "");
    this.at("text").hidden = !data.words;
    this.at("twins").hidden = Boolean(data.curves);
    this.at("curves").hidden = !data.curves;
    if (data.words) this.drawWords();
    else if (data.curves) this.curves.draw(data);
    else this.drawHeads();
    this.drawBest();
  }

  options(id, wanted, value) {
    const select = this.at(id);
    const key = JSON.stringify(wanted);
    if (select.dataset.key !== key) {
      select.dataset.key = key;
      select.replaceChildren(...wanted.map(([one, label]) => { const option = make("option", "", label); option.value = one; return option; }));
    }
    select.value = value;
  }

  /** The values on the screen: all words', or one query word's parts of the cosine. */
  values() {
    const { words, matrix, shift } = this.data;
    if (!matrix || this.row === null || !matrix[this.row]) return words.map((word) => word.value);
    return words.map((word, index) => (index < shift ? (index === this.row ? word.value : 0) : matrix[this.row][index - shift]));
  }

  drawWords() {
    const { words, matrix } = this.data;
    const values = this.values();
    const digits = matrix ? 3 : 2;
    const shown = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
    const scale = Math.max(1e-9, ...values.map(Math.abs));
    for (const part of ["query", "document"]) {
      this.at(part).replaceChildren(...this.data[part].map(([text, index]) => {
        if (index < 0) return index === -2 ? make("span", "lost", text) : document.createTextNode(text);
        const canChoose = matrix && part === "query";
        const span = make(canChoose ? "button" : "span", "u", text);
        const much = Math.min(1, Math.abs(values[index]) / scale);
        span.style.setProperty("--much", much.toFixed(3));
        span.style.setProperty("--to", values[index] < 0 ? (much > 0.6 ? "var(--low2)" : "var(--low)") : much > 0.6 ? "var(--high2)" : "var(--high)");
        span.title = `${text}: ${shown(values[index])} ${this.data.unit}`;
        span.dataset.value = values[index];
        if (canChoose) {
          span.type = "button";
          span.setAttribute("aria-pressed", String(this.row === index));
          span.addEventListener("click", () => { this.row = this.row === index ? null : index; this.drawWords(); this.at(part).querySelectorAll("button.u")[index - this.first()]?.focus(); });
        }
        return span;
      }));
    }
    const order = words.map((_, index) => index).filter((index) => values[index] !== 0).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
    this.drawBars(order.map((index) => ({ name: words[index].text, part: this.partOf(index), value: values[index], shown: shown(values[index]) })), scale);
    if (matrix) this.drawPairs(shown);
    else this.drawTable(`Every word, its part of the ${this.data.unit}, largest first.`, ["word", "in", this.data.unit],
      order.slice(0, MOST_ROWS).map((index) => [words[index].text, this.partOf(index), shown(values[index])]));
  }

  /** Which text a word is of; a special token's too, where each text has its own. */
  partOf(index) {
    const { words, matrix, shift } = this.data;
    return matrix ? (index < shift ? "query" : "document") : words[index].part;
  }

  /** The contributions themselves, of the chosen query word or of all. */
  drawPairs(shown) {
    const { words, matrix, shift } = this.data;
    const pairs = matrix.flatMap((row, i) => (this.row === null || this.row === i ? row.map((value, j) => [i, j, value]) : []));
    pairs.sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
    const of = this.row === null ? "" : ` of “${words[this.row].text}”`;
    const most = pairs.length > MOST_ROWS ? `, the first ${MOST_ROWS} of ${pairs.length.toLocaleString("en")} (CSV has all)` : "";
    this.drawTable(`Contributions${of} to the cosine, largest first${most}.`, ["query word", "document word", "cosine"],
      pairs.slice(0, MOST_ROWS).map(([i, j, value]) => [words[i].text, words[shift + j].text, shown(value)]));
  }

  first() {
    return this.data.query.find(([, index]) => index >= 0)?.[1] ?? 0;
  }

  drawBars(rows, scale) {
    this.at("bars").replaceChildren(...rows.slice(0, MOST_BARS).map(({ name, part, value, shown }) => {
      const item = make("li");
      const track = make("span", "track");
      const bar = make("i");
      const width = 50 * Math.min(1, Math.abs(value) / scale);
      bar.style.width = `${width}%`;
      bar.style.left = `${value < 0 ? 50 - width : 50}%`;
      bar.style.background = value < 0 ? "var(--low)" : "var(--high)";
      track.append(bar);
      const label = make("span", "name", name);
      label.title = name;
      if (part === "query") label.append(make("small", "", " query"));
      item.append(label, track, make("b", "", shown));
      return item;
    }));
  }

  drawTable(caption, heads, rows, box = this.at("table"), onRow = null) {
    const table = make("table");
    table.append(make("caption", "", caption));
    const head = table.createTHead().insertRow();
    for (const label of heads) { const cell = make("th", "", label); cell.scope = "col"; head.append(cell); }
    const body = table.createTBody();
    rows.forEach((row, index) => {
      const line = body.insertRow();
      row.forEach((text, column) => { const cell = make(column ? "td" : "th", "", text); if (!column) cell.scope = "row"; line.append(cell); });
      if (onRow) {
        const button = make("button", "", "open in the map");
        button.type = "button";
        button.addEventListener("click", () => onRow(index));
        line.append(make("td"));
        line.lastChild.append(button);
      }
    });
    box.tabIndex = 0;
    box.replaceChildren(table);
  }

  drawHeads() {
    const { heads } = this.data;
    const scale = Math.max(1e-9, ...heads.map((one) => Math.abs(one.value)));
    const name = (one) => `layer ${one.layer + 1}, head ${one.head + 1}`;
    this.drawBars(heads.map((one) => ({ name: name(one), value: one.value, shown: one.shown })), scale);
    this.drawTable("Every head, by the size of its effect.", ["head", "change of the logit", "map"], heads.map((one) => [name(one), one.shown]), this.at("table"), (index) => {
      const memory = (window.relevanceLabTokens ??= {}); // the map takes it over when it is mounted
      memory.chose = true;
      memory.state = { ...memory.state, layer: heads[index].layer, head: heads[index].head, heads: "one" };
      this.send("head", Date.now());
    });
  }

  drawBest() {
    const { best } = this.data;
    this.at("best").hidden = !best;
    if (best) this.drawTable("Late interaction, as contrast: each query token's best document token.", ["query token", "best document token", "cosine of the two"], best.map((one) => [one.query, one.document, one.cosine]), this.at("best"));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".mattered");
  const view = root.labView ?? (root.labView = new MatteredView(root));
  view.update(data, setTriggerValue);
}
