// Axes, and the charts of lines: bytes over the run, and rates by lag.
// Axes.
function logTicks(from, to) {
  const ticks = [];
  const span = Math.log10(to / from);
  for (let p = Math.floor(Math.log10(from)); p <= Math.ceil(Math.log10(to)); p++)
    for (const m of span < 2.2 ? [1, 2, 5] : span < 3.2 ? [1, 3] : [1]) {
      const t = m * 10 ** p;
      if (t >= from * .999 && t <= to * 1.001) ticks.push(t);
    }
  return ticks;
}
function linearTicks(from, to) {
  const rough = (to - from) / 6, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= rough);
  const ticks = [];
  for (let t = Math.ceil(from / step) * step; t <= to + step / 1e6; t += step) ticks.push(t);
  return ticks;
}
function scale(log, from, to, start, end) {
  const of = log ? Math.log10 : v => v;
  const place = v => start + (of(v) - of(from)) / (of(to) - of(from)) * (end - start);
  place.ticks = log ? logTicks(from, to) : linearTicks(from, to);
  return place;
}
function span(values, log) {
  const good = values.filter(v => Number.isFinite(v) && (!log || v > 0));
  if (!good.length) return log ? [1, 10] : [0, 1];
  let low = Math.min(...good), high = Math.max(...good);
  if (!log) return [Math.min(0, low), high > 0 ? high * 1.03 : 1];
  if (high / low < 2) { low /= 1.5; high *= 1.5; }
  return [low / 1.15, high * 1.15];
}
// A frame with grid and labels; `lanes` are places below the axis for what a
// logarithm cannot show.
function frame(width, height, box, x, y, labels, unit, lanes = []) {
  const g = make("g", { "aria-hidden": "true" });
  const gap = width < 480 ? 44 : 26;
  let last = -1e9;
  for (const t of x.ticks) {
    if (labels.names || x(t) - last >= gap) {
      g.append(make("line", { class: "grid", x1: x(t), x2: x(t), y1: box.top, y2: box.floor }),
        make("text", { x: x(t), y: box.floor + 16, "text-anchor": "middle" }, labels.names ? labels.names[t] : digits(t)));
      last = x(t);
    }
  }
  for (const t of y.ticks)
    g.append(make("line", { class: "grid", x1: box.left, x2: box.right, y1: y(t), y2: y(t) }),
      make("text", { x: box.left - 6, y: y(t) + 4, "text-anchor": "end" }, spell(t, unit)));
  for (const lane of lanes)
    g.append(make("rect", { class: "lane", x: box.left, width: box.right - box.left, y: lane.y - 11, height: 22 }),
      make("text", { x: box.left - 6, y: lane.y + 4, "text-anchor": "end" }, lane.label));
  g.append(make("text", { x: (box.left + box.right) / 2, y: height - 4, "text-anchor": "middle", class: "soft" }, labels.x),
    make("text", { x: 2, y: 13, class: "soft" }, labels.y));
  return g;
}
const widthOf = element => Math.max(300, Math.min(1100, element.clientWidth || 600));

// Lines over tenths of the run, and over lags.
function lines(x, host, title, ylabel, unit, names, figuresOf, xlabel, file) {
  const clocks = visibleClocks(cellOf(x)).filter(c => figuresOf(c).some(f => f));
  const pinned = pins(x);
  const width = widthOf(host), height = 330, box = { left: 56, right: width - 14, top: 24, floor: height - 40 };
  const log = unit !== "share";
  const all = clocks.flatMap(c => figuresOf(c).filter(Boolean).map(f => f.mean));
  const [low, high] = span(all, log);
  const px = scale(false, 0, names.length - 1, box.left + 18, box.right - 18);
  px.ticks = names.map((_, n) => n).filter(n => width > 520 || names.length < 8 && width > 440 || n % 2 === 0);
  const py = scale(log, low, log ? high : Math.min(1, high), box.floor, box.top + 6);
  const svg = make("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${clocks.length} lines; the table below has the figures` });
  svg.append(frame(width, height, box, px, py, { x: xlabel, y: ylabel, names }, unit));
  const curves = make("g", { class: "curves" });
  for (const c of clocks) {
    const [colour, marker] = look(c.family);
    const dots = figuresOf(c).map((f, n) => f && (!log || f.mean > 0) ? [px(n), py(f.mean), f] : null).filter(Boolean);
    const ends = dots[dots.length - 1];
    const text = `${c.name}\n${names[figuresOf(c).findIndex(f => f)]}: ${figuresOf(c).find(f => f).text}\n${names[names.length - 1]}: ${(figuresOf(c)[names.length - 1] || { text: "–" }).text}`;
    const curve = make("g", { class: "curve" + (pinned.includes(c.name) ? " on" : ""), onmouseenter: () => { curve.classList.add("on"); showTip(text, dotAt); },
      onmouseleave: () => { if (!pinned.includes(c.name)) curve.classList.remove("on"); hideTip(); } },
      make("path", { d: "M" + dots.map(d => d[0] + "," + d[1]).join("L"), fill: "none", stroke: colour, "stroke-width": 1.8 }),
      make("path", { d: "M" + dots.map(d => d[0] + "," + d[1]).join("L"), fill: "none", stroke: "transparent", "stroke-width": 10 }),
      dots.map(d => d[2].half ? make("line", { x1: d[0], x2: d[0], y1: py(Math.max(d[2].mean - d[2].half, low)), y2: Math.max(box.top, py(d[2].mean + d[2].half)), stroke: colour }) : null));
    const dotAt = make("path", { d: ends ? shape(marker, ends[0], ends[1], 3.8) : "", fill: colour });
    curve.append(dotAt);
    if (dots.length) curves.append(curve);
  }
  svg.append(curves);
  return make("figure", {}, make("h3", {}, title), svg, make("figcaption", {}, "Point at a line to read it; pinned schemes stand out. ",
    make("button", { type: "button", onclick: () => download(`${x.f.name}-${file}.csv`, [["scenario", "clock", "at", "mean", "half_width_95", "seeds"],
      ...clocks.flatMap(c => figuresOf(c).map((f, n) => f ? [cellOf(x).name, c.name, names[n], f.mean, f.half, f.seeds] : null).filter(Boolean))]) }, "rows as CSV")));
}
