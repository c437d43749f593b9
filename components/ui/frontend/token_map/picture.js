/* The map as a picture: an SVG drawn from where the words stand now, and the same as PNG. */

const PAPER = { light: ["#ffffff", "#2f2d2b", "#a8480a", "#666260"], dark: ["#171614", "#edebe8", "#f59b4c", "#b5b1ac"] };
const SVG_SPACE = "http://www.w3.org/2000/svg";

function node(tag, attributes, text) {
  const element = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Cut a sentence into lines of at most ``most`` characters. */
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= most) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines;
}

/** An SVG document of the map as it stands: finding, words with tint and numbers, lines, caption. */
function svgOf(map, title, words, isDark) {
  const [paper, text, ink, quiet] = PAPER[isDark ? "dark" : "light"];
  const width = Math.max(480, Math.ceil(map.box.getBoundingClientRect().width)) + 40;
  const most = Math.floor((width - 40) / 7.2);
  const head = wrapped(title, Math.floor((width - 40) / 9.2));
  const foot = wrapped(words, most);
  const top = 28 + head.length * 24;
  const height = top + Number(map.svg.getAttribute("height")) + 24 + foot.length * 17 + 12;
  const svg = node("svg", { xmlns: SVG_SPACE, width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "font-family": "sans-serif" });
  svg.append(node("title", {}, title), node("desc", {}, words), node("rect", { width, height, fill: paper }));
  head.forEach((line, index) => svg.append(node("text", { x: 20, y: 30 + index * 24, "font-size": 18, "font-weight": 600, fill: text }, line)));
  const body = node("g", { transform: `translate(20 ${top})` });
  for (const line of map.svg.children) {
    body.append(node("path", { d: line.getAttribute("d"), "stroke-width": line.getAttribute("stroke-width"), stroke: ink, fill: "none", opacity: 0.6 }));
  }
  const frame = map.box.getBoundingClientRect();
  for (const span of map.box.querySelectorAll(".u, .lost, .side")) {
    const style = getComputedStyle(span);
    const size = parseFloat(style.fontSize);
    const fill = Number(span.style.getPropertyValue("--fill") || 0);
    for (const [line, rect] of linesOf(span)) {
      const [x, y] = [rect.left - frame.left, rect.top - frame.top];
      const at = { x: x - 1, y, width: rect.width + 2, height: rect.height, rx: 3 };
      if (fill) body.append(node("rect", { ...at, fill: ink, opacity: (0.55 * fill) / 100 }));
      if (span.classList.contains("framed")) body.append(node("rect", { ...at, fill: "none", stroke: text, "stroke-width": 2 }));
      const isQuiet = !span.classList.contains("u") || span.classList.contains("special");
      // Another font may stand in for this one: words keep their width, so that nothing runs into the next.
      const width = span.classList.contains("side") ? {} : { textLength: Math.max(1, rect.width - 2).toFixed(1) };
      body.append(node("text", { x: x + 1, y: y + rect.height * 0.78, "font-size": size, ...width,
        fill: isQuiet ? quiet : text, "font-weight": style.fontWeight }, line));
    }
    if (span.dataset.share) {
      const rect = span.getClientRects()[0];
      body.append(node("text", { x: rect.left - frame.left + rect.width / 2, y: rect.bottom - frame.top + 11, "font-size": 11, fill: text,
        "text-anchor": "middle", "font-weight": 600 }, span.dataset.share));
    }
  }
  svg.append(body);
  const from = height - foot.length * 17 + 2;
  foot.forEach((line, index) => svg.append(node("text", { x: 20, y: from + index * 17, "font-size": 13, fill: quiet }, line)));
  return new XMLSerializer().serializeToString(svg);
}

/** The lines a span is broken into: [text, rectangle]. */
function linesOf(span) {
  const rects = [...span.getClientRects()].filter((rect) => rect.width > 0);
  if (rects.length < 2) return rects.map((rect) => [span.textContent, rect]);
  const lines = [];
  const range = document.createRange();
  const inner = span.firstChild;
  let start = 0;
  let rect = null;
  for (let end = 1; end <= inner.length; end++) {
    range.setStart(inner, start);
    range.setEnd(inner, end);
    const found = range.getClientRects();
    if (found.length > 1) {
      lines.push([inner.data.slice(start, end - 1), rect]);
      start = end - 1;
      range.setStart(inner, start);
      rect = range.getClientRects()[0];
    } else if (found.length) {
      rect = found[0];
    }
  }
  lines.push([inner.data.slice(start), rect]);
  return lines.filter(([text, at]) => at && text.trim());
}

function save(name, blob) {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function savePng(svg, name) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = make("canvas");
  const ratio = Math.min(2, 8000 / Math.max(image.width, image.height));
  Object.assign(canvas, { width: image.width * ratio, height: image.height * ratio });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  save(name, await new Promise((resolve) => canvas.toBlob(resolve, "image/png")));
}
