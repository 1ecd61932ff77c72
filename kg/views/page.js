"use strict";
/* The page behind `kg view`. vis-network is the camera (pan, zoom, touch, keys); lines, nodes and labels are drawn here.
   Whatever comes from the data reaches the document as text only. */
(() => {
const RESULTS = ["improved", "no difference", "worsened", "mixed", "undetermined"];
const OUTER = ["barrier", "trial"];  // outside the ring, hidden at first
const DASH = { "improved": [], "no difference": [7, 4], "worsened": [2, 3], "mixed": [10, 3, 2, 3], "undetermined": [1, 4] };
const DRAWN = ["undetermined", "improved", "mixed", "worsened", "no difference"];  // what is rarer lies on top
const BAND = 220;  // as in layout.py: room for labels outside the ring
const FACETS = ["kind", "result", "phase", "species", "domain"];
const CONTRASTS = {
  "adds": "adds (given on top of what both arms got)",
  "replaces": "replaces (head to head: given instead of something)",
  "varies": "varies (same therapies, given differently)",
  "before-after": "before-after (same subjects, no control)",
  "none": "none (no comparator)",
};
const LINKS = { member: "has the member", measures: "measures", tests: "tests" };

/* ---- data: findings, and pairs: all edges between two nodes, drawn as one line ---- */
const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const nodes = new Map(data.nodes.map(details => [details.id, { ...details, details, pairs: [], seen: false }]));
const edges = data.edges.rows.map(row => Object.fromEntries(data.edges.names.map((name, i) => [name, row[i]])));
const findings = edges.filter(edge => edge.kind === "finding");
const pairs = gather();
const off = Object.fromEntries(FACETS.map(name => [name, new Set(name === "kind" ? OUTER : [])]));
let selected = null, hovered = null, atFit = true;

const said = value => value !== null && value !== undefined && value !== "" && value !== false;
const joined = (...parts) => parts.filter(said).join(", ");
const number = n => n.toLocaleString("en");
const count = (n, word, plural = word + "s") => `${number(n)} ${n === 1 ? word : plural}`;
const studies = list => new Set(list.map(finding => finding.study || finding.finding)).size;
const counted = list => `${count(studies(list), "study", "studies")}, ${count(list.length, "finding")}`;
const slug = text => String(text).replace(/[^a-z]+/g, "-");
const byResult = list => RESULTS.map(result => [result, list.filter(finding => finding.result === result)]);
const shownOf = node => node.pairs.flatMap(pair => pair.shown);

function gather() {
  const found = new Map();
  for (const edge of edges) {
    const key = JSON.stringify([edge.kind, edge.from, edge.to]);
    const pair = found.get(key) || { kind: edge.kind, from: nodes.get(edge.from), to: nodes.get(edge.to), all: [], shown: [] };
    if (edge.kind === "finding") pair.all.push(edge);
    found.set(key, pair);
  }
  for (const pair of found.values()) for (const node of [pair.from, pair.to]) node.pairs.push(pair);
  return [...found.values()];
}

/* One result where all that say something agree, else mixed. */
function balance(list) {
  const results = new Set(list.map(finding => finding.result).filter(result => result !== "undetermined"));
  return results.size > 1 ? "mixed" : [...results][0] || "undetermined";
}

const values = (finding, name) => name === "kind" ? [nodes.get(finding.from).kind, nodes.get(finding.to).kind] : [finding[name] || "not stated"];
const passes = (finding, except) => FACETS.every(name => name === except || !values(finding, name).some(value => off[name].has(value)));

/* A line shows while one of its findings passes; the other lines show beside nodes that do. */
function refresh() {
  for (const node of nodes.values()) node.seen = false;
  const silent = node => !node.pairs.some(pair => pair.kind === "finding");
  const show = (pair, yes) => {
    pair.visible = yes && !off.kind.has(pair.from.kind) && !off.kind.has(pair.to.kind);
    if (pair.visible) pair.from.seen = pair.to.seen = true;
  };
  for (const pair of pairs) if (pair.kind === "finding") {
    pair.shown = pair.all.filter(finding => passes(finding));
    pair.result = balance(pair.shown);
    pair.studies = studies(pair.shown);
    show(pair, pair.shown.length > 0);
  }
  for (const pair of pairs) if (pair.kind === "tests") show(pair, pair.to.seen || silent(pair.to));
  for (const pair of pairs) if (pair.kind === "member" || pair.kind === "measures") show(pair, pair.from.seen);
  for (const node of nodes.values()) node.studies = studies(shownOf(node));
  pairs.sort((p, q) => DRAWN.indexOf(p.result) - DRAWN.indexOf(q.result));
  const shown = pairs.flatMap(pair => pair.shown);
  byId("status").textContent = `Showing ${number(shown.length)} of ${count(findings.length, "finding")} from `
    + `${number(studies(shown))} of ${count(studies(findings), "study", "studies")}.`;
  fillFacets();
  if (document.body.dataset.view === "table") fillTable();
  if (selected && selected.key.pairs) selected = nodeChoice(selected.key);
  if (selected) selected.open();
  if (atFit) fit(); else camera.redraw();
}

/* ---- pieces of document; strings become text nodes, never markup ---- */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value); else made.setAttribute(key, value);
  }
  made.append(...children.flat().filter(said).map(child => child instanceof Node ? child : String(child)));
  return made;
}

