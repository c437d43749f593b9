/* A pair's classes as a stacked bar: told apart by pattern and words, not by colour alone; the numbers stand below it. */

/** The bar of {shares, words, top}; ``labels`` are the model's classes. Drawn anew by ``fillBar``. */
function makeBar() {
  const box = make("div", "bar");
  const verdict = make("div", "verdict");
  const stack = make("div", "stack");
  stack.setAttribute("aria-hidden", "true"); // the words below say the same
  const words = make("div", "words");
  box.append(verdict, stack, words);
  return box;
}

function fillBar(box, labels, classes) {
  const key = JSON.stringify([labels.map((label) => [label.name, label.style]), classes.exact]);
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  box.dataset.exact = JSON.stringify(classes.exact);
  const [verdict, stack, words] = box.children;
  setText(verdict, `${labels[classes.top].name} ${classes.words[classes.top]}`);
  while (stack.children.length > labels.length) stack.lastChild.remove();
  labels.forEach((label, place) => {
    const part = stack.children[place] ?? stack.appendChild(make("i"));
    part.className = `s${label.style}`;
    part.style.width = `${100 * classes.shares[place]}%`;
  });
  setText(words, labels.map((label, place) => `${label.name} ${classes.words[place]}`).join(" · "));
}

/** The legend: each class with its pattern, explaining itself. */
function fillLegend(root, list, labels, probability) {
  const key = JSON.stringify(labels);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...labels.map((label) => {
    const item = make("li");
    item.append(make("i", `key s${label.style}`), termButton(root, label.name, label.meaning));
    return item;
  }));
  if (labels.length) {
    const item = make("li", "unit");
    item.append(termButton(root, "probability", probability));
    list.append(item);
  }
}
