// Tables to sort and to filter.
// Tables.
function tables(f, n) {
  const host = make("div", { class: "table" });
  const current = () => f.tables.find(t => t.name === get("t" + n)) || f.tables.find(t => t.shown) || f.tables[0];
  const draw = () => {
    const table = current(), [key, way] = get("o" + n, "").split("~"), at = table.columns.findIndex(c => c.key === key);
    const wanted = get("q" + n, "").toLowerCase().split(/\s+/).filter(Boolean);
    const text = v => v === null ? "–" : typeof v === "string" ? v : v[0];
    const kept = table.rows.filter(row => { const line = row.map(text).join(" ").toLowerCase(); return wanted.every(w => line.includes(w)); });
    if (at >= 0) {
      const value = row => row[at] === null ? null : typeof row[at] === "string" ? row[at] : row[at][1];
      const sign = way === "down" ? -1 : 1;
      kept.sort((r, s) => { const a = value(r), b = value(s); return a === null ? 1 : b === null ? -1 : sign * (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b); });
    }
    const numeric = c => c.unit !== "text";
    const head = table.columns.map((c, i) => make("th", { scope: "col", class: numeric(c) ? "n" : "", "aria-sort": i === at ? (way === "down" ? "descending" : "ascending") : "none" },
      make("button", { type: "button", "data-key": c.key, onclick: () => { set("o" + n, c.key + (i === at && way !== "down" ? "~down" : "~up")); draw(); host.querySelector(`[data-key="${CSS.escape(c.key)}"]`)?.focus(); } },
        c.heading + (i === at ? (way === "down" ? " ▼" : " ▲") : ""))));
    const FEW = 400, more = get("all" + n) ? kept : kept.slice(0, FEW);
    host.replaceChildren(
      make("p", { class: "soft count" }, `${kept.length} of ${table.rows.length} rows`),
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": table.title }, make("table", {}, make("caption", { class: "unseen" }, table.title), make("thead", {}, make("tr", {}, head)),
        make("tbody", {}, more.map(row => make("tr", {}, row.map((v, i) => make(i ? "td" : "th", { class: numeric(table.columns[i]) ? "n" : "", scope: i ? null : "row" }, text(v)))))))),
      make("div", { class: "row" },
        more.length < kept.length ? make("button", { type: "button", onclick: () => { set("all" + n, "1"); draw(); } }, `show all ${kept.length} rows`) : null,
        make("button", { type: "button", onclick: () => download(table.name + ".csv", [table.columns.flatMap(c => c.estimated ? [c.key, c.key + "_half_width_95", c.key + "_seeds"] : [c.key]),
          ...kept.map(row => row.flatMap((v, i) => table.columns[i].estimated ? (v === null ? [null, null, null] : [v[1], v[2], v[3]]) : [v === null || typeof v === "string" ? v : v[1]]))]) }, "these rows as CSV")),
      ...table.notes.map(note => make("p", { class: "soft" }, prose(note))),
      command({ f }, null));
  };
  draw();
  return make("section", { "data-tables": n, "aria-label": `tables of ${f.name}` },
    make("div", { class: "controls" },
      picker("table", "table" + n, f.tables.map(t => [t.name, t.title]), current().name, v => { set("t" + n, v); set("o" + n); draw(); }),
      make("label", {}, "rows with these words", make("input", { type: "search", id: "filter" + n, value: get("q" + n, ""), oninput: e => { set("q" + n, e.target.value); draw(); } }))),
    host);
}
