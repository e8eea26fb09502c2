// What all parts of the page use: its data, the state in the URL's fragment,
// elements, tips and numbers.
const DATA = JSON.parse(document.getElementById("data").textContent);
const FOLDERS = DATA.folders;
const EXPLORED = FOLDERS.map((f, n) => ({ f, n, e: f.exploration })).filter(x => x.e);
const NAMES = {
  false_order: "false order", false_concurrency: "false concurrency (missed order)", reversal: "reversed order",
  proven: "proven", stamp_bytes_mean: "bytes, mean", stamp_bytes_p50: "bytes, median", stamp_bytes_p99: "bytes, p99",
  stamp_bytes_max: "bytes, largest", stamp_growth: "growth of stamps", clock_bytes: "bytes of a clock at rest",
  ns_an_operation: "nanoseconds an operation",
};
const LAGS = { near: "near: below 2N events apart", mid: "mid: 2N to 8N apart", far: "far: 8N to 32N apart" };
const named = key => NAMES[key] || key.replaceAll("_", " ");

// State: defaults are left out of the fragment.
const state = Object.fromEntries(new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : ""));
const get = (key, fallback) => state[key] ?? fallback;
function set(key, value, fallback) {
  if (value === undefined || value === "" || value === fallback) delete state[key]; else state[key] = value;
  history.replaceState(null, "", "#" + new URLSearchParams(state));
}
const off = () => new Set(get("off", "").split(" ").filter(Boolean));

// Elements.
function make(tag, attributes = {}, ...children) {
  const svg = make.svg.has(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter(c => c !== undefined && c !== null && c !== false));
  return made;
}
make.svg = new Set(["svg", "g", "path", "line", "rect", "circle", "text", "title"]);
// Text in which code stands between backquotes.
const prose = text => text.split("`").map((part, n) => n % 2 ? make("code", {}, part) : part);

const shape = (marker, x, y, r) => [
  `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`,
  `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
  `M${x},${y - 1.25 * r}L${x + 1.2 * r},${y + r}H${x - 1.2 * r}Z`,
  `M${x},${y - 1.4 * r}L${x + 1.4 * r},${y}L${x},${y + 1.4 * r}L${x - 1.4 * r},${y}Z`,
][marker];
const look = family => DATA.looks[family] || ["#777777", 0];

function download(name, rows) {
  const field = v => v === null || v === undefined ? "" : /[",\n]/.test(v) ? `"${String(v).replaceAll('"', '""')}"` : String(v);
  const text = rows.map(row => row.map(field).join(",")).join("\n") + "\n";
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  window.lastDownload = text;
}
const tip = document.getElementById("tip");
function showTip(text, at) {
  tip.textContent = text;
  tip.hidden = false;
  const box = at.getBoundingClientRect(), own = tip.getBoundingClientRect();
  const x = Math.min(Math.max(6, box.left + box.width / 2 - own.width / 2), innerWidth - own.width - 6);
  const above = box.top - own.height - 8;
  tip.style.left = x + "px";
  tip.style.top = (above > 4 ? above : box.bottom + 8) + "px";
}
const hideTip = () => { tip.hidden = true; };
addEventListener("scroll", hideTip, { passive: true });
addEventListener("keydown", e => { if (e.key === "Escape") hideTip(); });

// Numbers.
const digits = v => {
  if (v === 0) return "0";
  const m = Math.abs(v);
  if (m < 1e-4) return v.toExponential(1);
  return m >= 99.95 ? v.toFixed(0) : String(Number(v.toPrecision(3)));
};
const percent = v => digits(v * 100) + " %";
const spell = (v, unit) => unit === "share" ? percent(v) : digits(v);

// What of the figures is chosen.
const metricsOf = e => e.metrics;
const placeOf = (e, stem, lag) => {
  const all = metricsOf(e);
  const exact = all.findIndex(m => m.stem === stem && (m.lag === lag || !m.lag));
  return exact < 0 ? 0 : exact;
};
const chosen = {
  metric: () => get("m", "false_order"), size: () => get("x", "stamp_bytes_mean"), lag: () => get("lag", "near"),
};
const visibleClocks = cell => { const hidden = off(); return cell.clocks.filter(c => !hidden.has(c.family)); };
const cellOf = x => x.e.cells.find(c => c.name === get("s" + x.n)) || x.e.cells[0];

// Figures in words.
function words(figure, metric) {
  if (!figure) return "not measured";
  const { mean, half, seeds, promised, bound } = figure;
  if (promised && mean === 0) return "0, guaranteed";
  if (bound !== undefined) return `not seen: at most ${percent(bound)} of such executions show any (95 % confidence)`;
  const spread = half === undefined ? "" : half === 0 ? ", the same in all seeds" :
    `, 95 % interval ${spell(Math.max(0, mean - half), metric.unit)} to ${spell(mean + half, metric.unit)}`;
  return `${spell(mean, metric.unit)}${spread}, ${seeds} seed${seeds === 1 ? "" : "s"}`;
}

function command(x, columns) {
  const { f } = x;
  return make("details", {}, make("summary", {}, "the commands behind this"),
    make("p", {}, "The rows: ", make("code", {}, "clockbench " + f.command)),
    make("p", {}, "The figures: ", make("code", {}, `clockbench show ${f.path}` + (columns ? ` --columns ${columns}` : ""))),
    make("p", { class: "soft" }, "Revision ", make("code", {}, f.revision), "; rows in ", make("code", {}, f.path + "/raw/")));
}
