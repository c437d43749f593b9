/* Two texts, for each of the two ways of asking. */

const PAGE = "entailment"; // keeps this page's draft apart
const WORDS = {
  hypotheses: { above: "Premise", below: "Hypotheses", hint: ["what is taken for true", "what may follow from it, one on each line"] },
  claim: { above: "Claim", below: "Text", hint: ["one sentence", "the text whose sentences may support or contradict it"] },
};

/** The examples, grouped by phenomenon. */
function fillExamples(select, examples, value) {
  if (!select.options.length) {
    const groups = new Map();
    for (const { id, group, title } of examples) {
      if (!groups.has(group)) { groups.set(group, make("optgroup")); groups.get(group).label = group; }
      const option = make("option", "", title);
      option.value = id;
      groups.get(group).append(option);
    }
    const own = make("option", "", "your own text");
    own.value = "";
    select.replaceChildren(own, ...groups.values());
  }
  if (select.value !== value) select.value = value;
}

/** What a link asks for, or null. A link that was cut or changed is told by the number of its characters. */
function linkedQuestion() {
  const found = new URLSearchParams(location.hash.slice(1));
  if (!found.has("entailment")) return null;
  const [above, below, example] = ["above", "below", "pair"].map((name) => found.get(name));
  const whole = example !== null || `${(above ?? "").length + (below ?? "").length}` === found.get("size");
  return { mode: found.get("entailment"), above, below: below ?? (above === null ? null : ""), example, whole,
    both_ways: found.get("both") === "1", sort: found.get("sort"), model: found.get("model") };
}

class AsksView extends Boxes {
  constructor(root) {
    super(root, PAGE);
    this.mode = "hypotheses";
    this.boxes = { hypotheses: ["", ""], claim: ["", ""] };
    this.listen();
  }

  /** What is in the boxes now, for both ways of asking. */
  get current() {
    this.boxes[this.mode] = [this.at("above").value, this.at("below").value];
    return { mode: this.mode, boxes: structuredClone(this.boxes) };
  }

  get hasText() {
    return Object.values(this.current.boxes).flat().some((text) => text.trim());
  }

  submit() {
    const text = this.current;
    this.sendText(text, text.boxes[text.mode].join("").length);
  }

  listen() {
    const { at } = this;
    for (const id of ["above", "below"]) this.listenTo(id);
    for (const button of this.root.querySelectorAll("[data-mode]")) {
      button.addEventListener("click", () => {
        if (button.dataset.mode === this.mode) return;
        this.show({ ...this.current, mode: button.dataset.mode });
        this.typed = true;
        this.submit();
      });
    }
    at("example").addEventListener("change", () => {
      if (!at("example").value) return;
      this.saveNext = true;
      this.ask("example", at("example").value);
    });
    at("back").addEventListener("click", () => { this.saveNext = true; this.ask("back", Date.now()); });
    at("forget").addEventListener("click", () => {
      at("above").value = at("below").value = "";
      this.boxes = { hypotheses: ["", ""], claim: ["", ""] };
      drafts.forget(PAGE);
      this.ask("forget", this.stamp());
    });
  }

  update(data, send) {
    const { at } = this;
    if (data.handled >= this.sentAt && !this.timer) this.typed = false; // what was typed has arrived
    const { isNew } = this.take(data, send);
    if (isNew && this.session === null) this.begin(data);
    this.session = data.session;
    this.version = data.version;
    if (this.saveNext) { this.saveNext = false; drafts.save(this.current, PAGE); }
    fillExamples(at("example"), data.examples, data.example);
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("settled", data.settled);
    at("back").hidden = !data.can_take_back;
    setText(at("found"), data.found);
    setText(at("look"), data.look_at);
    setText(at("limits"), data.limits[this.mode]);
    setText(at("problem"), data.problem);
    at("problem").hidden = !data.problem;
  }

  /** A link goes before a draft, and takes the draft along so that it is put aside; else the draft comes back. */
  async begin(data) {
    const link = linkedQuestion();
    if (!link && data.touched) return;
    const draft = await drafts.load(PAGE);
    if (link) {
      history.replaceState(null, "", location.pathname + location.search);
      this.saveNext = true;
      this.ask("link", { ...link, draft: draft ?? null });
    } else if (draft?.boxes && !this.timer && !this.typed) {
      this.show(draft);
      this.submit();
    }
  }

  /** Take over text that the server or a draft holds. */
  show({ mode, boxes }) {
    this.mode = mode;
    this.boxes = structuredClone(boxes);
    const words = WORDS[mode];
    ["above", "below"].forEach((id, place) => {
      const box = this.at(id);
      if (box.value !== this.boxes[mode][place]) box.value = this.boxes[mode][place];
      box.placeholder = words.hint[place];
      setText(this.at(`${id}-label`), words[id]);
    });
    for (const button of this.root.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    if (this.data) setText(this.at("limits"), this.data.limits[mode]);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".asks");
  const view = root.labView ?? (root.labView = new AsksView(root));
  view.update(data, setTriggerValue);
}