const corners = (n, turn, r, dent = 1) => Array.from({ length: n }, (_, i) => [turn + 2 * Math.PI * i / n, i % 2 ? r * dent : r])
  .map(([angle, far]) => [far * Math.cos(angle), far * Math.sin(angle)]);
const SHAPES = {
  therapy: corners(24, 0, 1), combination: corners(4, 0, 1.25), outcome: corners(4, Math.PI / 4, 1.25),
  barrier: corners(3, -Math.PI / 2, 1.3), trial: corners(10, -Math.PI / 2, 1.4, .5),
};
const sign = value => document.querySelector(`[data-sign="${CSS.escape(value)}"]`)?.cloneNode(true);
const link = (address, text) => el("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, text);
const goTo = node => el("button", { class: "link", type: "button", click: () => choose(nodeChoice(node)) }, node.label);
const web = address => /^https?:\/\//.test(address || "") && address;

function paperLinks({ doi, pmid, source_url: source }) {
  const links = [
    /^10\.\d{4,9}\/[^\s"<>]+$/.test(doi || "") && link("https://doi.org/" + encodeURI(doi), "doi:" + doi),
    /^\d+$/.test(pmid || "") && link(`https://pubmed.ncbi.nlm.nih.gov/${pmid}/`, "PubMed " + pmid),
    web(source) && link(source, "page that was read"),
  ];
  return links.filter(said).flatMap(found => [found, " "]);
}

/* ---- legend = filters; each count: the findings a box stands for, as the other groups filter them ---- */
const boxes = [...document.querySelectorAll("[data-facet]")];

function fillFacets() {
  for (const name of FACETS) {
    const rest = findings.filter(finding => passes(finding, name)).flatMap(finding => values(finding, name));
    for (const box of boxes.filter(box => box.dataset.facet === name)) {
      const value = box.dataset.value;
      box.checked = !off[name].has(value);
      box.parentElement.lastElementChild.textContent = OUTER.includes(value) && name === "kind"
        ? count(data.nodes.filter(node => node.kind === value).length, "node") : number(rest.filter(found => found === value).length);
    }
  }
}

/* ---- evidence panel ---- */
const nodeChoice = node => ({
  key: node, near: new Set([node, ...node.pairs.filter(pair => pair.visible).flatMap(pair => [pair.from, pair.to])]),
  has: pair => pair.from === node || pair.to === node, open: () => openNode(node) });
const pairChoice = pair => ({ key: pair, near: new Set([pair.from, pair.to]), has: other => other === pair, open: () => openPair(pair) });
const paperChoice = paper => ({
  key: paper, near: new Set(paper.findings.flatMap(finding => [nodes.get(finding.from), nodes.get(finding.to)])),
  has: pair => pair.shown.some(finding => paper.findings.includes(finding)), open: () => openPaper(paper) });

function choose(choice) {
  selected = choice;
  hovered = null;
  byId("panel").hidden = !choice;
  if (choice) {
    choice.open();
    byId("panel").scrollTop = 0;
    byId("panel").focus();
  }
  camera.redraw();
}

function fillPanel(kind, title, ...rest) {
  const close = el("button", { class: "close", type: "button", "aria-label": "Close", click: () => choose(null) }, "✕");
  byId("panel").replaceChildren(close, el("p", { class: "kind" }, sign(kind), kind), el("h2", {}, title), ...rest.flat());
}

const facts = rows => el("dl", { class: "facts" }, rows.filter(([, value]) => said(value))
  .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

function openNode(node) {
  const drawn = ["id", "kind", "label", "x", "y", "group", "url"];
  const details = Object.entries(node.details).filter(([name]) => !drawn.includes(name))
    .map(([name, value]) => [name.replaceAll("_", " "), String(value).replaceAll("|", ", ")]);
  const near = node.pairs.filter(pair => pair.visible).sort((p, q) => q.shown.length - p.shown.length)
    .map(pair => el("li", {}, goTo(pair.from === node ? pair.to : pair.from), " ", el("small", {}, summary(pair))));
  fillPanel(node.kind, node.label, facts([...details, ["page", web(node.url) && link(node.url, node.url)]]),
    node.seen ? [] : el("p", { class: "note" }, "Not in the picture under the present filters."),
    evidence(shownOf(node), node.pairs.flatMap(pair => pair.all)),
    near.length ? el("details", { open: "" }, el("summary", {}, `Connected with ${near.length}`), el("ul", {}, near)) : [],
    cards(shownOf(node)));
}

const summary = pair => joined(...byResult(pair.shown).map(([result, some]) => some.length && `${some.length} ${result}`).filter(Boolean)) || pair.kind;

function openPair(pair) {
  const relation = LINKS[pair.kind] || "on";
  fillPanel(LINKS[pair.kind] ? "connection" : "findings", `${pair.from.label} ${relation} ${pair.to.label}`,
    el("p", {}, goTo(pair.from), ` ${relation} `, goTo(pair.to)), pair.all.length ? evidence(pair.shown, pair.all) : [], cards(pair.shown));
}

function openPaper(paper) {
  const shown = paper.findings.filter(finding => passes(finding));
  fillPanel("paper", paper.label, el("p", {}, paperLinks(paper.findings[0])), evidence(shown, paper.findings), cards(shown));
}

/* Results side by side, nulls as plain as benefits. */
function evidence(shown, all) {
  if (!all.length) return el("p", {}, "No finding of its own.");
  const hidden = all.length - shown.length;
  return el("div", {}, el("table", { class: "balance" },
    el("thead", {}, el("tr", {}, ["", "result", "studies", "findings"].map(name => el("th", { scope: "col" }, name)))),
    el("tbody", {}, byResult(shown).map(([result, list]) => el("tr", {}, [sign(result), result, studies(list), list.length].map(cell => el("td", {}, cell)))))),
    el("p", { class: "count" }, counted(shown) + (hidden ? `; ${number(hidden)} more hidden by the filters` : "")));
}

const cards = list => byResult(list).filter(([, some]) => some.length)
  .map(([result, some]) => el("section", {}, el("h3", {}, `${result} (${counted(some)})`), some.map(card)));

const contrast = finding => `${finding.arm || "arm not named"} vs ${finding.comparator || "no comparator"}`;
const byline = finding => [finding.first_author, finding.year].filter(said).join(" ") || finding.study || "";

function card(finding) {
  const day = (word, value) => said(value) && `${word} day ${value}`;
  return el("article", { class: slug(finding.result) }, el("h4", {}, contrast(finding)), facts([
    ["isolates", goTo(nodes.get(finding.from))],
    ["outcome", [goTo(nodes.get(finding.to)), finding.measure && ` (${finding.measure})`]],
    ["result", joined(finding.result, finding.direction && "measured: " + finding.direction)], ["effect", finding.effect], ["p", finding.p],
    ["n", joined(said(finding.n_arm) && `${finding.n_arm} in the arm`, said(finding.n_comparator) && `${finding.n_comparator} in the comparator`)],
    ["phase", joined(finding.phase || "not stated", day("treated", finding.day), day("measured", finding.measured_day))],
    ["species", joined(finding.species, finding.injury)], ["contrast", CONTRASTS[finding.contrast] || finding.contrast],
    ["read in", finding.locator], ["confidence", finding.confidence], ["origin", finding.origin],
  ]), el("p", {}, [byline(finding), finding.paper].filter(said).join(". ")), el("p", {}, paperLinks(finding)),
  el("p", {}, el("span", { class: "tag" }, finding.status || "unreviewed"), " ", el("small", { class: "count" }, finding.finding || finding.key)));
}

/* ---- the same as a table: for screen readers, paper and copying ---- */
function table(caption, names, rows) {
  return el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, names.map(name => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows.map(row => el("tr", {}, row.map((cell, i) => el("td", { "data-label": names[i] }, cell))))));
}

function fillTable() {
  const rows = findings.filter(finding => passes(finding)).map(f => [
    goTo(nodes.get(f.from)), `${contrast(f)} (${f.contrast || "contrast not stated"})`, [goTo(nodes.get(f.to)), f.measure && ` (${f.measure})`],
    f.result, f.phase, f.species, said(f.n_arm) && `${f.n_arm} / ${f.n_comparator ?? "?"}`, joined(f.effect, f.p && "p " + f.p),
    [byline(f), " ", paperLinks(f)[0]], joined(f.status || "unreviewed", f.locator), f.finding || f.key]);
  const others = pairs.filter(pair => pair.visible && pair.kind !== "finding").map(pair => [goTo(pair.from), LINKS[pair.kind] || pair.kind,
    goTo(pair.to), joined(pair.from.status, pair.from.result, pair.from.summary)]);
  byId("table").replaceChildren(
    table(`${count(rows.length, "finding")} of ${number(findings.length)}`, ["isolates", "arm vs comparator", "outcome", "result", "phase",
      "species", "n", "effect", "paper", "status", "finding"], rows),
    table("Connections that are no findings", ["from", "connection", "to", "details"], others));
}

/* ---- search: nodes by label, synonym, id; papers by author, title, DOI, finding ---- */
const fold = (...texts) => texts.filter(said).join("|").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const items = [
  ...[...nodes.values()].map(node => ({ ...node.details, text: fold(node.label, node.synonyms, node.id), choice: () => nodeChoice(node) })),
  ...papers().map(paper => ({ ...paper, kind: "paper", text: fold(paper.label, ...paper.words), choice: () => paperChoice(paper) })),
];
let found = [], active = 0;

function papers() {
  const byPaper = new Map();
  for (const finding of findings) {
    const key = finding.doi || finding.pmid || finding.paper || finding.study || finding.finding;
    const paper = byPaper.get(key) || { label: [byline(finding), finding.paper].filter(said).join(". "), words: [key], findings: [] };
    paper.findings.push(finding);
    paper.words.push(finding.finding);
    byPaper.set(key, paper);
  }
  return [...byPaper.values()];
}

function suggest(text) {
  const words = fold(text).trim();
  const rank = item => item.text.startsWith(words) ? item.label.length / 1e3 : item.text.includes("|" + words) ? 1 : 2;
  const fits = item => words.split(/\s+/).every(word => item.text.includes(word));
  found = words ? items.filter(fits).sort((a, b) => rank(a) - rank(b)).slice(0, 12) : [];
  mark(0);
}

function mark(index) {
  active = Math.max(0, Math.min(index, found.length - 1));
  byId("found").replaceChildren(...found.map((item, i) => el("li", {
    role: "option", id: `found-${i}`, "aria-selected": i === active, mousedown: event => { event.preventDefault(); take(i); },
  }, sign(item.kind) || "¶", el("span", {}, item.label, " ", el("small", { class: "count" }, item.kind)))));
  byId("found").hidden = !found.length;
  byId("search").setAttribute("aria-expanded", String(found.length > 0));
  byId("search").setAttribute("aria-activedescendant", found.length ? `found-${active}` : "");
}

function take(index) {
  const item = found[index];
  suggest("");
  if (!item) return;
  const choice = item.choice();
  choose(choice);
  if (!atFit && "x" in choice.key) camera.moveTo({ position: { x: choice.key.x, y: choice.key.y } });
}

/* ---- picture ---- */
const ink = {};
const headings = data.headings.map(([label, x, y]) => ({ kind: "heading", label, x, y, seen: true, studies: 1e5 }));
const focus = () => hovered || selected;
const beyond = (node, r) => [node.x + r * Math.cos(node.angle), node.y + r * Math.sin(node.angle)];

/* Labels point outwards from the ring. Lines of a group run together: towards the middle of their ends' groups. */
function aim() {
  const ring = [...nodes.values()].filter(node => !OUTER.includes(node.kind)), middles = new Map();
  const [a, b] = ["x", "y"].map(axis => Math.max(1, ...ring.map(node => Math.abs(node[axis]))));
  for (const item of [...nodes.values(), ...headings]) item.angle = Math.atan2(item.y / b ** 2, item.x / a ** 2);
  for (const node of ring) {
    const [x, y, n] = middles.get(node.kind + node.group) || [0, 0, 0];
    middles.set(node.kind + node.group, [x + node.x, y + node.y, n + 1]);
  }
  for (const node of ring) {
    const [x, y, n] = middles.get(node.kind + node.group);
    node.pull = [node.x * .4 + x / n * .6, node.y * .4 + y / n * .6];
  }
  for (const pair of pairs) pair.curve = curve(pair);
}

/* Barriers and trials are joined, outside the ring, where their neighbour's label ends. */
function curve({ from, to }) {
  const outside = OUTER.includes(from.kind) || OUTER.includes(to.kind);
  const ends = [from, to].map(node => outside && !OUTER.includes(node.kind) ? beyond(node, BAND) : [node.x, node.y]);
  const bow = outside ? 1 + Math.max(0, Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) - 250) / 2500
    : from.kind === "outcome" || to.kind === "outcome" ? .5 : .72;
  const pulls = [from, to].map((node, i) => (outside ? ends[i] : node.pull).map(v => v * bow));
  const path = new Path2D();
  path.moveTo(...ends[0]);
  path.bezierCurveTo(...pulls[0], ...pulls[1], ...ends[1]);
  return path;
}

function drawLines(pen, zoom) {
  for (const pair of pairs) if (pair.visible) {
    const bright = focus() && focus().has(pair);
    const width = (pair.result ? Math.min(.7 + .6 * pair.studies, 5) : .7) * (bright ? 1.7 : 1);
    pen.globalAlpha = bright ? 1 : focus() ? .06 : pair.result ? .8 : pair.kind === "member" ? .22 : .6;
    pen.strokeStyle = ink[pair.result] || ink.soft;
    pen.lineWidth = width / zoom;
    pen.setLineDash((DASH[pair.result] || []).map(length => length * Math.max(1, width / 2.5) / zoom));
    pen.stroke(pair.curve);
  }
  pen.setLineDash([]);
}

function drawNodes(pen, zoom) {
  for (const node of nodes.values()) if (node.seen) {
    const near = focus() && focus().near.has(node);
    const r = (OUTER.includes(node.kind) ? 4 / zoom : Math.min(7, 3.2 + Math.sqrt(node.studies))) * (near ? 1.3 : 1);
    pen.globalAlpha = focus() && !near ? .25 : 1;
    pen.fillStyle = ink[node.kind] || ink.soft;
    pen.beginPath();
    for (const [x, y] of SHAPES[node.kind] || SHAPES.therapy) pen.lineTo(node.x + x * r, node.y + y * r);
    pen.fill();
  }
}

/* Room for labels outside the ring: what stands further out bounds it, else at least 100 px of screen. */
const crowded = () => [...nodes.values()].some(node => node.seen && OUTER.includes(node.kind));
const room = zoom => crowded() ? BAND : Math.max(BAND, 100 / zoom);

/* Labels never get smaller than 9 px; where there is no room, those with fewer studies wait for a closer look. */
function drawLabels(pen, zoom) {
  const size = Math.max(9, Math.min(15, 13 * zoom)) / zoom, width = room(zoom) - 12 / zoom, placed = [];
  const near = item => focus() && focus().near.has(item) ? 1 : 0;
  const weight = item => near(item) * 1e6 + (item.studies || 0);
  for (const item of [...nodes.values(), ...headings].filter(item => item.seen).sort((p, q) => weight(q) - weight(p))) {
    if (placed.some(other => Math.hypot(other.x - item.x, other.y - item.y) < size * .86)) continue;
    placed.push(item);
    const heading = item.kind === "heading", left = Math.cos(item.angle) < 0;
    const roomy = width * zoom > 100 && (heading || OUTER.includes(item.kind));
    const longer = near(item) ? 1 + .7 * Math.abs(Math.cos(item.angle)) : roomy ? 1.25 : 1;
    pen.save();
    pen.translate(item.x, item.y);
    pen.rotate(left ? item.angle + Math.PI : item.angle);
    pen.globalAlpha = focus() && !near(item) ? .35 : 1;
    pen.fillStyle = heading ? ink.soft : ink.ink;
    pen.font = `${heading || near(item) ? "bold " : ""}${size}px system-ui, "Segoe UI", Arial, sans-serif`;
    pen.textAlign = left ? "right" : "left";
    pen.textBaseline = "middle";
    pen.fillText(shorten(pen, item.label, width * longer), (left ? -1 : 1) * Math.max(10, 5 / zoom), 0);
    pen.restore();
  }
}

function shorten(pen, text, width) {
  let end = text.length;
  while (end > 3 && pen.measureText(text.slice(0, end) + (end < text.length ? "…" : "")).width > width) end--;
  return end < text.length ? text.slice(0, end) + "…" : text;
}

const scratch = document.createElement("canvas").getContext("2d");

/* The node whose sign or label is at a point, else the topmost line within 6 px. */
function at({ x, y }, zoom) {
  let best = null, least = Math.max(8, 5 / zoom);  // across a label; half a slot or 5 px
  for (const node of nodes.values()) if (node.seen) {
    const [c, s] = [Math.cos(node.angle), Math.sin(node.angle)];
    const along = (x - node.x) * c + (y - node.y) * s, across = Math.abs((y - node.y) * c - (x - node.x) * s);
    if (along > -8 / zoom && along < BAND && across < least) [best, least] = [node, across];
  }
  if (best) return nodeChoice(best);
  scratch.lineWidth = 12 / zoom;
  const line = pairs.findLast(pair => pair.visible && scratch.isPointInStroke(pair.curve, x, y));
  return line ? pairChoice(line) : null;
}

function fit() {
  const box = byId("graph").getBoundingClientRect();
  const seen = [...nodes.values()].filter(node => node.seen);
  atFit = true;
  if (!seen.length || !box.width) return camera.redraw();
  const span = (axis, size) => {
    const values = seen.map(node => node[axis]), [low, high] = [Math.min(...values), Math.max(...values)];
    const wide = size / (high - low + 2 * BAND);
    return [(low + high) / 2, crowded() ? wide : Math.max(.05, Math.min(wide, (size - 224) / (high - low + 1)))];
  };
  const [[x, across], [y, down]] = [span("x", box.width), span("y", box.height)];
  camera.moveTo({ position: { x, y }, scale: Math.min(across, down, 1.5) });
}

function paint(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "soft", ...Object.keys(SHAPES), ...RESULTS]) ink[name] = style.getPropertyValue("--" + slug(name)).trim();
  camera.redraw();
}

