/* The sink meter: where all of one row's weight goes, special tokens included. */

class Meter {
  constructor(box) {
    this.box = box;
    this.words = make("span");
    this.stack = make("span", "stack");
    this.keys = Object.fromEntries(["cls", "sep", "q", "d"].map((name) => {
      const part = make("i", name);
      const key = make("span", name);
      const number = make("b");
      const label = document.createTextNode("");
      key.append(make("span", "key"), label, number);
      this.stack.append(part);
      return [name, { part, key, label, number }];
    }));
  }

  /** ``sums`` are the row's shares, or null where there is none (``isMax``: since largest shares have no sum). */
  draw(attention, sums, unit, isMax) {
    if (!sums) {
      this.box.replaceChildren(make("span", "", isMax ? "Largest shares do not sum to 100 %: no sink meter." : ""));
      return;
    }
    const first = attention.first();
    const other = attention.units.find((one) => one.part === "s" && one !== first);
    const labels = { cls: first.text, sep: other?.text ?? "other special", q: "query words", d: "document words" };
    setText(this.words, `Where ${named(unit)} sends 100 %:`);
    for (const [name, { part, label, number }] of Object.entries(this.keys)) {
      part.style.width = `${100 * sums[name]}%`;
      label.data = `${labels[name]} `;
      setText(number, percent(sums[name]));
    }
    if (this.stack.parentNode !== this.box) {
      this.box.replaceChildren(this.words, this.stack, ...Object.values(this.keys).map(({ key }) => key));
    }
  }
}
