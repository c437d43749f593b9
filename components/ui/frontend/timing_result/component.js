/* The figures of a race. The sliders are answered here: every sentence came with the data, computed where it can be tested. */

class FiguresView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.memory = window.relevanceLabTiming ??= { open: {} }; // outlives a visit to another page
    for (const id of ["budget", "size", "kept"]) {
      this.at(id).addEventListener("input", () => { this.memory[id] = Number(this.at(id).value); this.drawSliders(); });
    }
    for (const box of root.querySelectorAll("details")) {
      box.open = Boolean(this.memory.open[box.dataset.name]);
      box.addEventListener("toggle", () => { this.memory.open[box.dataset.name] = box.open; });
    }
    for (const button of root.querySelectorAll("[data-save]")) {
      button.addEventListener("click", () => {
        this.asked = Date.now();
        setText(this.at("saved"), "One moment …");
        this.send("export", { kind: button.dataset.save, count: this.asked });
      });
    }
    new ResizeObserver(() => { if (this.width !== root.clientWidth) this.draw(); }).observe(root);
  }

  update(data, send) {
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    this.at("all").hidden = !data.id;
    if (!data.id) return;
    this.root.classList.toggle("stale", data.stale);
    this.save(data.download);
    if (this.data?.id === data.id) return;
    this.data = data;
    this.root.dataset.id = data.id;
    this.fill();
    this.draw();
  }

  save(file) {
    if (!file || file.count !== this.asked) return;
    this.asked = null;
    setText(this.at("saved"), `${file.name} saved.`);
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([file.text], { type: "text/plain" }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  term(name) {
    return termButton(this.root, name, this.data.terms[name]);
  }

  /** Sentences, tables, legends: what does not depend on the width. */
  fill() {
    const { data } = this;
    const { replicates, stages, why, budget, collection } = data;
    setText(this.at("spread"), replicates.sentence);
    setText(this.at("stages-said"), stages.sentence);
    setText(this.at("work"), why.work);
    setText(this.at("growth"), why.growth);
    setText(this.at("formula"), why.formula);
    setText(this.at("budget-method"), budget.method);
    for (const caption of this.root.querySelectorAll(".environment")) {
      const words = caption.classList.contains("short") ? `${data.raced}, ${data.environment_short}.` : `${data.raced}. ${data.environment}`;
      setText(caption, `${data.stored ? "Stored: " : "Measured: "}${words}`);
    }
    this.at("strip-table").replaceChildren(stripTable(replicates));
    this.at("stages-table").replaceChildren(stagesTable(stages));
    this.at("budget-table").replaceChildren(budgetTable(budget));
    const heads = ["way", this.term("forward pass"), "batches", "tokens", "with padding", this.term("FLOP"), "a second of forward"];
    this.at("counted").replaceChildren(tableOf("Counted for one run; operations a second from the median forward time.", heads, why.counted));
    this.fillLegends(stages.names);
    this.fillWhy(why.figures);
    this.at("million").hidden = !collection;
    this.slider("budget", budget.steps.length, budget.steps.findIndex(({ ms }) => ms === 100));
    if (collection) this.fillCollection(collection);
    for (const box of this.root.querySelectorAll(".scroller")) box.tabIndex = 0;
    for (const box of this.root.querySelectorAll(".scroller")) { box.setAttribute("role", "region"); box.setAttribute("aria-label", box.querySelector("caption")?.textContent ?? "table"); }
  }

  slider(id, count, start) {
    this.at(id).max = count - 1;
    this.memory[id] ??= start;
    this.at(id).value = Math.min(this.memory[id], count - 1);
  }

  fillLegends(stages) {
    const entry = (svg, ...words) => { const one = make("span"); one.append(svg, ...words); return one; };
    const stroke = (name) => shape("line", { class: name, x1: 7, x2: 7, y1: 1, y2: 13 });
    this.at("strip-legend").replaceChildren(
      entry(sample("cross-encoder", markOf("cross-encoder", 7, 7)), "a ", this.term("replicate")),
      entry(sample("", stroke("median")), this.term("median")), entry(sample("", stroke("p95")), this.term("p95")),
      entry(sample("bi-encoder", shape("circle", { class: "mark hollow", cx: 7, cy: 7, r: 4, "stroke-dasharray": "2 2" })), this.term("warm-up"), ", left out"));
    this.at("stages-legend").replaceChildren(...stages.map((name, index) => entry(sample("cross-encoder", stageRect(STAGE_LOOKS[index], 1, 2, 12, 10)), name)));
    this.at("million-legend").replaceChildren(
      entry(sample("cross-encoder", markOf("cross-encoder", 7, 7)), "cross-encoder over all"),
      entry(sample("bi-encoder", markOf("bi-encoder, nothing embedded", 7, 7)), "bi-encoder over an ", this.term("index")),
      entry(sample("both", shape("rect", { class: "mark", x: 3, y: 3, width: 8, height: 8 })), this.term("two-stage")),
      entry(sample("", shape("line", { class: "chosen dashed", x1: 0, x2: 14, y1: 7, y2: 7 })), "dashed, hollow: ", this.term("extrapolated")));
  }

  fillWhy(figures) {
    this.at("why").replaceChildren(...figures.map((figure) => {
      const box = make("div");
      const plot = make("div", "plot");
      plot.id = `why-${figure.name}`;
      const list = make("ul", "equations");
      list.append(...figure.sentences.map((sentence, index) => {
        const { kind, way } = figure.series[index];
        const item = make("li");
        item.append(sample(kind, markOf(way, 7, 7)), sentence);
        return item;
      }));
      const details = make("details");
      const scroller = make("div", "scroller");
      scroller.append(growthTable(figure));
      details.append(make("summary", "", `Table of ${figure.name}`), scroller);
      box.append(make("h3", "", `Time against ${figure.name}`), plot, list, details);
      return box;
    }));
    const note = make("li");
    note.append("Lines by least squares over every lap; ", this.term("R²"), " says how much they explain.");
    this.at("why").querySelector(".equations").append(note);
  }

  fillCollection(collection) {
    this.slider("size", collection.sizes.length, collection.sizes.length - 1);
    this.slider("kept", collection.kept.length, collection.kept.indexOf(100));
    setText(this.at("million-method"), `From the lines T = a + b n above, timed up to ${collection.measured[0]} documents, and from exact searches (numpy, one thread, random vectors) timed up to ${collection.measured[1]} vectors. Beyond that everything is extrapolated; the bands are 95 % intervals of the lines, not of single runs.`);
    this.at("queries").replaceChildren(tableOf(`Extrapolated: all queries together over ${WHOLE(collection.sizes.at(-1))} documents.`, ["queries", "cross-encoder over all", "bi-encoder: embed once, then the index"], collection.queries));
  }

  /** What depends on the width. */
  draw() {
    const { data } = this;
    if (!data) return;
    this.width = this.root.clientWidth;
    drawStrip(this.at("strip"), data.replicates);
    drawStages(this.at("stages"), data.stages);
    for (const figure of data.why.figures) drawGrowth(this.at(`why-${figure.name}`), figure);
    this.drawSliders();
  }

  drawSliders() {
    const { budget, collection } = this.data;
    const value = (id) => Number(this.at(id).value);
    const say = (id, out, words) => { setText(this.at(out), words); this.at(id).setAttribute("aria-valuetext", words); };
    const step = budget.steps[value("budget")];
    say("budget", "budget-ms", step.words);
    setText(this.at("budget-said"), step.sentence);
    drawBudget(this.at("budget-plot"), budget, value("budget"));
    if (!collection) return;
    const [size, kept] = [value("size"), value("kept")];
    say("size", "size-said", WHOLE(collection.sizes[size]));
    say("kept", "kept-said", String(collection.kept[kept]));
    setText(this.at("million-said"), collection.sentences[kept][size]);
    drawMillion(this.at("million-plot"), collection, size, kept, collection.sentences[kept][size]);
    this.at("million-table").replaceChildren(millionTable(collection, kept));
    const said = this.at("break-even");
    said.replaceChildren(termButton(this.root, "Break-even", this.data.terms["break-even"]), `: ${collection.break_even[size]}`);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".figures");
  const view = root.labView ?? (root.labView = new FiguresView(root));
  view.update(data, setTriggerValue);
}
