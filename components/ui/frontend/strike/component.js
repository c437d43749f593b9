/* Strike words on the page Tokens: a document is chosen, its words are struck. */

class StrikePage {
  constructor(root) {
    this.root = root;
    this.documents = root.querySelector("#documents");
    this.toggle = new WordToggle();
    root.append(this.toggle.root);
    this.documents.addEventListener("change", () => {
      this.toggle.flush();
      this.send("document", Number(this.documents.value));
    });
  }

  update(data, send) {
    this.send = send;
    this.root.classList.toggle("dark", isDark(this.root));
    const wanted = JSON.stringify(data.documents);
    if (this.documents.dataset.shown !== wanted) {
      this.documents.dataset.shown = wanted;
      this.documents.replaceChildren(...data.documents.map(({ number, label }) => { const one = make("option", "", label); one.value = number; return one; }));
    }
    this.documents.value = data.number;
    this.toggle.update(data, send);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".strike-page");
  const view = root.labView ?? (root.labView = new StrikePage(root));
  view.update(data, setTriggerValue);
}
