/* A link to the exact view: what is looked at stands in the fragment, after the #, and stays in the browser. */

const LINKED_TEXT = 4000; // characters of text a link may carry

/** The view in a link's fragment, the pair's text beside it where it is short; never sent to a server by the address. */
function linkOf(number, view, texts) {
  const parts = new URLSearchParams({ tokens: number, layer: view.layer + 1, head: view.head + 1, heads: view.heads,
    weighting: view.weighting, direction: view.direction, pieces: Number(view.pieces), word: view.word });
  if (texts) { parts.set("query", texts[0]); parts.set("document", texts[1]); }
  return parts.toString();
}

/** What a link asks for: {number, query, document, view}, or null. What cannot be read falls back to the plain view. */
function linkedView() {
  const found = new URLSearchParams(location.hash.slice(1));
  if (!found.has("tokens")) return null;
  const whole = (name) => (/^\d{1,4}$/.test(found.get(name) ?? "") ? Number(found.get(name)) : 0);
  const one = (name, known, otherwise) => (Object.hasOwn(known, found.get(name)) ? found.get(name) : otherwise);
  const view = {
    layer: Math.max(0, whole("layer") - 1), head: Math.max(0, whole("head") - 1), word: whole("word"),
    heads: one("heads", HEADS, "one"), direction: one("direction", DIRECTIONS, "query-document"),
    weighting: one("weighting", { norm: 1, raw: 1 }, "norm"), pieces: found.get("pieces") === "1",
  };
  const text = (name) => (found.has("query") && found.has("document") ? found.get(name) : null);
  return { number: text("query") === null ? whole("tokens") : 1, query: text("query"), document: text("document"), view };
}
