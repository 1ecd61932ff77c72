"use strict";
/* What each page of cordgraph knows of findings: it reads them from the page's data and shows them as cards, tables
   and links. Whatever comes from the data reaches the document as text only. */
const Evidence = (() => {
const RESULTS = ["improved", "no difference", "worsened", "mixed", "undetermined"];
const CONTRASTS = {
  "adds": "adds (given on top of what both arms got)",
  "replaces": "replaces (head to head: given instead of something)",
  "varies": "varies (same therapies, given differently)",
  "before-after": "before-after (same subjects, no control)",
  "none": "none (no comparator)",
};
const MOST = 1000;  // rows of a table on a page; a file of CSV holds all

const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);

/* ---- columns: one value for all, a list, words by number, or values of a few rows; see page.py ---- */
function reader(column) {
  if (!column) return () => null;
  if ("same" in column) return () => column.same;
  if (column.list) return i => column.list[i];
  if (column.words) return i => column.at[i] < 0 ? null : column.words[column.at[i]];
  const some = new Map(column.rows.map((row, k) => [row, column.values[k]]));
  return i => some.get(i) ?? null;
}

function records({ count, columns }) {
  const read = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, reader(column)])), made = [];
  const at = i => made[i] ||= Object.fromEntries(Object.entries(read).map(([name, value]) => [name, value(i)]).filter(([, value]) => said(value)));
  return { count, names: Object.keys(columns), at, value: (name, i) => read[name] ? read[name](i) : null, every: () => Array.from({ length: count }, (_, i) => i) };
}

const said = value => value !== null && value !== undefined && value !== "" && value !== false;
const joined = (...parts) => parts.filter(said).join(", ");
const grouped = new Intl.NumberFormat("en"), number = n => grouped.format(n);
const count = (n, word, plural = word + "s") => `${number(n)} ${n === 1 ? word : plural}`;
const slug = text => String(text).replace(/[^a-z]+/g, "-");
const nodes = records(data.nodes), findings = records(data.findings);
const studyOf = i => findings.value("study", i) || findings.value("finding", i);
const studies = list => new Set(list.map(studyOf)).size;
const counted = list => `${count(studies(list), "study", "studies")}, ${count(list.length, "finding")}`;
const byResult = list => RESULTS.map(result => [result, list.filter(i => findings.value("result", i) === result)]);

/* ---- pieces of document ---- */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value); else if (said(value)) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter(said).map(child => child instanceof Node ? child : String(child)));
  return made;
}

