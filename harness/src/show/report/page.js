// The page from top to bottom. All that is shown is a function of DATA, the
// folders' figures, and of `state`.
function drawPanel(x) {
  hideTip();
  const host = document.querySelector(`[data-panel="${x.n}"] .drawn`);
  const stem = x.e.by_lag.includes(chosen.metric()) ? chosen.metric() : x.e.by_lag[0];
  const rate = x.e.by_lag.indexOf(stem);
  const pair = make("div", { class: "pair" });
  const pinnedPart = compare(x);
  host.replaceChildren(frontier(x, host));
  if (pinnedPart) host.append(pinnedPart);
  host.append(pair);
  const half = { clientWidth: host.clientWidth > 880 ? host.clientWidth / 2 - 8 : host.clientWidth };
  pair.append(
    lines(x, half, "Bytes over the run", "mean bytes of a stamp", "bytes", [...Array(10).keys()].map(n => `${n + 1}/10`), c => c.tenths, "tenth of the run", "growth"),
    lines(x, half, `${named(stem)}, by lag`.replace(/^./, c => c.toUpperCase()), named(stem), "share", x.e.bins.map(b => b.replace("below ", "<").replace(" to ", "–").replace("from ", "≥")), c => c.by_lag[rate], "events apart; N: mean of live participants", "by-lag"));
}
const drawPanels = () => EXPLORED.forEach(drawPanel);

// Pickers.
function picker(label, id, options, value, change) {
  return make("label", {}, label, make("select", { id, onchange: e => change(e.target.value) },
    options.map(([key, text]) => make("option", { value: key, selected: key === value }, text))));
}
function controls() {
  const metrics = EXPLORED[0].e.metrics, stems = [...new Set(metrics.map(m => m.stem))];
  const ys = ["false_order", "false_concurrency", "reversal", "proven", "stamp_bytes_p99", "ns_an_operation"].filter(s => stems.includes(s));
  const xs = ["stamp_bytes_mean", "stamp_bytes_p50", "stamp_bytes_p99", "stamp_bytes_max", "clock_bytes"].filter(s => stems.includes(s));
  const families = [...new Set(EXPLORED.flatMap(x => x.e.cells.flatMap(c => c.clocks.map(k => k.family))))];
  const lag = picker("how far apart", "lag", Object.entries(LAGS), chosen.lag(), v => { set("lag", v, "near"); drawPanels(); });
  const byLag = () => { lag.querySelector("select").disabled = !metrics.some(m => m.stem === chosen.metric() && m.lag); };
  const buttons = families.map(family => {
    const [colour, marker] = look(family);
    const button = make("button", { type: "button", class: "family", "data-family": family, "aria-pressed": String(!off().has(family)),
      onclick: () => { const now = off(); now.has(family) ? now.delete(family) : now.add(family); choose(now); } },
      make("svg", { width: 12, height: 12, "aria-hidden": "true" }, make("path", { d: shape(marker, 6, 6, 4), fill: colour })), family);
    return button;
  });
  const choose = now => {
    set("off", [...now].join(" "));
    buttons.forEach(b => b.setAttribute("aria-pressed", String(!now.has(b.dataset.family))));
    drawPanels();
  };
  byLag();
  return make("div", { class: "controls", role: "group", "aria-label": "What is drawn" },
    picker("up the side", "metric", ys.map(s => [s, named(s)]), chosen.metric(), v => { set("m", v, "false_order"); byLag(); drawPanels(); }),
    picker("along the bottom", "size", xs.map(s => [s, named(s)]), chosen.size(), v => { set("x", v, "stamp_bytes_mean"); drawPanels(); }),
    lag,
    make("fieldset", {}, make("legend", {}, "families (colour and marker are the same in all charts)"), buttons,
      make("button", { type: "button", id: "all", class: "family", onclick: () => choose(new Set()) }, "all"),
      make("button", { type: "button", id: "none", class: "family", onclick: () => choose(new Set(families)) }, "none")));
}
function panel(x) {
  const cells = x.e.cells;
  return make("section", { class: "panel", "data-panel": x.n, "aria-label": x.f.name }, make("h3", {}, x.f.name),
    cells.length > 1 ? make("div", { class: "row" }, picker("scenario", "cell" + x.n, cells.map(c => [c.name, c.name]), cellOf(x).name,
      v => { set("s" + x.n, v, cells[0].name); drawPanel(x); })) : make("p", { class: "soft" }, "scenario ", make("code", {}, cells[0].name)),
    make("div", { class: "drawn" }));
}

