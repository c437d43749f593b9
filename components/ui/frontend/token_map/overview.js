/* Every head at once: layer by head, small multiples; a click or Enter chooses one. */

const BINS = 44; // columns of a thumbnail, px
const ROW = 3; // px a query word in a thumbnail

class Overview {
  constructor(box, onChoose) {
    this.box = box;
    this.onChoose = onChoose;
    box.addEventListener("click", (event) => {
      const cell = event.target.closest("button");
      if (cell) this.choose(cell);
    });
    box.addEventListener("keydown", (event) => this.onKey(event));
  }

  choose(cell) {
    this.onChoose(Number(cell.dataset.layer), Number(cell.dataset.head));
  }

  onKey(event) {
    const cell = event.target.closest("button");
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const next = this.cell(Number(cell.dataset.layer) + step[0], Number(cell.dataset.head) + step[1]);
    if (next) { next.focus(); this.choose(next); }
  }

  cell(layer, head) {
    return this.box.querySelector(`button[data-layer="${layer}"][data-head="${head}"]`);
  }

  /** Draw all heads under a weighting and direction; nothing is done when that is what stands there. */
  draw(attention, state, ink) {
    const key = [state.weighting, state.direction, attention.units.length, ink].join();
    if (this.attention !== attention || this.key !== key) {
      this.attention = attention;
      this.key = key;
      this.build(attention.header);
      const name = { "query-document": "qd", "document-query": "dq", cls: "cs", inner: "qd" }[state.direction];
      for (const cell of this.box.querySelectorAll("button")) {
        const one = { ...state, heads: "one", layer: Number(cell.dataset.layer), head: Number(cell.dataset.head) };
        this.thumbnail(cell, attention, name, attention.block(name, one), ink);
      }
    }
    for (const cell of this.box.querySelectorAll("button")) {
      const isOfLayer = state.heads.endsWith("-all") || Number(cell.dataset.layer) === state.layer;
      const isUpTo = state.heads === "rollout" && Number(cell.dataset.layer) <= state.layer;
      const chosen = isUpTo || (isOfLayer && (state.heads !== "one" || Number(cell.dataset.head) === state.head));
      cell.setAttribute("aria-pressed", String(chosen));
      cell.tabIndex = Number(cell.dataset.layer) === state.layer && Number(cell.dataset.head) === state.head ? 0 : -1;
    }
  }

  build({ layers, heads }) {
    if (this.box.dataset.shape === `${layers}x${heads}`) return;
    this.box.dataset.shape = `${layers}x${heads}`;
    this.box.style.setProperty("--heads", heads);
    const cells = [make("span", "corner", "")];
    for (let head = 0; head < heads; head++) cells.push(make("span", "col", String(head + 1)));
    for (let layer = 0; layer < layers; layer++) {
      cells.push(make("span", "row", String(layer + 1)));
      for (let head = 0; head < heads; head++) {
        const cell = make("button");
        cell.type = "button";
        cell.dataset.layer = layer;
        cell.dataset.head = head;
        cell.append(make("canvas"));
        cells.push(cell);
      }
    }
    this.box.replaceChildren(...cells);
  }

  /** Query words down, document words across (a bin shows its strongest), stronger colour is more; one scale for all heads. */
  thumbnail(cell, attention, name, shares, ink) {
    const [dest, src] = BLOCKS[name].map((key) => attention.groups[key].units);
    const flip = name === "dq";
    const rows = flip ? src : dest;
    const columns = flip ? dest : src;
    const canvas = cell.firstElementChild;
    const bins = Math.min(BINS, columns.length);
    const height = Math.min(rows.length, 16);
    canvas.width = Math.max(1, bins);
    canvas.height = Math.max(1, height);
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    const [red, green, blue] = ink;
    let best = 0;
    let link = null;
    rows.forEach((row, r) => {
      columns.forEach((column, c) => {
        const share = flip ? shares[c * src.length + r] : shares[r * src.length + c];
        const at = 4 * (Math.floor((r * height) / rows.length) * bins + Math.floor((c * bins) / columns.length));
        const alpha = Math.round(255 * Math.sqrt(Math.min(1, share)));
        if (alpha > image.data[at + 3]) image.data.set([red, green, blue, alpha], at);
        if (share > best) { best = share; link = flip ? [column, row] : [row, column]; }
      });
    });
    context.putImageData(image, 0, 0);
    canvas.style.aspectRatio = `${BINS} / ${Math.max(12, height * ROW)}`;
    const where = `Layer ${Number(cell.dataset.layer) + 1}, head ${Number(cell.dataset.head) + 1}`;
    const words = link ? `: strongest link ${named(link[0])} to ${named(link[1])}, ${percent(best)}` : "";
    cell.setAttribute("aria-label", where + words);
    cell.title = where + words;
  }
}
