"use strict";
/* The graph page behind `kg view`: views, filters, search, the evidence panel, files. vis-network is the camera
   (pan, zoom, touch); lines, nodes and labels are drawn by picture.js. */
(() => {
const { RESULTS, data, nodes, findings, byId, said, joined, number, count, slug, studies, byResult, byline, el, link, web, facts, named, paperLinks,
  cards, balanceOf, table, findingsTable, save, saveCsv, themed } = Evidence;
const FACETS = ["result", "phase", "species", "domain", "status"];
const LINKS = { member: "has the member", measures: "measures", tests: "tests" };
const boxes = [...document.querySelectorAll("[data-facet]")];
const years = [byId("from"), byId("to")];
const [FIRST, LAST] = years.map(input => Number(input.value));
const off = Object.fromEntries(FACETS.map(name => [name, new Set()]));
const all = findings.every();
let view = null, chosen = null, hovered = null, marked = null, said0 = "", atFit = true, fails = null, shownAll = [];

/* ---- views: the nodes of a scene where they stand, and the lines between them; made when first looked at ---- */
const scenes = new Map(data.scenes.map(scene => [scene.name, scene]));
const views = new Map();

function build(scene) {
  const outer = new Set(scene.outer), lefts = new Set(scene.left);
  const made = scene.nodes.map((index, i) => ({ index, id: nodes.value("id", index), kind: nodes.value("kind", index), label: nodes.value("label", index),
    group: nodes.value(nodes.value("domain", index) ? "domain" : "class", index), outer: outer.has(index), left: lefts.has(index), x: scene.x[i], y: scene.y[i],
    pairs: [], seen: false, weight: 0 }));
  const byIndex = new Map(made.map(node => [node.index, node]));
  const pairs = scene.to ? gather(scene, byIndex) : [];
  scene.links.forEach(([from, to, word]) => pairs.push({ kind: scene.words[word], from: byIndex.get(from), to: byIndex.get(to), all: [], shown: [] }));
  for (const pair of pairs) for (const node of new Set([pair.from, pair.to])) node.pairs.push(pair);
  const keys = scene.to ? null : new Map(made.filter(node => node.kind === "finding").map(node => [node.id.replace(/^finding\//, ""), node]));
  if (keys) for (const i of all) if (keys.has(findings.value("finding", i))) keys.get(findings.value("finding", i)).finding = i;
  const headings = scene.headings.map(([label, x, y]) => ({ kind: "heading", label, x, y, seen: true, weight: 1e6 }));
  const view = { ...scene, nodes: made, byIndex, pairs, headings, off: new Set(scene.hidden) };
  Picture.aim(view);
  return view;
}

/* All findings between two nodes, drawn as one line. */
function gather(scene, byIndex) {
  const found = new Map();
  for (const i of all) for (const to of [scene.to === true ? findings.value("to", i) : scene.to[i]].flat()) {
    const from = scene.from === true ? findings.value("from", i) : scene.from[i], key = from * nodes.count + to;
    if (!byIndex.has(from) || !byIndex.has(to)) continue;
    if (!found.has(key)) found.set(key, { kind: "finding", from: byIndex.get(from), to: byIndex.get(to), all: [], shown: [] });
    found.get(key).all.push(i);
  }
  return [...found.values()];
}

function look(name) {
  if (!views.has(name)) views.set(name, build(scenes.get(name)));
  view = views.get(name);
  byId("scene").value = name;
  byId("note").textContent = view.note;
  byId("note").hidden = !view.note;
  const kinds = new Set(view.nodes.map(node => node.kind));
  for (const box of boxes) if (box.dataset.facet === "kind") box.parentElement.hidden = !kinds.has(box.dataset.value);
  hovered = null;
  if (chosen && chosen.node !== undefined) chosen = view.byIndex.has(chosen.node) ? nodeChoice(view.byIndex.get(chosen.node)) : null;
  else if (chosen && chosen.pair) chosen = null;
  byId("panel").hidden = !chosen;
  atFit = true;
  refresh();
}

/* ---- filters: which facets a finding fails, as bits; the counts of a facet leave its own bit out ---- */
const value = (name, i) => findings.value(name, i) || "not stated";

function sift() {
  fails = new Uint8Array(findings.count);
  const [from, to] = years.map(input => Number(input.value)), every = from === FIRST && to === LAST;
  FACETS.forEach((name, bit) => {
    if (off[name].size) for (const i of all) if (off[name].has(value(name, i))) fails[i] |= 1 << bit;
  });
  if (!every) for (const i of all) {
    const year = findings.value("year", i);
    if (!(year >= from && year <= to)) fails[i] |= 1 << FACETS.length;
  }
  byId("years").textContent = every ? "all" : `${from} to ${to}`;
}

/* One result where all that say something agree, else mixed. */
function balance(list) {
  const results = new Set(list.map(i => findings.value("result", i)).filter(result => result !== "undetermined"));
  return results.size > 1 ? "mixed" : [...results][0] || "undetermined";
}

const hides = node => view.off.has(node.kind);

function refresh() {
  sift();
  for (const node of view.nodes) node.seen = false;
  if (view.to) refreshEvidence(); else refreshGraph();
  view.batches = null;
  tell();
  fillFacets();
  if (document.body.dataset.view === "table") fillTable();
  if (chosen && chosen.node !== undefined) chosen = nodeChoice(view.byIndex.get(chosen.node));
  if (chosen) chosen.open();
  marked = null;
  layer = null;
  if (atFit) fit(); else camera.redraw();
  remember();
}

/* A line shows while one of its findings passes; the other lines show beside nodes that do. */
function refreshEvidence() {
  const silent = node => !node.pairs.some(pair => pair.kind === "finding");
  const show = (pair, yes) => {
    pair.visible = yes && !hides(pair.from) && !hides(pair.to);
    if (pair.visible) pair.from.seen = pair.to.seen = true;
  };
  for (const pair of view.pairs) if (pair.kind === "finding") {
    pair.shown = pair.all.filter(i => !fails[i]);
    pair.result = balance(pair.shown);
    pair.studies = studies(pair.shown);
    show(pair, pair.shown.length > 0);
  }
  view.many = view.pairs.filter(pair => pair.result && pair.visible).length > Picture.MANY;
  for (const pair of view.pairs) if (pair.kind === "tests") show(pair, pair.to.seen || silent(pair.to));
  for (const pair of view.pairs) if (pair.kind === "member" || pair.kind === "measures") show(pair, pair.from.seen);
  for (const node of view.nodes) node.weight = studies(shownOf(node));
  shownAll = [...new Set(view.pairs.flatMap(pair => pair.visible ? pair.shown : []))].sort((p, q) => p - q);
}

/* In the graph of everything a node shows unless all findings beside it, or all its neighbours, are filtered away. */
function refreshGraph() {
  const passes = node => node.finding === undefined || !fails[node.finding];
  const across = (pair, node) => pair.from === node ? pair.to : pair.from;
  const beside = new Map(view.nodes.map(node => [node, node.pairs.map(pair => across(pair, node)).filter(other => other.finding !== undefined)]));
  for (const node of view.nodes) node.seen = passes(node) && (!beside.get(node).length || beside.get(node).some(passes));
  for (const node of view.nodes) if (node.seen && node.finding === undefined && !beside.get(node).length && node.pairs.length) {
    node.seen = node.pairs.some(pair => across(pair, node).seen);
  }
  for (const node of view.nodes) node.seen &&= !hides(node);
  for (const pair of view.pairs) pair.visible = pair.from.seen && pair.to.seen;
  const minor = new Set(["finding", "arm", "given", "study"]);  // named when there is room
  for (const node of view.nodes) node.weight = node.pairs.filter(pair => pair.visible).length / (minor.has(node.kind) ? 20 : 1);
  shownAll = all.filter(i => !fails[i]);
}

const shownOf = node => node.finding !== undefined ? [node.finding].filter(i => !fails[i])
  : node.pairs.flatMap(pair => pair.shown).concat(view.to ? [] : near(node).map(other => other.finding).filter(said)).filter(i => !fails[i]);
const near = node => node.pairs.filter(pair => pair.visible).map(pair => pair.from === node ? pair.to : pair.from);

function tell() {
  const seen = view.nodes.filter(node => node.seen).length;
  const none = shownAll.length || !findings.count ? "" : " Nothing is left: 'Show everything as at first' brings it back.";
  const shown = `Showing ${number(shownAll.length)} of ${count(findings.count, "finding")} from ${number(studies(shownAll))} of ${count(studies(all), "study", "studies")}.`;
  said0 = view.to ? shown + none : `${count(seen, "node")} of ${number(view.nodes.length)}, ${count(view.pairs.filter(pair => pair.visible).length, "line")}. ` + (findings.count ? shown : "");
  if (view.many) said0 += " Dashes show closer up.";
  byId("status").textContent = said0;
}

function fillFacets() {
  for (const [bit, name] of FACETS.entries()) {
    const counts = new Map();
    for (const i of all) if (!(fails[i] & ~(1 << bit))) counts.set(value(name, i), (counts.get(value(name, i)) || 0) + 1);
    for (const box of boxes) if (box.dataset.facet === name) tick(box, off[name], number(counts.get(box.dataset.value) || 0));
  }
  for (const box of boxes) if (box.dataset.facet === "kind") tick(box, view.off, number(view.nodes.filter(node => node.kind === box.dataset.value).length));
}

function tick(box, hidden, words) {
  box.checked = !hidden.has(box.dataset.value);
  box.parentElement.lastElementChild.textContent = words;
}

/* ---- evidence panel ---- */
const nodeChoice = node => ({
  key: node, node: node.index, id: node.id, near: new Set([node, ...near(node)]), has: pair => pair.from === node || pair.to === node, open: () => openNode(node) });
const pairChoice = pair => ({ key: pair, pair, id: `${pair.from.id} ${pair.to.id}`, near: new Set([pair.from, pair.to]), has: other => other === pair, open: () => openPair(pair) });
const paperChoice = paper => ({
  key: paper, id: paper.key, near: new Set(paper.findings.flatMap(i => ["from", "to"].map(end => view.byIndex.get(findings.value(end, i)))).filter(said)),
  has: pair => pair.shown.some(i => paper.findings.includes(i)), open: () => openPaper(paper) });

function choose(choice, quietly) {
  chosen = choice;
  hovered = marked = null;
  byId("status").textContent = said0;
  byId("panel").hidden = !choice;
  if (choice) {
    choice.open();
    byId("panel").scrollTop = 0;
    if (!quietly) byId("panel").focus({ preventScroll: true });
  }
  remember();
  camera.redraw();
}

Evidence.page.goTo = index => {
  const scene = view.byIndex.has(index) ? view : data.scenes.find(scene => scene.nodes.includes(index));
  if (scene && scene !== view) look(scene.name);
  if (scene) choose(nodeChoice(view.byIndex.get(index)));
};

const sign = name => Picture.sign(name, name => `var(--${Picture.SHAPES[name] === undefined && !RESULTS.includes(name) ? "other" : slug(name)})`);

function fillPanel(kind, title, ...rest) {
  const close = el("button", { class: "close", type: "button", "aria-label": "Close", click: () => { choose(null); byId("graph").focus(); } }, "✕");
  byId("panel").replaceChildren(close, el("p", { class: "kind" }, sign(kind), kind), el("h2", {}, title), ...rest.flat().filter(said));
}

function openNode(node) {
  const details = Object.entries(nodes.at(node.index)).filter(([name]) => !["id", "kind", "label", "url", "x", "y"].includes(name))
    .map(([name, value]) => [name.replaceAll("_", " "), String(value).replaceAll("|", ", ")]);
  const url = nodes.value("url", node.index), shown = shownOf(node);
  const beside = node.pairs.filter(pair => pair.visible).sort((p, q) => q.shown.length - p.shown.length);
  const listed = beside.slice(0, 100).map(pair => {
    const other = pair.from === node ? pair.to : pair.from;
    return el("li", {}, sign(other.kind), el("span", {}, named(other.index, other.label), " ", el("small", {}, summary(pair))));
  });
  const more = beside.length > listed.length && el("li", {}, `and ${number(beside.length - listed.length)} more`);
  fillPanel(node.kind, node.label, facts([...details, ["page", web(url) && link(url, url)]]),
    !node.seen && el("p", { class: "note" }, "Not in the picture under the present filters."),
    (view.to || shown.length > 0) && balanceOf(shown, node.finding !== undefined ? [node.finding] : view.to ? node.pairs.flatMap(pair => pair.all) : shown, sign),
    listed.length > 0 && el("details", { open: "open" }, el("summary", {}, `Connected with ${number(beside.length)}`), el("ul", {}, listed, more)),
    cards(shown));
}

const summary = pair => joined(...byResult(pair.shown).map(([result, some]) => some.length && `${some.length} ${result}`).filter(Boolean)) || LINKS[pair.kind] || pair.kind;

function openPair(pair) {
  const relation = pair.kind === "finding" ? "on" : LINKS[pair.kind] || pair.kind;
  fillPanel(pair.kind === "finding" ? "findings" : "connection", `${pair.from.label} ${relation} ${pair.to.label}`,
    el("p", {}, named(pair.from.index, pair.from.label), ` ${relation} `, named(pair.to.index, pair.to.label)),
    pair.all.length > 0 && balanceOf(pair.shown, pair.all, sign), cards(pair.shown));
}

function openPaper(paper) {
  const shown = paper.findings.filter(i => !fails[i]);
  fillPanel("paper", paper.label, el("p", {}, paperLinks(findings.at(paper.findings[0]))), balanceOf(shown, paper.findings, sign), cards(shown));
}

/* ---- the same as a table ---- */
function fillTable() {
  const others = view.pairs.filter(pair => pair.visible && pair.kind !== "finding").slice(0, 1000).map(pair => [named(pair.from.index, pair.from.label),
    LINKS[pair.kind] || pair.kind, named(pair.to.index, pair.to.label), joined(...["status", "result", "summary"].map(name => nodes.value(name, pair.from.index)))]);
  byId("table").replaceChildren(...[findings.count && findingsTable(shownAll),
    others.length && table(`Connections that are no findings${others.length === 1000 ? " (the first 1,000)" : ""}`, ["from", "connection", "to", "details"], others)].filter(Boolean));
}

/* ---- search: nodes by label, synonym, id; papers by author, title, DOI, finding ---- */
const fold = (...texts) => texts.filter(said).join("|").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const searched = new Map();
let found = [], active = 0;

/* Nodes of every view, and papers; one of another view is gone to there. */
const items = () => {
  if (!searched.has("all")) searched.set("all", [
    ...nodes.every().map(index => ({ index, kind: nodes.value("kind", index), label: nodes.value("label", index),
      text: fold(nodes.value("label", index), nodes.value("synonyms", index), nodes.value("id", index)) })),
    ...papers().map(paper => ({ ...paper, kind: "paper", text: fold(paper.label, ...paper.words), choice: () => paperChoice(paper) })),
  ]);
  return searched.get("all");
};

function papers() {
  const byPaper = new Map();
  for (const i of all) {
    const f = findings.at(i), key = f.doi || f.pmid || f.paper || f.study || f.finding;
    const paper = byPaper.get(key) || { key: String(key), label: [byline(f), f.paper].filter(said).join(". "), words: [key], findings: [] };
    paper.findings.push(i);
    paper.words.push(f.finding);
    byPaper.set(key, paper);
  }
  return [...byPaper.values()];
}

function suggest(text) {
  const words = fold(text).trim();
  const away = item => item.index === undefined ? 1 : !view.byIndex.has(item.index) ? 3 : view.byIndex.get(item.index).seen ? 0 : 2;
  const rank = item => away(item) * 10 + item.label.length / 1e3
    + (item.text.startsWith(words) ? 0 : item.text.includes("|" + words) ? 2 : item.text.includes(" " + words) ? 4 : 25);
  const fits = item => words.split(/\s+/).every(word => item.text.includes(word));
  found = words ? items().filter(fits).sort((a, b) => rank(a) - rank(b)).slice(0, 12) : [];
  mark(0);
  if (words && !found.length) {
    byId("found").replaceChildren(el("li", { role: "option", "aria-disabled": "true" }, `Nothing here is called ${text.trim()}.`));
    byId("found").hidden = false;
  }
}

function mark(index) {
  active = Math.max(0, Math.min(index, found.length - 1));
  byId("found").replaceChildren(...found.map((item, i) => el("li", {
    role: "option", id: `found-${i}`, "aria-selected": String(i === active), mousedown: event => { event.preventDefault(); take(i); },
  }, sign(item.kind), el("span", {}, item.label, " ", el("small", { class: "count" }, item.kind)))));
  byId("found").hidden = !found.length;
  byId("search").setAttribute("aria-expanded", String(found.length > 0));
  if (found.length) byId("search").setAttribute("aria-activedescendant", `found-${active}`); else byId("search").removeAttribute("aria-activedescendant");
}

function take(index) {
  const item = found[index];
  suggest("");
  if (!item) return;
  if (item.index !== undefined && !view.byIndex.has(item.index)) return Evidence.page.goTo(item.index);
  const choice = item.choice ? item.choice() : nodeChoice(view.byIndex.get(item.index));
  choose(choice);
  if ("x" in choice.key && (!atFit || !view.ring)) camera.moveTo({ position: choice.key, scale: Math.max(camera.getScale(), view.ring ? 0 : .8) });
}

/* ---- picture: the whole is drawn once for a place of the camera, wider than the window, and moved as a bitmap ---- */
const ink = {};
let layer = null, moving = false, resting = 0;
const SPARE = .25;  // of the window, on each side

const isAt = (scale, centre, size) => layer.scale === scale && layer.x === centre.x && layer.y === centre.y && layer.size === size;

function render(scale, centre, width, height) {
  const wide = atFit ? 0 : SPARE, canvas = el("canvas", { width: Math.ceil(width * (1 + 2 * wide)), height: Math.ceil(height * (1 + 2 * wide)) });
  const context = canvas.getContext("2d"), ratio = width / byId("graph").clientWidth, pen = new Picture.CanvasPen(context);
  const half = [canvas.width / 2 / scale / ratio, canvas.height / 2 / scale / ratio];
  context.setTransform(scale * ratio, 0, 0, scale * ratio, canvas.width / 2 - centre.x * scale * ratio, canvas.height / 2 - centre.y * scale * ratio);
  Picture.base(pen, view, scale, ink, [centre.x - half[0], centre.y - half[1], centre.x + half[0], centre.y + half[1]]);
  return { canvas, scale, x: centre.x, y: centre.y, size: `${width} ${height}` };
}

function paint(context) {
  const { width, height } = context.canvas, scale = camera.getScale(), centre = camera.getViewPosition(), focus = hovered || chosen;
  if (!layer || !moving && !isAt(scale, centre, `${width} ${height}`)) layer = render(scale, centre, width, height);
  const zoom = scale / layer.scale, ratio = width / byId("graph").clientWidth;
  context.save();
  context.setTransform(zoom, 0, 0, zoom, width / 2 + (layer.x - centre.x) * scale * ratio, height / 2 + (layer.y - centre.y) * scale * ratio);
  context.globalAlpha = focus ? .28 : 1;
  context.drawImage(layer.canvas, -layer.canvas.width / 2, -layer.canvas.height / 2);
  context.restore();
  if (focus) {
    context.save();
    Picture.drawFocus(new Picture.CanvasPen(context), view, scale, ink, focus);
    context.restore();
  }
  document.body.dataset.ready = "true";
}

function moved() {
  moving = true;
  atFit = false;
  clearTimeout(resting);
  resting = setTimeout(() => { moving = false; camera.redraw(); }, 140);
}

function fit() {
  const box = byId("graph").getBoundingClientRect();
  atFit = true;
  const [x, y, scale] = Picture.fitted(view, box.width, box.height);
  camera.moveTo({ position: { x, y }, scale });
}

function zoomBy(factor) {
  moved();
  camera.moveTo({ scale: camera.getScale() * factor });
}

function painted() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["page", "ink", "soft", "other", ...Object.keys(Picture.SHAPES), ...RESULTS]) ink[name] = style.getPropertyValue("--" + slug(name)).trim();
  layer = null;
  camera.redraw();
}

/* ---- arrow keys walk round the neighbours of what is chosen; Enter goes there ---- */
function walk(step) {
  const centre = chosen && chosen.near && "pairs" in chosen.key ? chosen.key : null;
  const order = centre ? [...new Set(near(centre))] : view.nodes.filter(node => node.seen);
  const turn = node => centre ? Math.atan2(node.y - centre.y, node.x - centre.x) : -node.weight;
  order.sort((p, q) => turn(p) - turn(q));
  if (!order.length) return;
  const place = order.indexOf(marked);
  marked = order[place < 0 ? (step > 0 ? 0 : order.length - 1) : (place + step + order.length) % order.length];
  hovered = { ...nodeChoice(marked), near: new Set([marked, ...(centre ? [centre] : [])]), has: pair => centre && (pair.from === centre && pair.to === marked || pair.to === centre && pair.from === marked) };
  byId("status").textContent = `${marked.kind} ${marked.label}: ${count(shownOf(marked).length, "finding")}, ${count(near(marked).length, "neighbour")}. Enter opens it.`;
  camera.redraw();
}

/* ---- what is looked at, kept in the address, so that a link shows the same ---- */
let remembering = 0;

function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(write, 150);  // a browser counts changes, and refuses too many
}

function write() {
  const told = new URLSearchParams();
  if (view.name !== data.scenes[0].name) told.set("view", view.name);
  for (const name of FACETS) for (const word of [...off[name]].sort()) told.append("not-" + name, word);
  if ([...view.off].sort().join() !== [...view.hidden].sort().join()) told.set("hide", [...view.off].sort().join(" "));
  years.forEach((input, i) => { if (Number(input.value) !== [FIRST, LAST][i]) told.set(input.id, input.value); });
  if (chosen) told.set("open", chosen.id);
  if (document.body.dataset.view === "table") told.set("table", "1");
  const hash = String(told) && "#" + told;
  if (hash === location.hash) return;
  try { history.replaceState(null, "", hash || location.pathname + location.search); } catch { /* a frame has no address of its own */ }
}

function recall() {
  const told = new URLSearchParams(location.hash.slice(1)), name = told.get("view");
  for (const facet of FACETS) off[facet] = new Set(told.getAll("not-" + facet));
  const asked = years.map((input, i) => /^\d{4}$/.test(told.get(input.id)) ? Number(told.get(input.id)) : [FIRST, LAST][i]);
  years.forEach((input, i) => { input.value = asked[0] <= asked[1] ? asked[i] : [FIRST, LAST][i]; });
  chosen = null;
  const scene = scenes.has(name) ? name : data.scenes[0].name, open = told.get("open"), hidden = told.get("hide");
  if (!views.has(scene)) views.set(scene, build(scenes.get(scene)));
  views.get(scene).off = new Set(hidden === null ? scenes.get(scene).hidden : hidden.split(" ").filter(Boolean));
  show(told.has("table") ? "table" : "graph");
  look(scene);
  if (open) reopen(open);
}

function reopen(id) {
  const node = view.nodes.find(node => node.id === id), pair = view.pairs.find(pair => `${pair.from.id} ${pair.to.id}` === id), paper = !node && !pair && papers().find(paper => paper.key === id);
  if (node) choose(nodeChoice(node), true); else if (pair) choose(pairChoice(pair), true); else if (paper) choose(paperChoice(paper), true);
}

/* ---- files ---- */
const kindsSeen = () => [...new Set(view.nodes.filter(node => node.seen).map(node => node.kind))].sort();
const composed = pen => Picture.compose(pen, view, ink, [1600, 1150], { title: `${document.title} (${view.title})`, kinds: kindsSeen(), results: view.to ? RESULTS : [],
  lines: [said0 + (view.to ? " Larger node, wider line: more studies." : ""), ...byId("cite").textContent.match(/.{1,190}(\s|$)/g), "Animal and human evidence, not medical advice."] });

function savePicture(suffix) {
  const canvas = el("canvas", { width: 3200, height: 2300 }), pen = new Picture.CanvasPen(canvas.getContext("2d"));
  if (suffix === "svg") {
    const drawn = new Picture.SvgPen(1600, 1150);
    drawn.root.setAttribute("aria-label", document.title);
    composed(drawn);
    return save(new Blob([String(drawn)], { type: "image/svg+xml" }), "svg");
  }
  pen.within(2, 0, 0, () => composed(pen));
  return canvas.toBlob(blob => save(blob, "png"), "image/png");
}

function show(what) {
  document.body.dataset.view = what;
  byId("view").textContent = what === "table" ? "Picture" : "Table";
}

/* ---- start ---- */
for (const place of document.querySelectorAll("[data-sign]")) place.append(sign(place.dataset.sign));
const camera = new vis.Network(byId("graph"), { nodes: [], edges: [] }, { physics: false, interaction: { zoomSpeed: .7 } });
for (const inner of byId("graph").querySelectorAll("[tabindex]")) inner.removeAttribute("tabindex");
camera.on("afterDrawing", context => { if (view) paint(context); });
camera.on("click", event => pick(event.pointer.canvas));
for (const event of ["zoom", "dragStart", "dragging", "dragEnd"]) camera.on(event, moved);
camera.on("resize", () => { if (atFit) setTimeout(fit); });

function pointed(point) {
  const hit = Picture.at(view, point, camera.getScale());
  return !hit ? null : "pairs" in hit ? nodeChoice(hit) : pairChoice(hit);
}

function pick(point) {
  byId("graph").focus({ preventScroll: true });
  choose(pointed(point));
}

byId("graph").addEventListener("mousemove", event => {
  if (event.buttons || moving) return;
  const before = hovered && hovered.key, box = byId("graph").getBoundingClientRect();
  hovered = pointed(camera.DOMtoCanvas({ x: event.clientX - box.left, y: event.clientY - box.top }));
  byId("graph").classList.toggle("pointed", hovered !== null);
  if (before !== (hovered && hovered.key)) camera.redraw();
});
byId("graph").addEventListener("mouseleave", () => { hovered = null; camera.redraw(); });
byId("graph").addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const act = { "+": () => zoomBy(1.3), "=": () => zoomBy(1.3), "-": () => zoomBy(1 / 1.3), "0": fit, Enter: () => marked && choose(nodeChoice(marked), true) }[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey || !step && !act) return;
  event.preventDefault();
  if (step) walk(step); else act();
});
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
  if (event.key === "Escape") { if (!byId("found").hidden) suggest(""); else if (byId("save").open) byId("save").open = false; else choose(null); }
});
byId("reset").addEventListener("click", () => {
  for (const name of FACETS) off[name].clear();
  view.off = new Set(view.hidden);
  years.forEach((input, i) => { input.value = [FIRST, LAST][i]; });
  refresh();
});
years.forEach((input, i) => input.addEventListener("input", () => {
  const other = years[1 - i];
  if (i ? Number(input.value) < Number(other.value) : Number(input.value) > Number(other.value)) other.value = input.value;
  refresh();
}));
byId("fit").addEventListener("click", fit);
byId("scene").addEventListener("change", event => look(event.target.value));
byId("view").addEventListener("click", () => {
  show(document.body.dataset.view === "table" ? "graph" : "table");
  if (document.body.dataset.view === "table") fillTable(); else setTimeout(fit);
  remember();
});
for (const button of document.querySelectorAll("[data-save]")) button.addEventListener("click", () => {
  byId("save").open = false;
  if (button.dataset.save === "csv") saveCsv(shownAll); else savePicture(button.dataset.save);
});
window.addEventListener("beforeprint", () => { byId("about").open = true; fillTable(); });
window.addEventListener("hashchange", recall);
if (innerWidth <= 760) byId("filters").open = false;
for (const box of boxes) box.addEventListener("change", () => {
  (box.dataset.facet === "kind" ? view.off : off[box.dataset.facet])[box.checked ? "delete" : "add"](box.dataset.value);
  refresh();
});
themed(painted);
recall();
})();