// What a folder states and what it was.
function claims(f) {
  if (!f.claims.length) return null;
  const where = c => Object.values(c.row).join(", ");
  const against = c => c.less_than ? `, less than ${Object.values(c.less_than).join(", ")}` : "";
  return make("ul", { class: "claims" }, f.claims.map(c => make("li", { class: c.holds ? "" : "fails" }, make("b", {}, c.figure), ...prose(c.says), c.holds ? null : " (does not hold)",
    make("span", { class: "soft" }, `${where(c)}: ${c.column.replaceAll("_", " ")}${against(c)}; table ${c.table}`))));
}
function intro(f) {
  const items = f.intro.split("\n").filter(l => l.startsWith("* ")).map(l => make("li", {}, prose(l.slice(2))));
  const rest = f.intro.split("\n").filter(l => l && !l.startsWith("* ")).join(" ");
  const list = items.length > 3 ? make("details", {}, make("summary", {}, `${items.length} scenarios`), make("ul", {}, items)) : items.length ? make("ul", {}, items) : null;
  return [rest ? make("p", {}, prose(rest)) : null, list];
}
function paper(f) {
  if (!f.charts.length) return null;
  const figures = f.charts.map(c => {
    const holder = make("div", { class: "paper", role: "img", "aria-label": c.title, tabindex: 0 });
    const parsed = new DOMParser().parseFromString(c.svg, "image/svg+xml").documentElement;
    holder.append(document.importNode(parsed, true));
    return make("figure", {}, holder, make("figcaption", {}, c.title, " ", make("code", {}, `derived/${c.name}.svg`)));
  });
  const all = make("div", { class: "pair" }, figures);
  return f.exploration ? make("details", { class: "papers" }, make("summary", {}, `${figures.length} charts of derived/`), all) : make("div", { class: "papers" }, make("h3", {}, "Charts"), all);
}

function draw() {
  const one = FOLDERS.length === 1;
  const title = one ? FOLDERS[0].title : `${FOLDERS.length} results side by side`;
  document.title = title;
  document.getElementById("title").textContent = title;
  document.getElementById("subtitle").append("An interactive page of ", ...FOLDERS.flatMap((f, n) => [n ? ", " : "", make("code", {}, f.path)]), ". What you choose is kept in the address.");
  const main = document.getElementById("main");
  const stated = FOLDERS.filter(f => f.claims.length);
  main.append(make("section", { id: "answers", "aria-label": "Answers" }, make("h2", {}, stated.length ? "What is claimed, and holds" : "What was measured"),
    ...FOLDERS.flatMap(f => [one ? null : make("h3", {}, f.title, " ", make("span", { class: "soft" }, f.name)), ...intro(f), claims(f),
      ...f.texts.map(t => make("p", { class: "soft" }, prose(t)))]).filter(Boolean)));
  if (EXPLORED.length) main.append(make("section", { "aria-label": "Bytes against errors" }, make("h2", {}, "Bytes against errors"), controls(),
    make("div", { class: "panels" }, EXPLORED.map(panel))));
  for (const f of FOLDERS) { const part = paper(f); if (part) main.append(make("section", {}, one ? null : make("h2", {}, f.name), part)); }
  main.append(make("h2", {}, "Tables"), ...FOLDERS.flatMap((f, n) => f.tables.length ? [one ? null : make("h3", {}, f.name), tables(f, n)] : []).filter(Boolean));
  drawPanels();
}
draw();
let resized;
addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(drawPanels, 120); });
addEventListener("hashchange", () => { if (location.hash.includes("=")) location.reload(); });
