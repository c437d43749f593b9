/* Which document is looked at: the list, the two steps, and the score of the pair. */

class DocumentChooser {
  /** ``at`` finds an element by its id; ``onChoose(number)`` is told what was chosen. */
  constructor(at, onChoose) {
    this.at = at;
    this.onChoose = onChoose;
    this.moving = null; // the number that was chosen and is not on the screen yet
    at("documents").addEventListener("change", () => this.go(Number(at("documents").value)));
    at("before").addEventListener("click", () => this.step(-1));
    at("after").addEventListener("click", () => this.step(1));
  }

  update(data) {
    const select = this.at("documents");
    const wanted = JSON.stringify(data.documents);
    if (select.dataset.documents !== wanted) {
      select.dataset.documents = wanted;
      select.replaceChildren(...data.documents.map(({ number, label }) => {
        const one = make("option", "", label);
        one.value = number;
        return one;
      }));
    }
    if (!this.moving || data.number === this.moving || data.problem) {
      select.value = data.number;
      this.moving = null;
      this.drawScore(data);
    }
    this.limitSteps();
  }

  drawScore(data) {
    const rank = data.rank ? `, ${data.rank}` : "";
    this.at("score").replaceChildren(...(data.score ? [`${data.unit} `, make("b", "", data.score), rank] : []));
  }

  limitSteps() {
    const select = this.at("documents");
    this.at("before").disabled = select.selectedIndex <= 0;
    this.at("after").disabled = select.selectedIndex >= select.options.length - 1;
  }

  step(by) {
    const select = this.at("documents");
    const next = select.options[select.selectedIndex + by];
    if (!next) return;
    select.value = next.value;
    this.go(Number(next.value));
  }

  go(number) {
    this.moving = number;
    setText(this.at("score"), `reading document ${number} …`);
    this.limitSteps();
    this.onChoose(number);
  }
}
