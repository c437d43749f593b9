/* Boxes to type into. They are the browser's own while one types; their text goes up once, as a trigger, in a pause. */

const PASTE_MS = 30; // a paste is sent at once
const TYPE_MS = 350; // typing is sent when it pauses
const AGAIN_MS = 3000; // a text the server has not taken in by then is sent once more

/** What the input views share. A view adds ``current`` (what is in its boxes), ``hasText``, ``submit`` and ``show``. */
class Boxes {
  /** ``page`` keeps the drafts of several pages apart. */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.at = (id) => root.querySelector(`#${id}`);
    this.version = -1;
    this.session = null;
    this.timer = 0;
    this.typed = false; // since the server was last asked for a text
    this.sentAt = 0; // stamp of the newest message that has to arrive
    addEventListener("pagehide", () => { if (this.timer) drafts.save(this.current, page); });
  }

  /** Send what is typed into a box. */
  listenTo(id) {
    const box = this.at(id);
    box.addEventListener("input", ({ inputType }) => this.later(["insertFromPaste", "insertFromDrop"].includes(inputType) ? PASTE_MS : TYPE_MS));
    box.addEventListener("change", () => { if (this.timer) this.submit(); });
  }

  later(ms) {
    this.typed = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.submit(), ms);
  }

  nothingWaits() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  /** Send a text of so many characters, and keep it as the draft; false where it is too long to be sent. */
  sendText(text, length, more = {}) {
    this.nothingWaits();
    if (length > this.data.most_characters) {
      this.send("edit", { too_long: length });
      return false;
    }
    drafts.save(text, this.page);
    this.send("edit", { ...text, ...more, at: this.stamp() });
    this.checkLater();
    return true;
  }

  /** A number that rises with every message: the server takes none that is older than one it has taken. */
  stamp() {
    this.sentAt = Math.max(Date.now(), this.sentAt + 1);
    return this.sentAt;
  }

  /** Two messages in quick succession can lose the first or the second on a busy server: what is in the boxes counts. */
  checkLater() {
    clearTimeout(this.check);
    this.check = setTimeout(() => {
      if (this.root.isConnected && this.data.handled < this.sentAt && !this.timer) this.submit();
    }, AGAIN_MS);
  }

  /** Ask the server for a text that takes the place of what is in the boxes. */
  ask(name, value) {
    this.nothingWaits();
    this.typed = false;
    this.send(name, value);
  }

  /** Take what the server sent; says whether its session is a new one, and whether there was text here before. */
  take(data, send) {
    this.send = send;
    this.data = data;
    const isNew = this.session !== data.session;
    const hadText = this.session !== null && this.hasText;
    if (isNew && !data.touched && hadText) {
      this.submit(); // the server was restarted while this page stayed open: what is in the boxes is the truth
    } else if ((data.version !== this.version && !this.typed) || isNew) {
      this.show(data); // where somebody has typed on before the text they asked for came, what they typed stands
    }
    return { isNew, hadText };
  }
}
