/* The documents as a table: a row a document, edited in place. The rows are the browser's own while one types. */

class Grid {
  /** ``changed(ms)`` is called after an edit: send the rows when it pauses for so long. */
  constructor(box, changed) {
    this.box = box;
    this.changed = changed;
    this.list = make("div", "list");
    this.add = make("button", "plain", "Add a document");
    this.add.type = "button";
    this.add.addEventListener("click", () => this.insertAfter(null));
    box.append(this.list, this.add);
  }

  /** The rows as pairs of id and text. */
  get value() {
    return [...this.list.children].map((row) => [row.dataset.id, row.querySelector("textarea").value]);
  }

  set value(rows) {
    const filled = rows.length ? rows : [["", ""]];
    this.list.replaceChildren(...filled.map(([id, text]) => this.row(id, text)));
    this.number();
  }

  row(id, text) {
    const row = make("div", "grid-row");
    row.dataset.id = id;
    const field = make("textarea");
    field.rows = 1;
    field.value = text;
    field.dir = "auto";
    field.spellcheck = false;
    field.addEventListener("input", () => { this.number(); this.changed(350); });
    field.addEventListener("change", () => this.changed(0));
    field.addEventListener("keydown", (event) => this.onKey(event, row));
    const remove = make("button", "plain", "×");
    remove.type = "button";
    remove.addEventListener("click", () => this.remove(row));
    row.append(make("span", "place"), field, remove);
    return row;
  }

  onKey(event, row) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter") { // Shift + Enter is a new line in the document
      event.preventDefault();
      this.insertAfter(row);
    }
    if (event.key === "Backspace" && !event.target.value && this.list.children.length > 1) {
      event.preventDefault();
      this.remove(row);
    }
  }

  insertAfter(row) {
    const made = this.row("", "");
    if (row) row.after(made); else this.list.append(made);
    this.number();
    made.querySelector("textarea").focus();
  }

  remove(row) {
    const near = row.previousElementSibling ?? row.nextElementSibling;
    if (near) row.remove(); else row.querySelector("textarea").value = "";
    (near ?? row).querySelector("textarea").focus();
    this.number();
    this.changed(0);
  }

  /** Documents count from 1; blank rows are no documents and have no number. */
  number() {
    let count = 0;
    for (const row of this.list.children) {
      const field = row.querySelector("textarea");
      const number = field.value.trim() ? String(++count) : "";
      setText(row.querySelector(".place"), number);
      field.setAttribute("aria-label", number ? `document ${number}` : "new document");
      row.lastChild.setAttribute("aria-label", number ? `remove document ${number}` : "remove this row");
    }
  }
}