/* ---- start ---- */
aim();
const camera = new vis.Network(byId("graph"), { nodes: [], edges: [] }, {
  physics: false, interaction: { keyboard: { enabled: true, bindToWindow: false } } });
camera.on("afterDrawing", pen => { for (const draw of [drawLines, drawNodes, drawLabels]) draw(pen, camera.getScale()); });
camera.on("click", event => choose(at(event.pointer.canvas, camera.getScale())));
for (const moved of ["zoom", "dragStart"]) camera.on(moved, () => { atFit = false; });
camera.on("resize", () => { if (atFit) setTimeout(fit); });
byId("graph").addEventListener("mousemove", event => {
  if (event.buttons) return;
  const before = hovered && hovered.key, box = byId("graph").getBoundingClientRect();
  hovered = at(camera.DOMtoCanvas({ x: event.clientX - box.left, y: event.clientY - box.top }), camera.getScale());
  byId("graph").classList.toggle("pointed", hovered !== null);
  if (before !== (hovered && hovered.key)) camera.redraw();
});
byId("graph").addEventListener("mouseleave", () => { hovered = null; camera.redraw(); });
byId("search").addEventListener("input", event => suggest(event.target.value));
byId("search").addEventListener("blur", () => suggest(""));
byId("search").addEventListener("keydown", event => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); mark(active + step); }
  if (event.key === "Enter") take(active);
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && event.target !== byId("search")) { event.preventDefault(); byId("search").select(); }
  if (event.key === "Escape") { if (found.length) suggest(""); else choose(null); }
});
byId("reset").addEventListener("click", () => {
  for (const name of FACETS) off[name] = new Set(name === "kind" ? OUTER : []);
  refresh();
});
byId("fit").addEventListener("click", fit);
byId("view").addEventListener("click", () => {
  const table = document.body.dataset.view !== "table";
  document.body.dataset.view = table ? "table" : "graph";
  byId("view").textContent = table ? "Graph" : "Table";
  if (table) fillTable(); else setTimeout(fit);
});
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => paint(dark.matches ? "dark" : "light"));
byId("theme").addEventListener("click", () => paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
window.addEventListener("beforeprint", () => { byId("about").open = true; fillTable(); });
if (innerWidth <= 760) byId("filters").open = false;
for (const box of boxes) box.addEventListener("change", () => {
  off[box.dataset.facet][box.checked ? "delete" : "add"](box.dataset.value);
  refresh();
});
paint(dark.matches ? "dark" : "light");
refresh();
})();
