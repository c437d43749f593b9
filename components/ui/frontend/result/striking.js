/* Words of a document struck in its opened row: one row at a time, drawn by the word toggle. What it sends and gets goes
   by the view "row_toggle", so that the table is not sent again for each struck word. */

const HEARD_MS = 1500; // a message may fall into the moment in which the page is drawn anew: then it is sent again
const MOST_TRIES = 5;

class Striking {
  constructor(view) {
    this.view = view;
    this.number = 0; // of the row that is open for striking
    this.toggle = null;
    this.isFresh = true; // after another page the row that the server knows of is opened again, once
    this.line = (window.relevanceLabToggle ??= {});
    view.at("table").tBodies[0].addEventListener("keydown", (event) => this.onKey(event));
  }

  send(name, value) {
    this.line.send?.(name, value);
  }

  /** Send until it was heard. */
  insist(name, value, wasHeard, tries = MOST_TRIES) {
    if (!this.view.root.isConnected || wasHeard() || !tries) return;
    this.send(name, { ...value, at: Date.now() });
    setTimeout(() => this.insist(name, value, wasHeard, tries - 1), HEARD_MS);
  }

  /** Open a row's words for striking; 0 closes. */
  set(number) {
    const before = this.number;
    this.toggle?.flush();
    this.isFresh = false;
    this.begin(number);
    this.view.known.get(before)?.showText();
    this.view.known.get(number)?.open();
    this.insist("row", { number }, () => this.number !== number || this.line.data?.number === number);
    this.update();
  }

  begin(number) {
    this.number = number;
    this.toggle = number ? new WordToggle() : null;
  }

  /** Take over what the server says. */
  update() {
    this.line.listener = () => this.update(); // of the view that is on the screen now
    const { data } = this.line;
    const { blind, rows } = this.view.data;
    if (this.number && (blind || !rows.some((row) => row.number === this.number))) this.set(0);
    if (!data || blind) return;
    const row = this.view.known.get(data.number);
    if (this.isFresh && row && row.record.text === data.original.document) {
      this.isFresh = false;
      this.begin(row.number);
      row.open();
    }
    if (this.toggle && data.number === this.number && row) {
      this.toggle.update(data, (name, value) => this.send(name, value));
      this.view.layout();
    }
  }

  /** Fill an opened row: two buttons, below them its text, or its words to strike. */
  fill(row) {
    const isHere = this.number === row.number;
    row.strikeTools ??= this.tools(row);
    row.strikeTools.hidden = this.view.data.blind; // the scores would be seen
    const [button, open] = row.strikeTools.children;
    button.setAttribute("aria-pressed", String(isHere));
    open.hidden = !isHere;
    const body = isHere ? this.toggle.root : row.full;
    if (row.detailCell.lastChild !== body) row.detailCell.replaceChildren(row.strikeTools, body);
  }

  tools(row) {
    const tools = make("div", "row-tools");
    const button = make("button", "strike-here", "Strike words");
    button.title = "Strike words of this pair and see the scores change (key S)";
    button.addEventListener("click", () => this.set(this.number === row.number ? 0 : row.number));
    const open = make("button", "strike-there", "Go on in Tokens");
    open.addEventListener("click", () => {
      this.toggle.flush();
      this.insist("tokens", { number: row.number }, () => false); // ends when this page is left
    });
    for (const one of [button, open]) one.type = "button";
    tools.append(button, open);
    return tools;
  }

  /** S anywhere in a row opens its words, and closes them again. */
  onKey(event) {
    const row = this.view.rowOf(event.target);
    if (!row || event.key.toLowerCase() !== "s" || event.ctrlKey || event.metaKey || event.altKey || this.view.data.blind) return;
    event.preventDefault();
    this.set(row.number === this.number ? 0 : row.number);
    row.button.focus();
  }
}
