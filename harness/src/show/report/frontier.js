// Bytes against a metric, the sentence above it, and the pinned pair below it.
// Frontier.
const pins = x => get("p" + x.n, "").split("|").filter(Boolean);
function pin(x, name) {
  let now = pins(x);
  now = now.includes(name) ? now.filter(n => n !== name) : [...now.slice(-1), name];
  set("p" + x.n, now.join("|"));
  drawPanel(x);
  const said = now.length === 2 ? `${now[0]} and ${now[1]} are compared` : now.length ? `${now[0]} is pinned; choose another to compare` : "nothing is pinned";
  document.getElementById("said").textContent = said;
  document.querySelector(`[data-panel="${x.n}"] .point[data-name="${CSS.escape(name)}"]`)?.focus();
}
function best(points, more) {
  let top = null;
  const steps = [];
  for (const p of [...points].sort((a, b) => a.x - b.x || (more ? b.v - a.v : a.v - b.v)))
    if (top === null || (more ? p.v > top : p.v < top)) { top = p.v; steps.push(p); }
  return steps;
}
function frontierPoints(x) {
  const xm = placeOf(x.e, chosen.size()), ym = placeOf(x.e, chosen.metric(), chosen.lag());
  return visibleClocks(cellOf(x)).flatMap(c => {
    const size = c.figures[xm], figure = c.figures[ym];
    return size && figure ? [{ c, x: size.mean, xh: size.half || 0, v: figure.mean, h: figure.half || 0, size, figure }] : [];
  });
}
function ranges() {
  const all = EXPLORED.flatMap(frontierPoints);
  const unit = EXPLORED.length ? EXPLORED[0].e.metrics[placeOf(EXPLORED[0].e, chosen.metric(), chosen.lag())] : null;
  const linear = chosen.metric() === "proven";
  return { xs: span(all.map(p => p.x), true), linear, metric: unit,
    ys: linear ? [0, 1] : span(all.map(p => p.v), true) };
}
function frontier(x, host) {
  const { xs, ys, linear, metric } = ranges();
  const points = frontierPoints(x);
  const isError = metric.unit === "share" && !metric.more_is_better;
  const width = widthOf(host), height = width < 480 ? 400 : 470;
  const box = { left: isError ? 88 : 56, right: width - 14, top: 24, floor: height - 40 };
  const lanes = isError ? [{ label: "not seen", y: box.floor - 37 }, { label: "guaranteed 0", y: box.floor - 12 }] : [];
  const bottom = isError ? box.floor - 56 : box.floor;
  const px = scale(true, ...xs, box.left + 10, box.right - 10), py = scale(!linear, ...ys, bottom, box.top + 8);
  const at = p => isError && p.v === 0 ? (p.figure.promised ? lanes[1].y : lanes[0].y) : py(p.v);
  const clampY = v => Math.max(box.top, Math.min(bottom, v));
  const svg = make("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": `${named(metric.stem)} against ${named(chosen.size())}, ${points.length} schemes; arrow keys go from one to the next, Enter pins` });
  const lag = metric.lag ? `, ${metric.lag}` : "";
  svg.append(frame(width, height, box, px, py, { x: named(chosen.size()) + (chosen.size() === "clock_bytes" ? "" : " of a stamp") + " (logarithmic)",
    y: named(metric.stem) + lag }, metric.unit, lanes));
  const steps = best(points, metric.more_is_better);
  if (steps.length) {
    let path = "";
    steps.forEach((p, n) => { path += n ? `H${px(p.x)}V${at(p)}` : `M${px(p.x)},${at(p)}`; });
    svg.append(make("path", { class: "best", d: path + `H${box.right - 4}` }));
  }
  const curves = make("g", { class: "curves", "aria-hidden": "true" });
  for (const line of new Set(points.map(p => p.c.line))) {
    const mine = points.filter(p => p.c.line === line).sort((a, b) => a.x - b.x);
    if (mine.length > 1) curves.append(make("path", { d: "M" + mine.map(p => `${px(p.x)},${at(p)}`).join("L"), fill: "none",
      stroke: look(mine[0].c.family)[0], "stroke-width": 1.4, "stroke-opacity": .75 }));
  }
  svg.append(curves);
  const pinned = pins(x);
  const groups = [...points].sort((a, b) => a.x - b.x || a.v - b.v).map((p, n) => {
    const [colour, marker] = look(p.c.family), X = px(p.x), Y = at(p);
    const label = `${p.c.name}\n${named(chosen.size())}: ${words(p.size, { unit: "bytes" })}\n${named(metric.stem)}${lag}: ${words(p.figure, metric)}`;
    const bars = make("g", { stroke: colour, "stroke-width": 1.3 });
    if (p.h && p.v) bars.append(make("line", { x1: X, x2: X, y1: clampY(py(linear ? Math.max(0, p.v - p.h) : Math.max(p.v - p.h, ys[0]))), y2: clampY(py(p.v + p.h)) }));
    if (p.xh) bars.append(make("line", { y1: Y, y2: Y, x1: px(Math.max(p.x - p.xh, xs[0])), x2: px(Math.min(p.x + p.xh, xs[1])) }));
    const hollow = isError && p.v === 0 && !p.figure.promised;
    const mark = make("path", { d: shape(marker, X, Y, 4.6), fill: hollow ? "var(--back)" : colour, stroke: colour, "stroke-width": 1.6 });
    const point = make("g", { class: "point", role: "button", tabindex: n ? -1 : 0, "data-name": p.c.name,
      "aria-pressed": String(pinned.includes(p.c.name)), "aria-label": label.replaceAll("\n", ", "),
      onclick: () => pin(x, p.c.name), onmouseenter: () => showTip(label, point), onmouseleave: hideTip,
      onfocus: () => showTip(label, point), onblur: hideTip,
      onkeydown: e => {
        if (e.key === "Enter" || e.key === " ") { e.preventDefault(); pin(x, p.c.name); }
        const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
        if (!move) return;
        e.preventDefault();
        const next = groups[(n + move + groups.length) % groups.length];
        groups.forEach(g => g.setAttribute("tabindex", g === next ? 0 : -1));
        next.focus();
      } }, bars, mark, make("circle", { class: "halo", cx: X, cy: Y, r: 11 }));
    return point;
  });
  svg.append(...groups);
  // The best at each size are named where there is room.
  const taken = [];
  for (const p of steps) {
    const text = p.c.line, w = text.length * 6.6, X = Math.min(px(p.x) + 9, box.right - w), Y = at(p) - 9;
    if (taken.some(t => X < t.X + t.w && X + w > t.X && Math.abs(Y - t.Y) < 15)) continue;
    taken.push({ X, Y, w });
    svg.append(make("text", { x: X, y: Y, "aria-hidden": "true", "paint-order": "stroke", stroke: "var(--back)", "stroke-width": 3 }, text));
  }
  const none = points.length ? null : make("p", {}, "No scheme of the chosen families was measured here.");
  return make("figure", { class: "frontier" }, summary(x, points, metric), svg, none,
    make("figcaption", {}, "The broad grey line is the best at each size. Bars are 95 % intervals over seeds. Choose a scheme to pin it, and a second one to compare both. ",
      make("button", { type: "button", onclick: () => download(`${x.f.name}-frontier.csv`, [["scenario", "clock", "size", "size_half_width_95", metric.key, "half_width_95", "seeds", "guaranteed", "zero_bound_95"],
        ...points.map(p => [cellOf(x).name, p.c.name, p.x, p.size.half, p.v, p.figure.half, p.figure.seeds, Boolean(p.figure.promised), p.figure.bound])]) }, "rows as CSV")),
    command(x, [chosen.size(), metric.key].join(",")));
}
// The answer in a sentence or two.
function summary(x, points, metric) {
  if (!points.length) return null;
  const what = named(metric.stem) + (metric.lag ? ` (${metric.lag})` : ""), parts = [];
  const size = p => `${p.size.text} bytes`;
  const bySize = [...points].sort((a, b) => a.x - b.x);
  if (metric.unit === "share" && !metric.more_is_better) {
    const sure = bySize.filter(p => p.figure.promised);
    const below = sure.length ? points.filter(p => p.x < sure[0].x) : points;
    if (sure.length) parts.push(`\`${sure[0].c.name}\` is the smallest of ${sure.length} that guarantee no ${what}: ${size(sure[0])}.`);
    const steps = best(below, false);
    const least = steps[steps.length - 1];
    if (least) parts.push(`Of ${below.length} ${sure.length ? "smaller ones" : "schemes"}, \`${least.c.name}\` has the least: ${least.figure.bound === undefined ? least.figure.text : "none seen"} at ${size(least)}.`);
  } else {
    const steps = best(points, metric.more_is_better);
    const top = steps[steps.length - 1];
    parts.push(`\`${top.c.name}\` has the ${metric.more_is_better ? "most" : "least"} ${what}: ${top.figure.text}, at ${size(top)}.`);
    if (steps.length > 1) parts.push(`The smallest stamps are those of \`${steps[0].c.name}\`: ${steps[0].figure.text} at ${size(steps[0])}.`);
  }
  return make("p", { class: "say" }, prose(parts.join(" ")));
}

