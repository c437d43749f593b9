/* One lesson: texts, prediction, run, what came out. Choosing is answered here; every message says where it belongs. */

const KEYS = "Right and left arrow (or page down and up): next lesson and the one before. 1 to 4: predict. Enter: run. T: another text. P: present, Escape ends it.";

class LessonsView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.memory = (window.relevanceLabLessons ??= { present: false });
    this.at("back").addEventListener("click", () => this.move(-1));
    this.at("next").addEventListener("click", () => this.move(1));
    this.at("run").addEventListener("click", () => this.run());
    this.at("earlier").addEventListener("click", () => this.another(-1));
    this.at("later").addEventListener("click", () => this.another(1));
    this.at("shuffle").addEventListener("click", () => this.tell("shuffle", 1 + Math.floor(Math.random() * 1e6)));
    this.at("stop").addEventListener("click", () => { setText(this.at("waiting"), "Stopping …"); this.tell("stop"); });
    this.at("again").addEventListener("click", () => { this.root.querySelector("#again").disabled = true; this.tell("count"); });
    this.at("present").addEventListener("click", () => this.present(!this.memory.present));
    this.at("setting").addEventListener("input", () => setText(this.at("setting-value"), String(this.value())));
    this.at("setting").addEventListener("change", () => { this.root.classList.add("stale"); this.tell("set", this.value()); });
    const keys = termButton(root, "Keys", KEYS);
    keys.id = "keys";
    this.at("keys").replaceWith(keys);
    this.room = new ClassRoom(this);
    this.onKey = (event) => this.key(event);
  }

  /** Listen as long as the view stands; mounted anew, it listens again. */
  listen() {
    document.removeEventListener("keydown", this.onKey);
    document.addEventListener("keydown", this.onKey);
  }

  tell(what, value = 0) {
    const { number, item } = this.data;
    this.send("do", { do: what, value, lesson: number, item, predicted: this.predicted, at: Date.now() });
  }

  move(by) {
    const numbers = this.data.lessons.map((one) => one.number);
    const place = numbers.indexOf(this.wanted) + by;
    if (place >= 0 && place < numbers.length) this.go(numbers[place]);
  }

  go(number) {
    this.wanted = number;
    this.root.classList.add("stale");
    this.root.scrollTop = 0;
    this.tell("go", number);
  }

  another(by) {
    const { place, places } = this.data;
    this.tell("item", ((place - 1 + by + places) % places) + 1);
  }

  value() {
    return this.data.setting.values[Number(this.at("setting").value)];
  }

  predict(id) {
    if (this.data.result || this.data.working) return;
    this.predicted = this.predicted === id ? "" : id;
    this.drawOptions();
  }

  run() {
    if (this.at("run").disabled) return;
    this.at("run").disabled = true;
    setText(this.at("waiting"), "Asking the models …");
    this.tell("run");
  }

  present(on) {
    this.memory.present = on;
    this.root.classList.toggle("present", on);
    this.at("present").setAttribute("aria-pressed", String(on));
  }

  key(event) {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || !this.root.isConnected) return;
    if (target.matches?.("input, textarea, select, [contenteditable]")) return;
    const options = this.data.options;
    const { key } = event;
    if (key === "ArrowRight" || key === "PageDown") this.move(1);
    else if (key === "ArrowLeft" || key === "PageUp") this.move(-1);
    else if (key >= "1" && key <= "9" && options[Number(key) - 1]) this.predict(options[Number(key) - 1].id);
    else if (key === "Enter" && !target.matches?.("button, a, summary")) this.run();
    else if (key === "t" || key === "T") this.another(1);
    else if (key === "p" || key === "P") this.present(!this.memory.present);
    else if (key === "Escape" && this.memory.present) this.present(false);
    else return;
    event.preventDefault();
  }

  update(data, send) {
    const isOther = !this.data || this.data.number !== data.number || this.data.item !== data.item;
    if (isOther || data.predicted) this.predicted = data.predicted;
    this.data = data;
    this.send = send;
    this.wanted = data.number;
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.remove("stale");
    this.present(this.memory.present);
    this.drawList();
    const place = data.lessons.findIndex((one) => one.number === data.number);
    setText(this.at("where"), `Lesson ${data.number}: ${data.title}`);
    this.at("back").disabled = place === 0;
    this.at("next").disabled = place === data.lessons.length - 1;
    setText(this.at("question"), data.question);
    setText(this.at("ask"), data.ask);
    this.drawTexts();
    this.drawOptions();
    this.drawWork();
    this.drawResult();
    this.room.update(data);
  }

  drawList() {
    const list = this.at("list");
    const key = JSON.stringify(this.data.lessons);
    if (list.dataset.key !== key) {
      list.dataset.key = key;
      list.replaceChildren(...this.data.lessons.map(({ number, title }) => {
        const item = make("li");
        const button = make("button", "", `${number} ${title}`);
        button.type = "button";
        button.addEventListener("click", () => this.go(number));
        item.append(button);
        return item;
      }));
    }
    this.data.lessons.forEach(({ number }, index) => {
      const button = list.children[index].firstChild;
      if (number === this.data.number) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    });
    if (this.listed === this.data.number) return;
    this.listed = this.data.number;
    const chosen = list.querySelector("[aria-current]"); // on a phone the list is a row that scrolls
    if (chosen) list.scrollLeft = chosen.offsetLeft - list.offsetLeft - (list.clientWidth - chosen.offsetWidth) / 2;
  }

  drawTexts() {
    const { place, places, setting } = this.data;
    drawCards(this.at("texts"), this.data);
    setText(this.at("place"), `Text ${place} of ${places}`);
    for (const id of ["earlier", "later", "shuffle"]) this.at(id).hidden = places < 2;
    this.at("setting-box").hidden = !setting;
    if (!setting) return;
    setText(this.at("setting-label"), setting.label);
    this.at("setting").max = setting.values.length - 1;
    this.at("setting").value = setting.values.indexOf(setting.value);
    setText(this.at("setting-value"), String(setting.value));
  }

  drawOptions() {
    const { options, result, working } = this.data;
    const box = this.at("options");
    drawOptions(box, options, this.predicted, Boolean(result || working), (id) => this.predict(id));
    for (const button of box.children) button.classList.toggle("true", result?.answer === button.dataset.option);
    setText(this.at("run"), result ? "Done" : this.predicted ? "Run" : "Run without predicting");
  }

  drawWork() {
    const { working, waiting, done, total, stoppable, result, problem } = this.data;
    this.at("run").disabled = Boolean(result) || (Boolean(working) && !problem);
    setText(this.at("waiting"), working === "run" ? waiting : "");
    this.at("progress").hidden = !(working === "run" && total && !problem);
    this.at("progress").value = total ? done / total : 0;
    this.at("stop").hidden = !stoppable;
    this.at("problem").hidden = !problem;
    setText(this.at("problem"), problem);
  }

  drawResult() {
    const { result, claim, explanation } = this.data;
    this.at("result").hidden = !result;
    if (!result) return;
    for (const id of ["finding", "published", "caption"]) setText(this.at(id), result[id]);
    setText(this.at("came"), result.predicted);
    setText(this.at("claim"), claim.text);
    setText(this.at("source"), claim.source);
    setText(this.at("limits"), claim.limits);
    setText(this.at("explanation"), explanation);
    drawFigures(this.at("figures"), result.figures);
    const bar = this.at("openings");
    const key = JSON.stringify(result.openings);
    if (bar.dataset.key !== key) {
      bar.dataset.key = key;
      bar.replaceChildren(make("span", "", "Change it in"), ...result.openings.map(({ index, title }) => {
        const button = make("button", "", title);
        button.type = "button";
        button.addEventListener("click", () => { this.present(false); this.tell("open", index); });
        return button;
      }));
    }
    bar.hidden = result.openings.length === 0;
    this.drawTally();
  }

  counted({ stored, sampled, chance }) {
    const when = stored ? `Stored: counted on ${stored} with these weights and texts.` : "Counted now.";
    const coin = chance === null ? "" : ", the dotted line is chance";
    return sampled ? `${when} The thin lines are 95 % intervals (Wilson)${coin}.` : when;
  }

  drawTally() {
    const { tally, working, waiting, problem } = this.data;
    const words = working === "tally" ? (problem ? "" : waiting) : "";
    setText(this.at("count"), tally ? tally.sentence : words);
    setText(this.at("counted"), tally?.published ?? "");
    setText(this.at("stored"), tally ? this.counted(tally) : "");
    this.at("again").hidden = !(tally || problem);
    this.at("again").disabled = false;
    drawFigures(this.at("tally-figures"), tally?.figures ?? []);
    this.at("counts").replaceChildren(...(tally?.counts ?? []).map(({ kind, right, total, low, high }) => {
      const item = make("li", kind);
      const track = make("span", "track");
      const bar = make("i");
      bar.style.width = `${(100 * right) / (total || 1)}%`;
      const whisker = make("span", "whisker");
      whisker.style.left = `${100 * low}%`;
      whisker.style.width = `${100 * (high - low)}%`;
      track.append(bar, ...(tally.sampled ? [whisker] : []));
      if (tally.chance !== null) {
        const coin = make("span", "coin");
        coin.title = "coin";
        coin.style.left = `${100 * tally.chance}%`;
        track.append(coin);
      }
      item.append(make("span", "", kind), track, make("b", "", `${right} of ${total}`));
      return item;
    }));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".lessons");
  const view = root.labView ?? (root.labView = new LessonsView(root));
  view.listen();
  view.update(data, setTriggerValue);
  return () => document.removeEventListener("keydown", view.onKey);
}
