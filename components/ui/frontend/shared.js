/* What all views share. No library, no build step: this file is put before each view's own. */

/** An element with class and text; text only ever enters as text. */
function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Whether the page is dark, judged by the background the theme gave us. */
function isDark(element) {
  const probe = make("span");
  probe.style.color = "var(--st-background-color)";
  element.append(probe);
  const [r, g, b] = (getComputedStyle(probe).color.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
  probe.remove();
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

/** A word with a dotted underline that explains itself on hover, focus and tap. */
function termButton(root, label, explanation) {
  const button = make("button", "term", label);
  button.type = "button";
  if (!explanation) return make("span", "", label);
  let tip = root.querySelector(":scope > .tip");
  if (!tip) {
    tip = make("div", "tip");
    tip.id = "tip";
    tip.setAttribute("role", "tooltip");
    tip.hidden = true;
    root.append(tip);
  }
  const show = () => {
    tip.textContent = explanation;
    tip.hidden = false;
    button.setAttribute("aria-describedby", "tip");
    const at = button.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left), window.innerWidth - tip.offsetWidth - 8);
    const below = at.bottom + 6;
    tip.style.left = `${left}px`;
    tip.style.top = `${below + tip.offsetHeight > window.innerHeight ? at.top - tip.offsetHeight - 6 : below}px`;
  };
  const hide = () => {
    tip.hidden = true;
    button.removeAttribute("aria-describedby");
  };
  button.addEventListener("pointerenter", show);
  button.addEventListener("focus", show);
  button.addEventListener("click", (event) => { event.stopPropagation(); show(); });
  button.addEventListener("pointerleave", hide);
  button.addEventListener("blur", hide);
  button.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  return button;
}
