/* The model panel: what is loaded, and adding another model. */

class Panel {
  constructor(view) {
    this.view = view;
    this.shown = "";
    this.open = new Set(); // names of the parts that are unfolded
    const { at } = view;
    at("add").addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(at("add-name").value, at("add-kind").value);
    });
  }

  opened() {
    this.view.send("panel", { open: true, at: Date.now() });
  }

  closed() {
    this.view.send("panel", { open: false, at: Date.now() });
  }

  add(name, kind) {
    setText(this.view.at("add-said"), `Looking for ${name.trim() || "a model"} …`);
    this.view.at("add-said").hidden = false;
    this.view.send("add", { name, kind, at: Date.now() });
  }

  update(data) {
    const { at } = this.view;
    const { adding } = data;
    if (!at("add-kind").options.length) {
      at("add-kind").replaceChildren(...data.kinds.map((kind) => { const option = make("option", "", kind); option.value = kind; return option; }));
    }
    setText(at("hub-said"), data.hub);
    at("hub-said").hidden = !data.hub;
    const said = adding?.message || (adding?.state === "working" ? "One moment …" : "");
    if (adding) setText(at("add-said"), said);
    at("add-said").hidden = !at("add-said").textContent || !adding;
    at("add-button").disabled = adding?.state === "working";
    setText(at("panel-step"), data.step);
    at("panel-step").hidden = !data.step;
    const wanted = JSON.stringify([data.rows, data.known, adding?.state === "working"]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    at("panel-rows").replaceChildren(...data.rows.map((row) => this.row(row)));
    at("panel-known").replaceChildren(...this.known(data.known, adding?.state === "working"));
  }

  row({ kind, name, state, facts, added, figures }) {
    const section = make("section", `model ${kind.replace(" ", "-")}`);
    const title = make("h3");
    title.append(make("span", "kind", kind), ` ${name}`);
    const list = make("dl", "facts");
    for (const [term, words] of [["state", state + (added ? ", added by a visitor" : "")], ...facts]) {
      const pair = make("div");
      pair.append(make("dt", "", term), make("dd", "", words));
      list.append(pair);
    }
    section.append(title, list);
    if (figures) section.append(this.figures(name, figures));
    return section;
  }

  /** Our held-out figures, folded away: one sentence says the most important. */
  figures(name, { sentence, head, rows }) {
    const details = make("details");
    details.open = this.open.has(name);
    details.addEventListener("toggle", () => { if (details.open) this.open.add(name); else this.open.delete(name); });
    const wide = make("div", "wide");
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", `held-out figures of ${name}`);
    const table = make("table");
    const top = make("tr");
    for (const words of head) { const cell = make("th", "", words); cell.scope = "col"; top.append(cell); }
    const body = rows.map(([set, ...cells]) => {
      const line = make("tr");
      const first = make("th", "", set);
      first.scope = "row";
      line.append(first, ...cells.map((cell) => make("td", "", cell)));
      return line;
    });
    table.createTHead().append(top);
    table.createTBody().append(...body);
    wide.append(table);
    details.append(make("summary", "", "Our held-out figures"), wide);
    const box = make("div");
    if (sentence) box.append(make("p", "", sentence));
    box.append(details);
    return box;
  }

  known(models, busy) {
    if (!models.length) return [];
    const list = make("ul");
    for (const { name, kind, words, refused, loaded } of models) {
      const item = make("li");
      const button = make("button", "", loaded ? "loaded" : "Add");
      button.type = "button";
      button.setAttribute("aria-label", `${loaded ? "loaded:" : "Add"} ${name}`);
      button.disabled = busy || loaded || Boolean(refused);
      button.addEventListener("click", () => this.add(name, kind));
      const text = make("span");
      text.append(make("strong", "", name), ` ${kind}; ${words}${refused ? ` ${refused}` : ""}`);
      item.append(button, text);
      list.append(item);
    }
    return [make("h3", "", "Well-known models"), list];
  }
}
