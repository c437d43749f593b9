/* How often the model is right on the built-in pairs, by phenomenon, and where it is not. */

const HEADS = ["premise", "hypothesis", "expected", "the model says", ""];

class TallyView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.at("again").addEventListener("click", () => { setText(this.at("running"), "Running …"); this.send("again", Date.now()); });
    this.at("wrong").addEventListener("change", () => this.filter());
    this.at("groups").addEventListener("click", (event) => {
      const { example } = event.target.closest?.("button")?.dataset ?? {};
      if (example) this.send("example", example);
    });
  }

  update(data, send) {
    const { at } = this;
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    setText(at("finding"), data.finding || (data.problem ? "" : "The model is held against our pairs once your own text is answered."));
    setText(at("problem"), data.problem);
    at("problem").hidden = !data.problem;
    setText(at("running"), data.running ? `Running: ${data.done} of ${data.total} pairs.` : "");
    at("again").hidden = data.running || !data.retry;
    at("only").hidden = !data.groups.length;
    setText(at("made"), data.made);
    const key = JSON.stringify(data.groups);
    if (this.key !== key) {
      this.key = key;
      const open = new Set([...at("groups").querySelectorAll("details[open]")].map((one) => one.dataset.name));
      at("groups").replaceChildren(...data.groups.map((group) => this.group(group, open.has(group.name))));
      this.filter();
    }
  }

  group({ name, right, pairs }, isOpen) {
    const box = make("details");
    box.dataset.name = name;
    box.open = isOpen;
    const summary = make("summary");
    const dots = make("span", "dots");
    dots.setAttribute("aria-hidden", "true");
    dots.append(...pairs.map((pair) => make("i", pair.right ? "right" : "")));
    summary.append(make("span", "name", name), dots, make("span", "", `${right} of ${pairs.length} right`));
    const table = make("table");
    const head = make("tr");
    head.append(...HEADS.map((words) => { const one = make("th", "", words); one.scope = "col"; if (!words) one.append(make("span", "sr", "open")); return one; }));
    const body = make("tbody");
    body.append(...pairs.map((pair) => this.row(pair)));
    table.append(make("thead"), body);
    table.tHead.append(head);
    const scroller = make("div", "scroller");
    Object.assign(scroller, { tabIndex: 0, role: "region", ariaLabel: name });
    scroller.append(table);
    box.append(summary, scroller);
    return box;
  }

  row(pair) {
    const row = make("tr", pair.right ? "" : "off");
    const button = make("button", "", "Open");
    button.type = "button";
    button.dataset.example = pair.example;
    button.setAttribute("aria-label", `Open: ${pair.premise}`);
    const cell = make("td");
    cell.append(button);
    row.append(make("td", "", pair.premise), make("td", "", pair.hypothesis), make("td", "", pair.expected), make("td", "says", `${pair.says}${pair.right ? "" : ", not as expected"}`), cell);
    return row;
  }

  filter() {
    const only = this.at("wrong").checked;
    const boxes = [...this.at("groups").children];
    if (only && !this.openBefore) this.openBefore = new Set(boxes.filter((box) => box.open).map((box) => box.dataset.name));
    if (!only && this.openBefore) {
      for (const box of boxes) box.open = this.openBefore.has(box.dataset.name);
      this.openBefore = null;
    }
    for (const box of boxes) {
      const off = box.querySelectorAll("tr.off").length;
      box.hidden = only && !off;
      if (only && off) box.open = true;
      for (const row of box.querySelectorAll("tbody tr")) row.hidden = only && !row.classList.contains("off");
    }
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tally");
  const view = root.labView ?? (root.labView = new TallyView(root));
  view.update(data, setTriggerValue);
}
