/* A document's number opens its pair in Tokens; the key T does it from anywhere in the row. */

const OPEN_WORDS = "Open this pair in Tokens (key T)";

/** The number of a row as a button; ``send`` is asked for when it is pressed, since each update brings another one. */
function openButton(number, send) {
  const button = make("button", "open", String(number));
  button.type = "button";
  button.title = OPEN_WORDS;
  button.setAttribute("aria-label", `${number}: open this pair in Tokens`);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    send()("open", number);
  });
  return button;
}

/** T on anything inside a row but a box one types in. */
function listenForOpening(body, send) {
  body.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("tr[data-number]");
    const isTyping = ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
    if (!row || isTyping || event.key.toLowerCase() !== "t" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    send()("open", Number(row.dataset.number));
  });
}
