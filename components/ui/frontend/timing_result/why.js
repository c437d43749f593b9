/* Time against documents and tokens with the fitted lines; the budget; collections up to a million, dashed beyond what was timed. */

const WHOLE = (value) => value.toLocaleString("en-US");

function drawGrowth(box, figure) {
  const { series, axis, sentences } = figure;
  const points = series.flatMap((one) => one.points);
  const high = Math.max(1, ...points.map(([x]) => x));
  const most = Math.max(1, ...points.flatMap(([, ...times]) => times)) * 1.05;
  const { svg, xAt, yAt } = frame(box, {
    height: 260,
    x: { low: 0, high, title: axis, label: WHOLE },
    y: { low: 0, high: most, title: "time of one run", label: tickTime },
    words: sentences.join(" "),
  });
  for (const one of series) {
    const group = shape("g", { class: one.kind, "data-way": one.way });
    for (const [x, ...times] of one.points) for (const time of times) group.append(markOf(one.way, xAt(x), yAt(time), 3.5));
    if (one.line) {
      const [a, b] = one.line;
      const clamp = (value) => yAt(Math.max(0, Math.min(most, value)));
      group.append(shape("path", { class: `line${one.dashed ? " dotted" : ""}`, d: `M${xAt(0)} ${clamp(a)}L${xAt(high)} ${clamp(a + b * high)}` }));
    }
    svg.append(group);
  }
}

function growthTable({ name, axis, series }) {
  const rows = series.flatMap(({ label, points }) => points.map(([x, ...times]) => {
    const sorted = [...times].sort((a, b) => a - b);
    const half = sorted.length / 2;
    const middle = sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
    return [label, WHOLE(x), middle.toPrecision(4), sorted[0].toPrecision(4), sorted.at(-1).toPrecision(4), String(times.length)];
  }));
  return tableOf(`Time against ${name}, ms.`, ["way", axis, "median", "least", "most", "runs"], rows);
}

/** The p95 line with the chosen budget: solid as far as it was timed, dashed beyond. */
function drawBudget(box, { line, timed, steps }, index) {
  const step = steps[index];
  const largest = Math.max(...timed.map(([x]) => x));
  const high = Math.max(largest, step.documents ?? 0) * 1.08;
  const most = Math.max(step.ms, ...timed.map(([, time]) => time)) * 1.1;
  const { svg, xAt, yAt, left, bottom } = frame(box, {
    height: 220,
    x: { low: 0, high, title: "documents re-ranked", label: WHOLE },
    y: { low: 0, high: most, title: "p95 of the time", label: tickTime },
    words: step.sentence,
  });
  const group = shape("g", { class: "cross-encoder" });
  if (line) {
    const [a, b] = line;
    const clamp = (x) => Math.max(0, Math.min(most, a + b * x));
    group.append(shape("path", { class: "line", d: `M${xAt(0)} ${yAt(clamp(0))}L${xAt(largest)} ${yAt(clamp(largest))}` }));
    if (high > largest) group.append(shape("path", { class: "line dashed", d: `M${xAt(largest)} ${yAt(clamp(largest))}L${xAt(high)} ${yAt(clamp(high))}` }));
  }
  for (const [x, time] of timed) group.append(markOf("cross-encoder", xAt(x), yAt(time)));
  svg.append(group);
  const end = step.documents === null ? xAt(high) : xAt(step.documents);
  svg.append(shape("path", { class: "chosen", fill: "none", d: `M${left} ${yAt(step.ms)}H${end}${step.documents === null ? "" : `V${bottom}`}` }));
  svg.append(shape("text", { class: "strong", x: left + 6, y: yAt(step.ms) - 5 }, step.words));
}

function budgetTable({ steps }) {
  return tableOf("Documents the cross-encoder re-ranks within a budget, at p95.", ["budget", "documents", "timed or extrapolated"],
    steps.map(({ words, documents, extrapolated }) => [words, documents === null ? "not computed" : WHOLE(documents), documents === null ? "" : extrapolated ? "extrapolated" : "within what was timed"]));
}

const THREE = [["all", "cross-encoder", "cross-encoder over all"], ["index", "bi-encoder", "bi-encoder over an index"], ["two", "both", "two-stage"]];

/** Three ways over collections, both axes logarithmic; the band is the line's 95 % interval. */
function drawMillion(box, collection, size, kept, sentence) {
  const { sizes } = collection;
  const series = THREE.map(([key, kind, label]) => ({ kind, label, values: key === "two" ? collection.two[kept] : collection[key] }));
  const all = series.flatMap(({ values }) => values.flatMap(({ ms, low, high }) => [ms, low, high])).filter((one) => one > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...all, ...series.flatMap(({ values }) => values.map(({ ms }) => Math.max(ms, 0.01))))));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...all)));
  const { svg, xAt, yAt, top, bottom } = frame(box, {
    height: 320,
    left: 66,
    x: { low: sizes[0], high: sizes.at(-1), log: true, title: "documents in the collection", label: WHOLE },
    y: { low: Math.max(low, 0.1), high, log: true, title: "time of one query", label: tickTime },
    words: sentence,
  });
  svg.append(shape("line", { class: "chosen", x1: xAt(sizes[size]), x2: xAt(sizes[size]), y1: top, y2: bottom, "stroke-dasharray": "1 3" }));
  for (const { kind, label, values } of series) {
    const group = shape("g", { class: kind, "data-series": label });
    const along = (key) => values.map((one, index) => `${xAt(sizes[index]).toFixed(1)} ${yAt(Math.max(one[key], 1e-3)).toFixed(1)}`);
    group.append(shape("path", { class: "band", d: `M${along("high").join("L")}L${along("low").reverse().join("L")}Z` }));
    for (let index = 1; index < values.length; index++) {
      const dashed = values[index].extrapolated;
      group.append(shape("path", { class: `line${dashed ? " dashed" : ""}`, d: `M${along("ms")[index - 1]}L${along("ms")[index]}` }));
    }
    values.forEach((one, index) => {
      const [x, y] = [xAt(sizes[index]), yAt(one.ms)];
      const mark = kind === "both" ? shape("rect", { class: "mark", x: x - 4, y: y - 4, width: 8, height: 8 }) : markOf(kind === "bi-encoder" ? "bi-encoder, nothing embedded" : kind, x, y);
      if (one.extrapolated) mark.classList.add("hollow");
      mark.dataset.words = one.words;
      group.append(mark);
    });
    svg.append(group);
  }
}

function millionTable(collection, kept) {
  const cell = ({ words, interval, extrapolated }) => `${words} (${interval})${extrapolated ? ", extrapolated" : ""}`;
  return tableOf("Time of one query with its 95 % interval.", ["documents", "cross-encoder over all", "bi-encoder over an index", `two-stage, k = ${collection.kept[kept]}`],
    collection.sizes.map((size, index) => [WHOLE(size), cell(collection.all[index]), cell(collection.index[index]), cell(collection.two[kept][index])]));
}
