/* The keys that work on every page, and the sheet that lists all of them. */

/** The first element that matches in any of the page's views, which have trees of their own. */
function findInViews(selector) {
  for (const host of document.querySelectorAll("*")) {
    const found = host.shadowRoot?.querySelector(selector);
    if (found) return found;
  }
  return null;
}

function isTyping(event) {
  const [target] = event.composedPath();
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** ``showSheet`` opens the sheet. */
function listenForKeys(root, showSheet) {
  const onKey = (event) => {
    if (!root.isConnected) { window.removeEventListener("keydown", onKey); return; }
    if (event.isComposing || event.altKey) return;
    const isPlain = !event.ctrlKey && !event.metaKey;
    let target = null;
    if (isPlain && event.key === "?" && !isTyping(event)) {
      event.preventDefault();
      showSheet();
    } else if (isPlain && event.key === "/" && !isTyping(event)) {
      target = findInViews(".inputs #query");
    } else if (!isPlain && event.key === "Enter") {
      target = findInViews('.result tr[data-number] button.grade[tabindex="0"]');
    }
    if (!target) return;
    event.preventDefault();
    target.focus();
  };
  window.addEventListener("keydown", onKey);
}

function drawSheet(box, groups) {
  box.replaceChildren(...groups.map(({ title, keys }) => {
    const section = make("section");
    const list = make("dl");
    for (const [key, words] of keys) list.append(make("dt", "", key), make("dd", "", words));
    section.append(make("h3", "", title), list);
    return section;
  }));
}
