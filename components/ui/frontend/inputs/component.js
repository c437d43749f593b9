/* Query and documents, as text or as a table, typed, from a file, an example, a link or a draft. */

function fillSelect(select, options, value) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.replaceChildren(...options.map((option) => {
      const element = make("option", "", option.title);
      element.value = option.id;
      return element;
    }));
    select.dataset.options = wanted;
  }
  if (select.value !== value) select.value = value;
}

/** Whether the address is a link with a text of its own. */
function isLinked() {
  return /[#&]lab=/.test(location.hash);
}

/** The text is no longer the link's: a reload shall bring back the text and not the link. */
function leaveLink() {
  if (isLinked()) history.replaceState(history.state, "", location.pathname + location.search);
}

/** A file's bytes as base64, which is what a message can carry. */
function readAsBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

class InputsView extends Boxes {
  constructor(root) {
    super(root, "");
    this.isTable = false;
    this.grid = new Grid(this.at("grid"), (ms) => this.later(ms));
    this.listen();
  }

  /** What is in the boxes now. */
  get current() {
    const query = this.at("query").value;
    if (this.isTable) return { query, rows: this.grid.value };
    return { query, documents: this.at("documents").value, split: this.at("split").value };
  }

  get hasText() {
    const { query, documents, rows } = this.current;
    return Boolean(query || documents || rows?.some((row) => row[1]));
  }

  /** Send the text; ``goTo`` ("text" or "table") asks for the other way of editing in the same breath. */
  submit(goTo) {
    const text = this.current;
    const length = text.query.length + (text.documents?.length ?? text.rows.reduce((sum, row) => sum + row[1].length, 0));
    if (!this.sendText(text, length, goTo ? { go_to: goTo } : {})) return;
    leaveLink();
    if (goTo) this.typed = false;
  }

  ask(name, value) {
    leaveLink();
    super.ask(name, value);
  }

  listen() {
    const { at } = this;
    for (const id of ["query", "documents"]) this.listenTo(id);
    at("query").addEventListener("keydown", (event) => { if (event.key === "Enter") this.submit(); });
    at("split").addEventListener("change", () => this.submit());
    at("as-text").addEventListener("click", () => { if (this.isTable) this.submit("text"); });
    at("as-table").addEventListener("click", () => { if (!this.isTable) this.submit("table"); });
    at("choose-file").addEventListener("click", () => at("file").click());
    at("file").addEventListener("change", () => {
      const [file] = at("file").files;
      if (file) this.upload(file);
      at("file").value = ""; // the same file may be chosen again
    });
    this.root.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    this.root.addEventListener("drop", (event) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (file) { event.preventDefault(); this.upload(file); }
    });
    at("column").addEventListener("change", () => this.ask("column", at("column").value));
    at("example").addEventListener("change", () => {
      if (!at("example").value) return;
      drafts.forget();
      this.ask("example", at("example").value);
    });
    at("back").addEventListener("click", () => {
      this.ask("back", Date.now());
      this.saveNext = true;
    });
    at("forget").addEventListener("click", () => {
      at("query").value = at("documents").value = "";
      drafts.forget();
      sessionStorage.removeItem("relevance-lab-judgments"); // what view "result" keeps there
      this.ask("forget", this.stamp());
    });
    // A link or a session file is about to be opened: what was typed goes up before it, and gives way to its text.
    addEventListener("relevance-lab-new-text", () => {
      if (this.timer) this.submit();
      this.typed = false;
      this.newText = true;
    });
    window.relevanceLabPending = () => this.root.isConnected && (this.timer > 0 || this.data.handled < this.sentAt);
  }

  async upload(file) {
    this.nothingWaits();
    if (file.size > this.data.most_bytes) { // said at once; the server has the same limit
      const limit = this.data.most_bytes / 1024 / 1024;
      this.showProblem(`${file.name} has ${(file.size / 1024 / 1024).toFixed(1)} MB, and ${limit} MB is the limit: upload a part of it.`);
      return;
    }
    setText(this.at("found"), `Reading ${file.name} …`);
    try {
      this.ask("file", { name: file.name, data: await readAsBase64(file), at: Date.now() });
      this.saveNext = true;
    } catch {
      this.showProblem(`${file.name} cannot be read by this browser: choose it again.`);
    }
  }

  showProblem(sentence) {
    setText(this.at("problem"), sentence);
    this.at("problem").hidden = !sentence;
  }

  update(data, send) {
    const { at } = this;
    const { isNew, hadText } = this.take(data, send);
    if (isNew && !data.touched && !hadText) {
      drafts.load().then((draft) => {
        if (!draft || this.timer || isLinked()) return;
        this.show({ ...draft, is_table: Boolean(draft.rows) });
        this.submit();
      });
    }
    if (this.newText && data.version !== this.version) { this.newText = false; drafts.save(this.current); }
    this.session = data.session;
    this.version = data.version;
    if (this.saveNext) { this.saveNext = false; if (data.touched) drafts.save(this.current); }

    fillSelect(at("example"), [{ id: "", title: "your own text" }, ...data.examples], data.example);
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("settled", data.settled);
    at("back").hidden = !data.can_take_back;
    at("file").accept = data.formats.join(",");
    setText(at("found"), data.found);
    setText(at("look"), data.look_at);
    setText(at("limits"), data.limits);
    setText(at("file-said"), data.file);
    at("file-line").hidden = !data.file;
    fillSelect(at("column"), data.file_columns.map((name) => ({ id: name, title: name })), data.file_column);
    at("column").hidden = at("column").previousElementSibling.hidden = !data.file_columns.length;
    this.showProblem(data.problem);
  }

  /** Take over text that the server or a draft holds. */
  show({ query, documents, rows, split, is_table: isTable }) {
    const { at } = this;
    const moved = this.isTable !== isTable;
    this.isTable = isTable;
    at("query").value = query;
    if (!isTable && documents !== null) at("documents").value = documents;
    if (isTable && rows !== null) this.grid.value = rows;
    if (split) at("split").value = split;
    at("documents").hidden = isTable;
    at("grid").hidden = !isTable;
    at("split").hidden = at("split-label").hidden = isTable;
    at("as-text").setAttribute("aria-pressed", String(!isTable));
    at("as-table").setAttribute("aria-pressed", String(isTable));
    if (moved && !isTable) at("documents").scrollTop = 0;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".inputs");
  const view = root.labView ?? (root.labView = new InputsView(root));
  view.update(data, setTriggerValue);
}
