/* The race: what is to race, Start and Stop, two lanes in which every document is a tick at the time it was done. */

const SVG_SPACE = "http://www.w3.org/2000/svg";
const TICK_ROWS = 5; // documents of one batch are done at once: their ticks stand in columns of so many
const TICK = 5; // px from tick to tick

class RaceView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.at("form").addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
    this.at("stop").addEventListener("click", () => {
      this.at("stop").disabled = true;
      setText(this.at("waiting"), "Stopping …");
      this.send("stop", Date.now());
    });
    for (const id of ["source", "count", "length", "replicates"]) {
      this.at(id).addEventListener("change", () => { this.showMadeUp(); this.send("ask", this.asked()); });
    }
    new ResizeObserver(() => this.data && this.drawLanes()).observe(root);
  }

  asked() {
    const number = (id) => Number(this.at(id).value);
    return { source: this.at("source").value, count: this.count(), length: number("length"), replicates: number("replicates") };
  }

  /* The number in the box, put within its limits there, too: what is sent is what one sees. */
  count() {
    const box = this.at("count");
    const count = Math.max(box.min, Math.min(box.max, Math.round(box.value)));
    box.value = count;
    return count;
  }

  start() {
    if (this.at("race").disabled) return;
    this.at("race").disabled = true;
    setText(this.at("waiting"), "Starting …");
    this.send("start", { ...this.asked(), at: Date.now() });
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("stale", data.stale);
    setText(this.at("finding"), data.finding);
    setText(this.at("mark"), data.mark);
    this.at("mark").classList.toggle("kept", !data.mark.startsWith("Measured"));
    this.drawControls(data);
    this.at("problem").hidden = !data.problem;
    setText(this.at("problem"), data.problem);
    setText(this.at("waiting"), data.waiting);
    setText(this.at("left"), data.left);
    this.at("progress").value = data.total ? data.done / data.total : 0;
    this.root.querySelector(".work").classList.toggle("idle", !data.running);
    this.at("race").disabled = !data.can_race;
    this.at("stop").hidden = !data.running;
    this.at("stop").disabled = !data.stoppable;
    setText(this.at("lanes-note"), data.lanes.documents ? `A tick is a document, at the time it was done (${data.lanes_note}). Documents of one batch are done at once.` : "");
    setText(this.at("busy"), data.busy);
    this.at("busy").classList.toggle("is-busy", data.is_busy);
    setText(this.at("before"), data.before);
    this.at("lanes").classList.toggle("kept", data.lanes_note !== "live");
    this.drawLanes();
  }

  drawControls({ asked, choices, workspace, query, running, terms }) {
    if (!this.at("replicates-term").childElementCount) this.at("replicates-term").append(termButton(this.root, "replicates", terms.replicate));
    this.options("source", [["workspace", workspace], ["made up", "made-up ones"]], asked.source);
    this.options("length", choices.lengths.map((one) => [one, `${one} tokens`]), asked.length);
    this.options("replicates", choices.replicates.map((one) => [one, one]), asked.replicates);
    const count = this.at("count");
    [count.min, count.max] = choices.counts;
    if (this.root.getRootNode().activeElement === count) count.dataset.value = asked.count; // what is being typed stays
    else this.show(count, asked.count);
    for (const id of ["source", "count", "length", "replicates"]) this.at(id).disabled = running;
    setText(this.at("query"), query ? `Query: ${query}` : "");
    this.showMadeUp();
  }

  showMadeUp() {
    for (const label of this.root.querySelectorAll(".made-up")) label.hidden = this.at("source").value !== "made up";
  }

  options(id, wanted, value) {
    const select = this.at(id);
    const key = JSON.stringify(wanted);
    if (select.dataset.key !== key) {
      select.dataset.key = key;
      select.replaceChildren(...wanted.map(([one, label]) => { const option = make("option", "", label); option.value = one; return option; }));
      select.dataset.value = "";
    }
    this.show(select, value);
  }

  /* Show what the server has, where that is new: a choice on its way to it is not undone by an older answer. */
  show(control, value) {
    if (control.dataset.value === String(value)) return;
    control.dataset.value = value;
    control.value = value;
  }

  drawLanes() {
    const { rows, scale } = this.data.lanes;
    const key = JSON.stringify([this.data.lanes, this.root.clientWidth]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.at("lanes").replaceChildren(...rows.map((row) => {
      const lane = make("div", `lane ${row.kind}`);
      lane.dataset.way = row.way;
      const name = make("div", "name", row.label);
      name.append(make("span", "said now", row.words || "not yet raced"), make("span", "said", row.median));
      const track = make("div", "track");
      lane.append(name, track);
      track.append(this.track(row, scale));
      return lane;
    }));
  }

  track(row, scale) {
    const width = Math.max(200, this.root.clientWidth <= 640 ? this.root.clientWidth - 8 : this.root.clientWidth - 260);
    const right = width - 12;
    const svg = document.createElementNS(SVG_SPACE, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} 44`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${row.label}: ${row.words || "not yet raced"}`);
    const part = (tag, attributes, text) => {
      const element = document.createElementNS(SVG_SPACE, tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      if (text !== undefined) element.textContent = text;
      svg.append(element);
      return element;
    };
    part("line", { x1: 0, x2: right, y1: 30, y2: 30, stroke: "var(--line)", "stroke-width": 2 });
    for (const [at, count] of row.ticks) {
      const end = (right * at) / scale;
      for (let index = 0; index < count; index++) {
        const [column, level] = [Math.floor(index / TICK_ROWS), index % TICK_ROWS];
        const x = Math.max(1, end - column * TICK);
        part("rect", { x: x - 1.5, y: 25.5 - level * TICK, width: 3, height: TICK - 1.5, fill: "var(--ink)", class: "tick" });
      }
      part("line", { x1: end, x2: end, y1: 30, y2: 34, stroke: "var(--ink)", "stroke-width": 1 });
    }
    if (row.ticks.length) {
      const end = (right * row.ticks.at(-1)[0]) / scale;
      part("text", { x: Math.min(end, right), y: 43, "text-anchor": end < 40 ? "start" : "end" }, row.words.split(", ").at(-1));
    }
    return svg;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".timing");
  const view = root.labView ?? (root.labView = new RaceView(root));
  view.update(data, setTriggerValue);
}