const link = (address, text) => el("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, text);
const web = address => /^https?:\/\//.test(address || "") && address;
const facts = rows => el("dl", { class: "facts" }, rows.filter(([, value]) => said(value))
  .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

function paperLinks({ doi, pmid, source_url: source }) {
  const links = [
    /^10\.\d{4,9}\/[^\s"<>]+$/.test(doi || "") && link("https://doi.org/" + encodeURI(doi), "doi:" + doi),
    /^\d+$/.test(pmid || "") && link(`https://pubmed.ncbi.nlm.nih.gov/${pmid}/`, "PubMed " + pmid),
    web(source) && link(source, "page that was read"),
  ];
  return links.filter(said).flatMap(found => [found, " "]);
}

const contrast = finding => `${finding.arm || "arm not named"} vs ${finding.comparator || "no comparator"}`;
const byline = finding => [finding.first_author, finding.year].filter(said).join(" ") || finding.study || "";
const ends = finding => [finding.isolates || nodes.value("label", finding.from), finding.outcome || nodes.value("label", finding.to)];

/* A node by its name: a button where the page can go there. */
const page = { goTo: null };
const named = (index, name) => page.goTo && said(index) ? el("button", { class: "link", type: "button", click: () => page.goTo(index) }, name) : name;

function card(i) {
  const finding = findings.at(i), [isolates, outcome] = ends(finding);
  const day = (word, value) => said(value) && `${word} day ${value}`;
  return el("article", { class: slug(finding.result) }, el("h4", {}, contrast(finding)), facts([
    ["isolates", named(finding.from, isolates)],
    ["outcome", [named(finding.to, outcome), finding.measure && ` (${finding.measure})`]],
    ["result", joined(finding.result, finding.direction && "measured: " + finding.direction)], ["effect", finding.effect], ["p", finding.p],
    ["n", joined(said(finding.n_arm) && `${finding.n_arm} in the arm`, said(finding.n_comparator) && `${finding.n_comparator} in the comparator`)],
    ["phase", joined(finding.phase || "not stated", day("treated", finding.day), day("measured", finding.measured_day))],
    ["species", joined(finding.species, finding.injury)], ["contrast", CONTRASTS[finding.contrast] || finding.contrast],
    ["read in", finding.locator], ["confidence", finding.confidence], ["origin", finding.origin],
    ["receipt", el("code", {}, "kg show " + finding.finding)],
  ]), el("p", {}, [byline(finding), finding.paper].filter(said).join(". ")), el("p", {}, paperLinks(finding)),
  el("p", {}, el("span", { class: "tag" }, finding.status || "unreviewed")));
}

const cards = list => byResult(list).filter(([, some]) => some.length)
  .map(([result, some]) => el("section", {}, el("h3", {}, `${result} (${counted(some)})`), some.slice(0, 200).map(card),
    some.length > 200 && el("p", {}, `${number(some.length - 200)} more: narrow the filters, or save them as CSV.`)));

/* Results side by side, nulls as plain as benefits. */
function balanceOf(shown, all, sign) {
  if (!all.length) return el("p", {}, "No finding of its own.");
  const hidden = all.length - shown.length;
  return el("div", {}, el("table", { class: "balance" },
    el("thead", {}, el("tr", {}, ["sign", "result", "studies", "findings"].map(name => el("th", { scope: "col" }, name)))),
    el("tbody", {}, byResult(shown).map(([result, list]) => el("tr", {}, [sign(result), result, studies(list), list.length].map(cell => el("td", {}, cell)))))),
    el("p", { class: "count" }, counted(shown) + (hidden ? `; ${number(hidden)} more hidden by the filters` : "")));
}

/* ---- the same as a table: for screen readers, paper and copying ---- */
function table(caption, names, rows) {
  return el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, names.map(name => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows.map(row => el("tr", {}, row.map((cell, i) => el("td", { "data-label": names[i] }, cell))))));
}

function findingsTable(list) {
  const rows = list.slice(0, MOST).map(i => findings.at(i)).map(f => [
    named(f.from, ends(f)[0]), `${contrast(f)} (${f.contrast || "contrast not stated"})`, [named(f.to, ends(f)[1]), f.measure && ` (${f.measure})`],
    f.result, f.phase, f.species, said(f.n_arm) && `${f.n_arm} / ${f.n_comparator ?? "?"}`, joined(f.effect, f.p && "p " + f.p),
    [byline(f), " ", paperLinks(f)[0]], joined(f.status || "unreviewed", f.locator), f.finding]);
  const cut = list.length > MOST ? `; the first ${number(MOST)}, a file of CSV holds all` : "";
  return table(`${count(list.length, "finding")} of ${number(findings.count)}${cut}`, ["isolates", "arm vs comparator", "outcome", "result", "phase",
    "species", "n", "effect", "paper", "status", "finding"], rows);
}

/* ---- files ---- */
function csv(list) {
  const names = ["isolates", ...findings.names.filter(name => !["from", "to", "kind", "isolates"].includes(name))];
  const cell = value => {
    const text = said(value) ? String(value) : "";
    const inert = /^[=+\-@\t\r]/.test(text) && !/^-?\d/.test(text) ? "'" + text : text;  // no formula for a spreadsheet
    return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
  };
  const lines = list.map(i => findings.at(i)).map(f => names.map(name => cell(name === "isolates" ? ends(f)[0] : f[name])).join(","));
  return "\ufeff" + [names.join(","), ...lines].join("\r\n") + "\r\n";
}

function save(blob, suffix) {
  const name = document.title.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, 60) || "evidence";
  const address = URL.createObjectURL(blob), anchor = el("a", { href: address, download: `${name}.${suffix}` });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

const saveCsv = list => save(new Blob([csv(list)], { type: "text/csv;charset=utf-8" }), "csv");

/* ---- light and dark ---- */
function themed(painted) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = theme => {
    document.documentElement.dataset.theme = theme;
    byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
    painted();
  };
  dark.addEventListener("change", () => paint(dark.matches ? "dark" : "light"));
  byId("theme").addEventListener("click", () => paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  paint(dark.matches ? "dark" : "light");
}

return { RESULTS, data, nodes, findings, page, byId, said, joined, number, count, slug, studies, studyOf, counted, byResult, byline, el, link, web,
  facts, named, paperLinks, cards, balanceOf, table, findingsTable, save, saveCsv, themed };
})();
