/* Retrieve & re-rank: collection and query, two columns, one figure. k is answered here; all else asks the server. */

const KEPT = "relevance-lab-retrieve"; // in this tab's sessionStorage

class RetrieveView {
  constructor(root) {
    this.root = root;
    this.at = (id) => root.querySelector(`#${id}`);
    this.scope = "query";
    this.k = null;
    this.columns = new Columns(this);
    this.figure = new Figure(this);
    const { at } = this;
    const choose = (what) => this.send("choose", { ...what, at: Date.now() });
    at("collection").addEventListener("change", () => this.send("collection", at("collection").value));
    at("stage").addEventListener("change", () => choose({ stage: at("stage").value }));
    at("most").addEventListener("change", () => choose({ most: Number(at("most").value) }));
    at("reranker").addEventListener("change", () => choose({ reranker: at("reranker").value }));
    at("search").addEventListener("change", () => choose({ exact: at("search").value === "exact" }));
    at("query").addEventListener("change", () => this.ask(at("query").value));
    at("query").addEventListener("keydown", (event) => { if (event.key === "Enter") this.ask(at("query").value); });
    at("queries").addEventListener("change", () => { if (at("queries").value) this.ask(at("queries").value); });
    at("k").addEventListener("input", () => this.chooseK(this.ks()[Number(at("k").value)]));
    at("stop").addEventListener("click", () => {
      at("stop").disabled = true;
      setText(at("waiting"), "Stopping …");
      this.send("stop", this.data.indexing ? "index" : "query");
    });
    at("go-on").addEventListener("click", () => { at("go-on").hidden = true; this.send("go_on", Date.now()); });
    at("measure").addEventListener("click", () => { this.scope = "all"; at("measure").disabled = true; this.send("measure", Date.now()); });
    at("stop-measuring").addEventListener("click", () => { at("stop-measuring").disabled = true; this.send("stop", "evaluation"); });
    at("scope-query").addEventListener("click", () => this.setScope("query"));
    at("scope-all").addEventListener("click", () => this.setScope("all"));
    at("export").addEventListener("click", () => this.send("export", Date.now()));
  }

  update(data, send) {
    const before = this.data;
    this.data = data;
    this.send = send;
    const { at } = this;
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("stale", data.stale || !data.result);
    if (this.k === null || before?.most !== data.most) this.k = data.k;
    this.columns.settle(data.judged_number);
    this.drawBar();
    this.remember();
    setText(at("said"), this.lostFile || data.said);
    if (this.asked === undefined || data.query !== before?.query) at("query").value = data.query;
    this.asked = data.query;
    setText(at("problem"), data.problem);
    const work = data.indexing;
    setText(at("waiting"), work ? `${data.waiting} ${work.words}` : data.waiting);
    at("stop").hidden = !(work || (data.stale && data.waiting && !data.stopped && !data.problem));
    if (at("stop").hidden || before?.waiting !== data.waiting) at("stop").disabled = false;
    at("go-on").hidden = !data.stopped;
    at("progress").firstElementChild.style.width = work?.total ? `${(100 * work.done) / work.total}%` : "0";
    at("progress").hidden = !work;
    at("notes").replaceChildren(...data.notes.map((note) => make("li", "", note)));
    at("result").hidden = !data.result;
    if (data.download && data.download !== this.saved) {
      this.saved = data.download;
      saveBytes(data.download.name, data.download.base64);
    }
    if (data.result) this.drawResult();
    else setText(at("finding"), data.problem ? "" : "The two columns appear here.");
  }

  /** After a restart of the server or a reload: the query is asked again, and a file that is gone is said to be. */
  remember() {
    const { session, source, name, query } = this.data;
    const kept = recall();
    if (kept && kept.session !== session && this.session !== session) {
      this.lostFile = kept.source === "file" && source !== "file"
        ? `The server does not have ${kept.name} any more (it was restarted, or the page was loaded again): choose the file once more; what was indexed of it is kept.`
        : "";
      if (kept.source === "folder" && source !== "folder") this.send("collection", `folder:${kept.name}`);
      if (kept.query && kept.query !== query) setTimeout(() => this.ask(kept.query));
    } else if (source === "file") this.lostFile = "";
    this.session = session;
    if (!(this.lostFile && source !== "file")) keep({ session, source, name, query });
  }

