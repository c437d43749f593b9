/* What surrounds every page: models, link, session file, keys. */

const PASSING_MS = 10_000; // a sentence that asks for nothing goes by itself

class FrameView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.links = new Links(this);
    this.panel = new Panel(this);
    this.saidCount = null;
    this.saved = 0; // number of the session file that is waited for
    this.listen();
    listenForKeys(root, () => this.show("sheet"));
  }

  listen() {
    const { at } = this;
    at("more").addEventListener("click", () => this.toggleMenu(!at("menu").classList.contains("open")));
    at("menu").addEventListener("click", () => this.toggleMenu(false));
    at("open-sheet").addEventListener("click", () => this.show("sheet"));
    at("open-session").addEventListener("click", () => this.show("session"));
    at("open-panel").addEventListener("click", () => this.show("panel"));
    at("copy-link").addEventListener("click", () => this.links.copy());
    at("close-said").addEventListener("click", () => this.say(""));
    for (const id of ["save-session", "save-instead"]) at(id).addEventListener("click", () => this.saveSession());
    at("choose-session").addEventListener("click", () => at("session-input").click());
    at("session-input").addEventListener("change", () => this.openSession());
    for (const button of this.root.querySelectorAll("[data-close]")) {
      button.addEventListener("click", () => button.closest("dialog").close());
    }
    for (const dialog of this.root.querySelectorAll("dialog")) {
      dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }); // the backdrop
      dialog.addEventListener("keydown", (event) => event.stopPropagation()); // a page's own keys rest meanwhile
    }
    at("panel").addEventListener("close", () => this.panel.closed());
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (!at("said-box").hidden) this.say("");
      if (at("menu").classList.contains("open")) { this.toggleMenu(false); at("more").focus(); }
    });
    const away = (event) => {
      if (!this.root.isConnected) document.removeEventListener("pointerdown", away);
      else if (!event.composedPath().includes(this.root)) this.toggleMenu(false);
    };
    document.addEventListener("pointerdown", away);
  }

  toggleMenu(isOpen) {
    this.at("menu").classList.toggle("open", isOpen);
    this.at("more").setAttribute("aria-expanded", String(isOpen));
  }

  /** Open a dialog: the browser keeps the focus in it, closes it by Esc, and puts the focus back. */
  show(id) {
    const dialog = this.at(id);
    if (dialog.open) return;
    for (const other of this.root.querySelectorAll("dialog[open]")) other.close();
    if (id === "sheet") drawSheet(this.at("sheet-groups"), this.data.keys);
    if (id === "session") this.sayInSession("");
    dialog.showModal();
    dialog.scrollTop = 0;
    if (id === "panel") this.panel.opened();
  }

  say(sentence, { url = "", file = false, passing = false } = {}) {
    const { at } = this;
    clearTimeout(this.saidTimer);
    if (passing) this.saidTimer = setTimeout(() => this.say(""), PASSING_MS);
    at("said-box").hidden = !sentence;
    setText(at("said"), sentence);
    at("url").hidden = !url;
    at("url").value = url;
    at("save-instead").hidden = !file;
    if (url) { at("url").focus(); at("url").select(); }
  }

  sayInSession(sentence) {
    setText(this.at("session-said"), sentence);
    this.at("session-said").hidden = !sentence;
  }

  saveSession() {
    this.saved = Date.now();
    this.send("save", { number: this.saved });
  }

  async openSession() {
    const [file] = this.at("session-input").files;
    this.at("session-input").value = "";
    if (!file) return;
    if (file.size > this.data.most_bytes) {
      this.sayInSession(`The file has ${(file.size / 1e6).toFixed(0)} MB, and a session file has at most ${this.data.most_bytes / 1e6} MB: choose another one.`);
      return;
    }
    window.dispatchEvent(new CustomEvent("relevance-lab-new-text"));
    this.send("session", { text: await file.text(), at: Date.now() });
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    this.root.classList.toggle("dark", isDark(this.root));
    this.links.update(data);
    if (data.download && data.download.number === this.saved) {
      this.saved = 0;
      saveText(data.download.name, data.download.text);
    }
    if (data.said.count !== (this.saidCount ?? data.said.count)) this.take(data.said);
    else if (this.saidCount === null && data.said.text) this.take(data.said);
    this.saidCount = data.said.count;
    this.panel.update(data.models);
  }

  /** A sentence of the server: in the dialog it belongs to while that is open, else beside the page. */
  take({ text, closes }) {
    if (this.at("session").open && !closes) { this.sayInSession(text); return; }
    if (this.at("session").open) this.at("session").close();
    this.say(text);
  }
}

function saveText(name, text) {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".frame");
  const view = root.labView ?? (root.labView = new FrameView(root));
  view.update(data, setTriggerValue);
}
