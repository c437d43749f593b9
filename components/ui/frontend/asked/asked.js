/* What a lesson asks, on the page and on a student's phone: the texts as cards, the options as buttons. */

/** The query's and the documents' texts; they are drawn anew only when they changed. */
function drawCards(box, { queries, documents }) {
  const key = JSON.stringify([queries, documents]);
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  const card = (className, { label, text }) => {
    const made = make("div", `card ${className}`);
    made.dir = "auto";
    made.tabIndex = 0; // a long text scrolls
    made.append(make("small", "", label), document.createTextNode(text));
    return made;
  };
  box.replaceChildren(...queries.map((one) => card("query", one)), ...documents.map((one) => card("document", one)));
}

/** A button for each option; ``choose(id, button)`` is told of a click. The one that was chosen is pressed. */
function drawOptions(box, options, chosen, isDisabled, choose) {
  const key = JSON.stringify(options);
  if (box.dataset.key !== key) {
    box.dataset.key = key;
    box.replaceChildren(...options.map(({ id, text }) => {
      const button = make("button", "", text);
      button.type = "button";
      button.dataset.option = id;
      button.addEventListener("click", () => choose(id, button));
      return button;
    }));
  }
  for (const button of box.children) {
    button.setAttribute("aria-pressed", String(button.dataset.option === chosen));
    button.disabled = isDisabled;
  }
}