  /** The values of k of the run on the screen. */
  ks() {
    return this.data.result?.ks ?? [1];
  }

  ask(query) {
    if (query === this.asked) return;
    this.asked = query;
    this.root.classList.add("stale");
    this.send("ask", query);
  }

  chooseK(k) {
    if (!k || k === this.k) return;
    this.k = k;
    this.drawResult();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send("choose", { k, at: Date.now() }), 400);
  }

  setScope(scope) {
    this.scope = scope;
    this.drawResult();
  }

  drawBar() {
    const { data } = this;
    const sources = [["built-in", "Help pages of a town library (built in)"]];
    if (data.can_compare) sources.push(["compare", "your documents of Compare"]);
    if (data.source === "file") sources.push(["file", data.name]);
    sources.push(...data.folder.map((name) => [`folder:${name}`, `${name} (on this server)`]));
    options(this.at("collection"), sources, data.source === "folder" ? `folder:${data.name}` : data.source);
    options(this.at("search"), data.searches, data.search);
    this.at("search-label").hidden = !data.searches.length;
    options(this.at("stage"), data.stages.map((stage) => [stage, stage]), data.stage);
    options(this.at("most"), data.mosts.map((k) => [String(k), String(k)]), String(data.most));
    options(this.at("reranker"), data.rerankers.map((one) => [one.key, one.name]), data.rerankers.find((one) => one.chosen)?.key ?? "");
    this.at("reranker-label").hidden = data.rerankers.length < 2;
    const known = data.queries.some((query) => query.text === data.query);
    options(this.at("queries"), [["", "choose …"], ...data.queries.map((query) => [query.text, `${query.id}: ${query.text}`])], known ? data.query : "");
    this.at("queries-label").hidden = !data.queries.length;
    setText(this.at("about"), data.about);
    if (!this.at("stage-term").childElementCount) this.at("stage-term").append(termButton(this.root, "First stage", data.terms["first stage"]));
    if (!this.at("k-term").childElementCount) this.at("k-term").append(termButton(this.root, "k", data.terms.k));
  }

  drawResult() {
    const { data, at } = this;
    const { result } = data;
    if (!result) return;
    const ks = this.ks();
    if (!ks.includes(this.k)) this.k = ks.filter((k) => k <= this.k).at(-1) ?? ks[0];
    const place = ks.indexOf(this.k);
    at("k").max = String(ks.length - 1);
    at("k").value = String(place);
    at("k").setAttribute("aria-valuetext", `${this.k} passages are re-ranked`);
    setText(at("k-value"), `${this.k} of ${result.count.toLocaleString("en")} passages re-ranked`);
    setText(at("finding"), result.finding[place]);
    this.drawTimes(place);
    this.columns.draw();
    setText(at("cut"), result.cut[place]);
    this.drawLost();
    this.drawScopes();
    this.figure.draw();
    at("numbers").lastElementChild.replaceChildren(this.figure.table());
    setText(at("held-out"), data.held_out);
    setText(at("made"), data.made);
  }

  /** The stages' times as one bar to scale, their numbers beside it. */
  drawTimes(place) {
    const { result } = this.data;
    const parts = [["embed", "embed the query", result.embed_ms], ["search", "search", result.search_ms], ["rerank", `re-rank ${this.k}`, result.rerank_ms[place]]];
    const shown = parts.filter(([, , ms]) => ms > 0);
    const total = shown.reduce((sum, [, , ms]) => sum + ms, 0) || 1;
    const bar = make("span", "stack");
    const words = make("span", "stages");
    for (const [kind, name, ms] of shown) {
      const piece = make("i", kind);
      piece.style.width = `${(100 * ms) / total}%`;
      bar.append(piece);
      const label = make("span", `stage ${kind}`, `${name} `);
      label.append(make("b", "", timeWords(ms)));
      words.append(label);
    }
    this.at("times").setAttribute("aria-label", `time: ${shown.map(([, name, ms]) => `${name} ${timeWords(ms)}`).join(", ")}`);
    this.at("times").replaceChildren(bar, words);
  }

  /** Relevant passages that the first stage cut off, with its rank of them. */
  drawLost() {
    const { result } = this.data;
    const lost = result.lost.filter((row) => !row.rank || row.rank > this.k);
    this.at("lost-box").hidden = !lost.length;
    setText(this.at("lost-box").firstElementChild, `Cut off though relevant: ${lost.length}`);
    this.at("lost").replaceChildren(...lost.map((row) => {
      const item = make("li");
      item.append(make("b", "", row.rank ? `rank ${row.rank}` : "beyond the list"), ` (judged ${row.grade}) ${row.text}`);
      return item;
    }));
  }

  drawScopes() {
    const { data, at } = this;
    const { all, evaluating } = data;
    if (this.scope === "all" && !all && !evaluating && at("measure").disabled === false) this.scope = "query";
    at("scope-query").setAttribute("aria-pressed", String(this.scope === "query"));
    at("scope-all").setAttribute("aria-pressed", String(this.scope === "all"));
    at("scope-all").hidden = !all;
    setText(at("scope-all"), all ? `All judged queries (${all.count})` : "");
    at("measure").hidden = Boolean(evaluating) || !data.judged_queries || !data.result.depth;
    at("measure").disabled = Boolean(evaluating);
    setText(at("measure"), all ? (data.outdated ? "Judgments have changed: measure again" : "Measure again") : `Measure all ${data.judged_queries} judged queries`);
    setText(at("measuring"), evaluating ? evaluating.words : "");
    at("stop-measuring").hidden = !evaluating;
    if (!evaluating) at("stop-measuring").disabled = false;
    const isAll = this.scope === "all" && all;
    const place = isAll ? Math.max(0, all.ks.indexOf(this.k)) : 0;
    setText(at("all-finding"), all ? all.finding[Math.max(0, all.ks.indexOf(this.k))] : "");
    const sentences = isAll ? [all.depth, all.ceiling[place], all.first, all.choice[place]] : [];
    at("sentences").replaceChildren(...sentences.filter(Boolean).map((words) => make("li", "", words)));
    at("pairs").replaceChildren(...(isAll ? [this.extremes("Helped most", 1, place), this.extremes("Hurt most", -1, place)] : []));
  }

  /** The five queries that gained or lost most at this k; a click asks one of them. */
  extremes(title, sign, place) {
    const { all } = this.data;
    const rows = all.queries.map((query) => ({ ...query, gain: query.ndcg[place] - query.ndcg[0] }));
    const found = rows.filter((row) => sign * row.gain > 0.0005).sort((a, b) => sign * (b.gain - a.gain)).slice(0, 5);
    const table = make("table", "extremes");
    const count = rows.filter((row) => sign * row.gain > 0.0005).length;
    table.append(make("caption", "", `${title}, by nDCG@10 (${count} of ${rows.length} ${sign > 0 ? "gain" : "lose"} at k = ${all.ks[place]})`));
    const head = table.createTHead().insertRow();
    for (const name of ["query", "alone", "re-ranked", "change"]) { const cell = make("th", "", name); cell.scope = "col"; head.append(cell); }
    const body = table.createTBody();
    for (const row of found) {
      const line = body.insertRow();
      const button = make("button", "query", row.text);
      button.type = "button";
      button.addEventListener("click", () => { this.ask(row.text); this.setScope("query"); });
      line.insertCell().append(button);
      for (const value of [row.ndcg[0].toFixed(2), row.ndcg[place].toFixed(2), `${row.gain > 0 ? "+" : "−"}${Math.abs(row.gain).toFixed(2)}`]) line.append(make("td", "", value));
    }
    if (!found.length) { const cell = body.insertRow().insertCell(); cell.colSpan = 4; setText(cell, "none"); }
    return table;
  }
}

/** What this tab remembers; a browser that allows no storage remembers nothing. */
function recall() {
  try { return JSON.parse(sessionStorage.getItem(KEPT) ?? "null"); } catch { return null; }
}

function keep(value) {
  try { sessionStorage.setItem(KEPT, JSON.stringify(value)); } catch { /* nothing is remembered */ }
}

/** Fill a select with [value, words] pairs, and leave it alone where they are there. */
function options(select, pairs, chosen) {
  const wanted = JSON.stringify(pairs);
  if (select.dataset.pairs !== wanted) {
    select.dataset.pairs = wanted;
    select.replaceChildren(...pairs.map(([value, words]) => {
      const option = make("option", "", words);
      option.value = value;
      return option;
    }));
  }
  if (select.value !== chosen) select.value = chosen;
}

function saveBytes(name, base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".retrieve");
  const view = root.labView ?? (root.labView = new RetrieveView(root));
  view.update(data, setTriggerValue);
}
