/* Every replicate as a mark with median and p95, and the stages of a replicate as bars to one scale. */

const ROW = 48; // px a way

function drawStrip(box, { rows, sentence, rounds }) {
  const width = Math.max(260, box.clientWidth);
  const isNarrow = width < 640;
  const left = isNarrow ? 4 : 290;
  const row = isNarrow ? 84 : ROW;
  const height = rows.length * row + 36;
  const most = Math.max(...rows.flatMap(({ values, p95 }) => [...values, p95])) * 1.04;
  const at = linear(0, most, left, width - 30);
  const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": sentence });
  rows.forEach((one, index) => {
    const group = shape("g", { class: one.kind, "data-way": one.way });
    const middle = index * row + (isNarrow ? 58 : row / 2);
    group.append(shape("line", { class: "axis", x1: left, x2: width - 14, y1: middle, y2: middle }));
    group.append(shape("text", { class: "strong", x: 0, y: index * row + 16 }, one.way));
    group.append(shape("text", { x: 0, y: index * row + 32 }, `median ${one.words[0]}, p95 ${one.words[1]}`));
    for (const value of one.warm.slice(0, 1)) {
      const mark = markOf(one.way, Math.min(at(value), width - 12), middle, 5);
      mark.classList.add("hollow");
      mark.setAttribute("stroke-dasharray", "2 2");
      group.append(mark);
      if (value > most) group.append(shape("text", { x: width - 2, y: middle - 8, "text-anchor": "end" }, "warm-up →"));
    }
    one.values.forEach((value, number) => {
      const mark = markOf(one.way, at(value), middle + ((number % 5) - 2) * 4);
      mark.dataset.value = value;
      mark.append(shape("title", {}, `replicate ${number + 1} of ${rounds}: ${tickTime(Number(value.toPrecision(3)))}`));
      group.append(mark);
    });
    group.append(shape("line", { class: "p95", x1: at(one.p95), x2: at(one.p95), y1: middle - 19, y2: middle + 19, "data-ms": one.p95 }));
    group.append(shape("line", { class: "median", x1: at(one.median), x2: at(one.median), y1: middle - 17, y2: middle + 17, "data-ms": one.median }));
    svg.append(group);
  });
  for (const tick of roundTicks(most, isNarrow ? 4 : 8)) {
    svg.append(shape("line", { class: "axis", x1: at(tick), x2: at(tick), y1: height - 34, y2: height - 29 }));
    svg.append(shape("text", { x: at(tick), y: height - 17, "text-anchor": "middle" }, tickTime(tick)));
  }
  svg.append(shape("text", { x: width - 14, y: height - 2, "text-anchor": "end" }, "time of one replicate"));
  box.replaceChildren(svg);
}

function stripTable({ rows }) {
  return tableOf("Times of the replicates; the warm-up is in no other number.", ["way", "what is timed", "median", "p95", "least", "most", "first warm-up", "every replicate, ms"],
    rows.map(({ way, what, words, most, warm_words: warm, values }) => [way, what, words[0], words[1], words[2], most, warm, values.map((value) => value.toPrecision(4)).join("  ")]));
}

const STAGE_LOOKS = ["hatched", "full", "outlined"];

function stageRect(look, x, y, width, height) {
  const group = shape("g", {});
  const filled = look === "full" ? 0.85 : look === "hatched" ? 0.25 : 0;
  group.append(shape("rect", { x, y, width: Math.max(width, 0.6), height, fill: "var(--ink)", "fill-opacity": filled, stroke: "var(--ink)", "stroke-width": 1 }));
  if (look === "hatched") for (let step = 3; step < width; step += 5) group.append(shape("line", { x1: x + step, x2: x + step, y1: y, y2: y + height, stroke: "var(--ink)", "stroke-width": 1 }));
  return group;
}

function drawStages(box, { names, rows, sentence }) {
  const width = Math.max(260, box.clientWidth);
  const isNarrow = width < 640;
  const left = isNarrow ? 0 : 290;
  const row = isNarrow ? 68 : 46;
  const at = linear(0, Math.max(...rows.map(({ total }) => total)), 0, width - left - 14);
  const svg = shape("svg", { width, height: rows.length * row + 4, role: "img", "aria-label": sentence });
  rows.forEach((one, index) => {
    const group = shape("g", { class: one.kind, "data-way": one.way });
    const top = index * row;
    group.append(shape("text", { class: "strong", x: 0, y: top + 16 }, one.way));
    let x = left;
    one.values.forEach((value, stage) => {
      const rect = stageRect(STAGE_LOOKS[stage], x, top + (isNarrow ? 24 : 4), at(value), 16);
      rect.append(shape("title", {}, `${names[stage]}: ${one.words[stage]}`));
      group.append(rect);
      x += at(value);
    });
    const said = names.map((name, stage) => `${name} ${one.words[stage]}`).join(" + ");
    group.append(shape("text", { x: left, y: top + (isNarrow ? 54 : 34) }, isNarrow ? one.words.join(" + ") + ` = ${one.total_words}` : `${said} = ${one.total_words}`));
    svg.append(group);
  });
  box.replaceChildren(svg);
}

function stagesTable({ names, rows }) {
  return tableOf("Stages of the replicate nearest the median, each timed by its own clock.", ["way", ...names, "total", "stages / total"],
    rows.map(({ way, words, total_words: total, sum }) => [way, ...words, total, sum]));
}

/** A small sample of a look or mark, for a legend. */
function sample(className, inner) {
  const svg = shape("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" });
  const group = shape("g", { class: className });
  group.append(inner);
  svg.append(group);
  return svg;
}