// Two clocks on the same seeds.
function compare(x) {
  const names = pins(x), cell = cellOf(x);
  const [a, b] = names.map(n => cell.clocks.find(c => c.name === n));
  if (!a && !b) return null;
  if (!a || !b) return make("div", { class: "compare" }, make("p", {}, make("code", {}, (a || b).name), " is pinned. Choose another scheme to compare both on the same seeds."));
  const rows = x.e.metrics.map((m, n) => {
    const both = (a.values[n] || []).map((v, i) => [v, b.values[n][i]]).filter(([v, w]) => v !== null && w !== null && w !== undefined);
    const d = both.map(([v, w]) => v - w), count = d.length;
    if (!a.figures[n] && !b.figures[n]) return null;
    let text = "–", sure = false, mean = null, half = null;
    if (count) {
      mean = d.reduce((s, v) => s + v, 0) / count;
      const t = x.e.student[count];
      if (t) half = t * Math.sqrt(d.reduce((s, v) => s + (v - mean) ** 2, 0) / (count - 1) / count);
      const by = m.unit === "share" ? 100 : 1, unit = m.unit === "share" ? " points" : "";
      sure = half !== null && Math.abs(mean) > half;
      const sign = v => (v > 0 ? "+" : v < 0 ? "−" : "") + digits(Math.abs(v));
      text = mean === 0 && !half ? "0" : `${half !== null && !sure ? "~" : ""}${sign(mean * by)}${half === null ? "" : " ±" + digits(half * by)}${unit}`;
    }
    return [m, a.figures[n], b.figures[n], text, sure, count, mean, half];
  }).filter(Boolean);
  const cellText = f => f ? f.text : "–";
  const name = m => named(m.stem) + (m.lag ? `, ${m.lag}` : "");
  return make("div", { class: "compare" },
    make("h4", {}, make("code", {}, a.name), " less ", make("code", {}, b.name), ", on the same seeds"),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "comparison of two clocks" }, make("table", {},
      make("thead", {}, make("tr", {}, ["", a.name, b.name, "difference", "seeds"].map((h, n) => make("th", { class: n ? "n" : "", scope: "col" }, h)))),
      make("tbody", {}, rows.map(r => make("tr", {}, make("th", { scope: "row" }, name(r[0])), make("td", { class: "n" }, cellText(r[1])),
        make("td", { class: "n" }, cellText(r[2])), make("td", { class: r[4] ? "n sure" : "n" }, r[3]), make("td", { class: "n" }, r[5] || "–")))))),
    make("p", { class: "soft" }, "Each difference is the mean over seeds of the first clock less the second on the same execution, ± half the 95 % interval; ~ where that holds zero."),
    make("div", { class: "row" },
      make("button", { type: "button", onclick: () => download(`${x.f.name}-pair.csv`, [["scenario", "metric", "replicate_in_order", a.name, b.name],
        ...x.e.metrics.flatMap((m, n) => (a.values[n] || []).map((v, i) => [cell.name, m.key, i, v, b.values[n][i]]))]) }, "rows as CSV"),
      make("button", { type: "button", onclick: () => { set("p" + x.n, ""); drawPanel(x); } }, "unpin both")),
    command(x, null));
}
