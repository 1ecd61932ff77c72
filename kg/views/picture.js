"use strict";
/* How a view of the graph page is drawn: on a canvas, or as SVG with the same strokes. */
const Picture = (() => {
const DASH = { "improved": [], "no difference": [7, 4], "worsened": [2, 3], "mixed": [10, 3, 2, 3], "undetermined": [1, 4] };
const DRAWN = ["undetermined", "improved", "mixed", "worsened", "no difference"];  // what is rarer lies on top
const BAND = 220;  // as in ring.py: room for labels outside the ring
const MANY = 1200;  // lines whose dashes are too fine to be seen from afar, and slow
const FONT = 'system-ui, "Segoe UI", Arial, sans-serif';

/* Corners as (angle in twelfths of a turn from the top, distance); none is a circle. */
const star = (n, far, near) => Array.from({ length: 2 * n }, (_, i) => [6 * i / n, i % 2 ? near : far]);
const SHAPES = {
  therapy: null, combination: star(2, 1.25, .884), outcome: [[1.5, 1.25], [4.5, 1.25], [7.5, 1.25], [10.5, 1.25]],
  barrier: [[0, 1.3], [4, 1.3], [8, 1.3]], trial: star(5, 1.4, .7), paper: [[1, 1.35], [5, 1.35], [7, 1.35], [11, 1.35]],
  study: star(3, 1.15, 1.15), laboratory: [[0, 1.2], [2.4, 1.2], [4.8, 1.2], [7.2, 1.2], [9.6, 1.2]], arm: [[2, 1.2], [6, 1.2], [10, 1.2]],
  finding: star(4, 1.3, .6), species: [[0, 1.3], [2, .75], [6, 1.3], [10, .75]], phase: [[2, 1.3], [4, 1.3], [8, 1.3], [10, 1.3]],
};

const CORNERS = Object.fromEntries(Object.entries(SHAPES).map(([kind, corners]) => [kind, corners && corners.map(([twelfth, far]) =>
  [far * Math.sin(twelfth * Math.PI / 6), -far * Math.cos(twelfth * Math.PI / 6)])]));

function trace(path, kind, x, y, r) {
  const corners = CORNERS[kind];
  if (!corners) { path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); return; }
  corners.forEach(([dx, dy], i) => path[i ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
  path.closePath();
}

/* The width of words in their size; measured once. */
const widths = new Map(), scratch = document.createElement("canvas").getContext("2d");
function measured(words, bold) {
  const key = (bold ? "b" : "p") + words;
  if (!widths.has(key)) {
    scratch.font = `${bold ? "bold " : ""}20px ${FONT}`;
    widths.set(key, scratch.measureText(words).width / 20);
  }
  return widths.get(key);
}

/* ---- two pens of one kind ---- */
class CanvasPen {
  constructor(context) { this.context = context; }
  path() { return new Path2D(); }
  line(path, { colour, width, dash = [], alpha = 1 }) {
    Object.assign(this.context, { globalAlpha: alpha, strokeStyle: colour, lineWidth: width });
    this.context.setLineDash(dash);
    this.context.stroke(path);
  }
  fill(path, { colour, alpha = 1 }) {
    Object.assign(this.context, { globalAlpha: alpha, fillStyle: colour });
    this.context.fill(path);
  }
  dots(places, r, { colour }) {  // squares: some ten times sooner than a path of them
    Object.assign(this.context, { globalAlpha: 1, fillStyle: colour });
    for (const { x, y } of places) this.context.fillRect(x - r, y - r, 2 * r, 2 * r);
  }
  width(words, size, bold) { return size * measured(words, bold); }
  text(words, x, y, { size, colour, angle = 0, right = false, bold = false, alpha = 1, halo = "" }) {
    const pen = this.context;
    pen.save();
    pen.translate(x, y);
    pen.rotate(angle);
    Object.assign(pen, { globalAlpha: alpha, fillStyle: colour, font: `${bold ? "bold " : ""}${size}px ${FONT}`, textAlign: right ? "right" : "left", textBaseline: "middle" });
    if (halo) {
      Object.assign(pen, { strokeStyle: halo, lineWidth: size / 4, lineJoin: "round" });
      pen.setLineDash([]);
      pen.strokeText(words, 0, 0);
    }
    pen.fillText(words, 0, 0);
    pen.restore();
  }
  within(scale, dx, dy, draw) {
    this.context.save();
    this.context.transform(scale, 0, 0, scale, dx, dy);
    draw();
    this.context.restore();
  }
}

class SvgPath {
  d = "";
  moveTo(x, y) { this.d += `M${short(x)} ${short(y)}`; }
  lineTo(x, y) { this.d += `L${short(x)} ${short(y)}`; }
  bezierCurveTo(...points) { this.d += "C" + points.map(short).join(" "); }
  closePath() { this.d += "Z"; }
  arc(x, y, r) { this.d += `a${short(r)} ${short(r)} 0 1 0 ${short(-2 * r)} 0a${short(r)} ${short(r)} 0 1 0 ${short(2 * r)} 0Z`; }
}
const short = value => String(Math.round(value * 100) / 100);
const clean = text => String(text).replace(/[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, "");  // what XML may hold

class SvgPen {
  constructor(width, height) {
    this.place = this.root = this.element("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "img" });
  }
  element(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) if (key !== "xmlns") made.setAttribute(key, value);
    if (this.place) this.place.append(made);
    return made;
  }
  path() { return new SvgPath(); }
  line(path, { colour, width, dash = [], alpha = 1 }) {
    this.element("path", { d: path.d, fill: "none", stroke: colour, "stroke-width": short(width), "stroke-dasharray": dash.map(short).join(" ") || "none", opacity: alpha });
  }
  fill(path, { colour, alpha = 1 }) { this.element("path", { d: path.d, fill: colour, opacity: alpha }); }
  dots(places, r, { colour }) {
    this.element("path", { fill: colour, d: places.map(({ x, y }) => `M${short(x - r)} ${short(y - r)}h${short(2 * r)}v${short(2 * r)}h${short(-2 * r)}Z`).join("") });
  }
  width(words, size, bold) { return size * measured(words, bold); }
  text(words, x, y, { size, colour, angle = 0, right = false, bold = false, alpha = 1, halo = "" }) {
    this.element("text", { transform: `translate(${short(x)} ${short(y)}) rotate(${short(angle * 180 / Math.PI)})`, fill: colour, opacity: alpha,
      "font-family": "Segoe UI, Arial, sans-serif", "font-size": short(size), "font-weight": bold ? "bold" : "normal", "dominant-baseline": "central",
      "text-anchor": right ? "end" : "start", ...(halo && { stroke: halo, "stroke-width": short(size / 4), "paint-order": "stroke", "stroke-linejoin": "round" }) })
      .textContent = clean(words);
  }
  within(scale, dx, dy, draw) {
    const outside = this.place;
    this.place = this.element("g", { transform: `translate(${short(dx)} ${short(dy)}) scale(${scale})` });
    draw();
    this.place = outside;
  }
  toString() { return new XMLSerializer().serializeToString(this.root); }
}

/* ---- lines ---- */
const beyond = (node, r) => [node.x + r * Math.cos(node.angle), node.y + r * Math.sin(node.angle)];

/* On a ring labels point outwards, and lines of a group run together: towards the middle of their ends' groups. */
function aim(view) {
  if (!view.ring) return;
  const ring = view.nodes.filter(node => !node.outer), middles = new Map(), key = node => node.kind + "|" + node.group;
  const [a, b] = ["x", "y"].map(axis => ring.reduce((most, node) => Math.max(most, Math.abs(node[axis])), 1));
  for (const item of [...view.nodes, ...view.headings]) item.angle = Math.atan2(item.y / b ** 2, item.x / a ** 2);
  for (const node of ring) {
    const [x, y, n] = middles.get(key(node)) || [0, 0, 0];
    middles.set(key(node), [x + node.x, y + node.y, n + 1]);
  }
  for (const node of ring) {
    const [x, y, n] = middles.get(key(node));
    node.pull = [node.x * .4 + x / n * .6, node.y * .4 + y / n * .6];
  }
}

/* Barriers and trials are joined, outside the ring, where their neighbour's label ends. */
function draw(path, view, { from, to }) {
  if (!view.ring) { path.moveTo(from.x, from.y); path.lineTo(to.x, to.y); return path; }
  const outside = from.outer || to.outer;
  const ends = [from, to].map(node => outside && !node.outer ? beyond(node, BAND) : [node.x, node.y]);
  const bow = outside ? 1 + Math.max(0, Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) - 250) / 2500 : from.left === to.left ? .72 : .5;
  const pulls = [from, to].map((node, i) => (outside ? ends[i] : node.pull).map(v => v * bow));
  path.moveTo(...ends[0]);
  path.bezierCurveTo(...pulls[0], ...pulls[1], ...ends[1]);
  return path;
}

/* Pixels: one for a study, as such hairlines are drawn ten times sooner than anything wider. */
const wide = pair => pair.result ? Math.min(5, Math.round(4 + 6 * pair.studies) / 10) : .7;

/* Lines of one look together, what is rarer last. */
function batches(view) {
  const found = new Map();
  for (const pair of view.pairs) if (pair.visible) {
    const width = wide(pair);
    const key = `${DRAWN.indexOf(pair.result)} ${width} ${pair.kind === "member"}`;
    const batch = found.get(key) || { result: pair.result, width, member: pair.kind === "member", pairs: [] };
    batch.pairs.push(pair);
    found.set(key, batch);
  }
  return [...found.values()].sort((p, q) => DRAWN.indexOf(p.result) - DRAWN.indexOf(q.result) || q.width - p.width);
}

/* Hairlines go in one path, wider lines one by one: a browser without a graphics card draws either so some times sooner. */
function drawLines(pen, view, zoom, ink) {
  const many = view.pairs.length > 2 * MANY;
  for (const batch of view.batches ||= batches(view)) {
    const faint = many ? .35 : batch.result ? .8 : batch.member ? .22 : .6;
    const dash = view.many && zoom < .3 ? [] : DASH[batch.result] || [];
    const look = { colour: ink[batch.result] || ink.soft, width: batch.width / zoom, alpha: faint,
      dash: dash.map(length => length * Math.max(1, batch.width / 2.5) / zoom) };
    if (batch.width <= 1) pen.line(batch.pairs.reduce((path, pair) => draw(path, view, pair), pen.path()), look);
    else for (const pair of batch.pairs) pen.line(draw(pen.path(), view, pair), look);
  }
}

/* ---- nodes and labels ---- */
const radius = (node, zoom) => node.outer ? 4 / zoom : Math.max(1.6 / zoom, Math.min(7, 3.2 + Math.sqrt(node.weight)));

/* Where nodes are too small for a shape to be seen, and many, they are squares. */
function drawNodes(pen, view, zoom, ink, frame) {
  const kinds = new Map();
  for (const node of view.nodes) if (node.seen && inside(node, frame)) {
    if (!kinds.has(node.kind)) kinds.set(node.kind, []);
    kinds.get(node.kind).push(node);
  }
  for (const [kind, some] of kinds) {
    const tiny = node => some.length > 400 && radius(node, zoom) * zoom < 2.5, path = pen.path(), colour = ink[kind] || ink.other;
    for (const node of some) if (!tiny(node)) trace(path, kind, node.x, node.y, radius(node, zoom));
    pen.fill(path, { colour });
    pen.dots(some.filter(tiny), 1.4 / zoom, { colour });
  }
}

/* Room for labels outside the ring: what stands further out bounds it, else at least 100 px of screen. */
const crowded = view => view.nodes.some(node => node.seen && node.outer);
const room = (view, zoom) => crowded(view) ? BAND : Math.max(BAND, 100 / zoom);

/* Labels never get smaller than 9 px; where there is no room, those with fewer studies wait for a closer look. */
function drawLabels(pen, view, zoom, ink, frame) {
  const items = [...view.nodes, ...view.headings].filter(item => item.seen && inside(item, frame)).sort((p, q) => q.weight - p.weight);
  if (view.ring) ringLabels(pen, view, zoom, ink, items, () => false);
  else flatLabels(pen, zoom, ink, items, 130);
}

const inside = (item, frame) => !frame || (item.x > frame[0] && item.x < frame[2] && item.y > frame[1] && item.y < frame[3]);

function ringLabels(pen, view, zoom, ink, items, near) {
  const size = Math.max(9, Math.min(15, 13 * zoom)) / zoom, width = room(view, zoom) - 12 / zoom, placed = [];
  for (const item of items) {
    if (placed.some(other => Math.hypot(other.x - item.x, other.y - item.y) < size * .86)) continue;
    placed.push(item);
    const heading = item.kind === "heading", left = Math.cos(item.angle) < 0;
    const roomy = width * zoom > 100 && (heading || item.outer);
    const longer = near(item) ? 1 + .7 * Math.abs(Math.cos(item.angle)) : roomy ? 1.25 : 1, bold = heading || near(item);
    const away = Math.max(10, 5 / zoom);
    pen.text(shorten(pen, item.label, width * longer, size, bold), item.x + away * Math.cos(item.angle), item.y + away * Math.sin(item.angle),
      { size, bold, colour: heading ? ink.soft : ink.ink, angle: left ? item.angle + Math.PI : item.angle, right: left });
  }
}

/* Labels right of their nodes, the weightiest first, none on another: a coarse grid says what is taken. */
function flatLabels(pen, zoom, ink, items, most) {
  const size = 11.5 / zoom, taken = new Set();
  let shown = 0;
  for (const item of items) {
    const words = shorten(pen, item.label, 190 / zoom, size, false), x = item.x + radius(item, zoom) + 3 / zoom;
    const cells = [], wide = Math.ceil(pen.width(words, size) * zoom / 24) + 1;
    const column = Math.floor(x * zoom / 24), [top, bottom] = [-6, 6].map(half => Math.floor((item.y * zoom + half) / 6));
    for (let i = 0; i < wide; i++) for (let row = top; row <= bottom; row++) cells.push(`${column + i} ${row}`);
    if (cells.some(cell => taken.has(cell))) continue;
    cells.forEach(cell => taken.add(cell));
    pen.text(words, x, item.y, { size, colour: ink.ink, halo: ink.page });
    if (++shown === most) return;
  }
}

function shorten(pen, text, width, size, bold) {
  const whole = pen.width(text, size, bold);
  return whole <= width ? text : text.slice(0, Math.max(3, Math.floor(text.length * width / whole) - 1)) + "…";
}

/* What is pointed at or chosen: its lines, nodes and labels again, over the faint rest. */
function drawFocus(pen, view, zoom, ink, { near, has }) {
  for (const pair of view.pairs) if (pair.visible && has(pair)) {
    const width = 1.7 * wide(pair);
    pen.line(draw(pen.path(), view, pair), { colour: ink[pair.result] || ink.soft, width: width / zoom,
      dash: (DASH[pair.result] || []).map(length => length * Math.max(1, width / 2.5) / zoom) });
  }
  const items = [...near].filter(node => node.seen).sort((p, q) => q.weight - p.weight);
  for (const node of items) {
    const path = pen.path();
    trace(path, node.kind, node.x, node.y, 1.3 * radius(node, zoom));
    pen.fill(path, { colour: ink[node.kind] || ink.other });
  }
  if (view.ring) ringLabels(pen, view, zoom, ink, items, () => true); else flatLabels(pen, zoom, ink, items, 60);
}

function base(pen, view, zoom, ink, frame = null) {
  drawLines(pen, view, zoom, ink);
  drawNodes(pen, view, zoom, ink, frame);
  drawLabels(pen, view, zoom, ink, frame);
}

/* ---- where things are ---- */
function bounds(view) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of view.nodes.filter(node => node.seen)) {
    box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y); box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
  }
  return box[0] > box[2] ? null : box;
}

/* The camera that shows all of a view in a window: [x, y, scale]. */
function fitted(view, width, height) {
  const box = bounds(view);
  if (!box || !width || !height) return [0, 0, 1];
  const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const scale = (size, span) => {
    if (!view.ring) return (size - 60) / (span + 60);
    const wide = size / (span + 2 * BAND);
    return crowded(view) ? wide : Math.max(.05, Math.min(wide, (size - 224) / (span + 1)));
  };
  return [x, y, Math.min(scale(width, box[2] - box[0]), scale(height, box[3] - box[1]), 1.5)];
}

/* The node whose sign or label is at a point, else the topmost line within 6 px. */
function at(view, { x, y }, zoom) {
  return nodeAt(view, x, y, zoom) || lineAt(view, x, y, zoom);
}

function nodeAt(view, x, y, zoom) {
  let best = null, least = Math.max(8, (view.ring ? 5 : 9) / zoom);  // across a label; half a slot or 5 px
  for (const node of view.nodes) if (node.seen) {
    if (!view.ring) {
      const far = Math.hypot(x - node.x, y - node.y);
      if (far < least) [best, least] = [node, far];
      continue;
    }
    const [c, s] = [Math.cos(node.angle), Math.sin(node.angle)];
    const along = (x - node.x) * c + (y - node.y) * s, across = Math.abs((y - node.y) * c - (x - node.x) * s);
    if (along > -8 / zoom && along < BAND && across < least) [best, least] = [node, across];
  }
  return best;
}

function lineAt(view, x, y, zoom) {
  const close = 6 / zoom;
  scratch.lineWidth = 2 * close;
  for (const batch of [...(view.batches || [])].reverse()) for (const pair of batch.pairs) {
    if (view.ring ? scratch.isPointInStroke(pair.curve ||= draw(new Path2D(), view, pair), x, y) : away(pair, x, y) < close) return pair;
  }
  return null;
}

function away({ from, to }, x, y) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = Math.max(0, Math.min(1, ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - from.x - along * dx, y - from.y - along * dy);
}

/* ---- a picture to keep: title above, legend, counts and source below ---- */
function compose(pen, view, ink, [width, height], { title, kinds, results, lines }) {
  const foot = 30 + 17 * lines.length + 24, path = pen.path();
  path.moveTo(0, 0); path.lineTo(width, 0); path.lineTo(width, height); path.lineTo(0, height); path.closePath();
  pen.fill(path, { colour: ink.page });
  const [x, y, scale] = fitted(view, width - 20, height - foot - 50);
  pen.within(scale, width / 2 - x * scale, 50 + (height - foot - 50) / 2 - y * scale, () => base(pen, view, scale, ink));
  pen.text(title, 16, 24, { size: 18, bold: true, colour: ink.ink });
  legend(pen, ink, height - foot + 14, kinds, results);
  lines.forEach((words, i) => pen.text(words, 16, height - foot + 44 + 17 * i, { size: 11.5, colour: ink.soft }));
}

function legend(pen, ink, y, kinds, results) {
  let x = 16;
  const say = words => { pen.text(words, x, y, { size: 12, colour: ink.ink }); x += pen.width(words, 12) + 16; };
  for (const kind of kinds) {
    const path = pen.path();
    trace(path, kind, x + 6, y, 5);
    pen.fill(path, { colour: ink[kind] || ink.other });
    x += 18;
    say(kind);
  }
  for (const result of results) {
    const path = pen.path();
    path.moveTo(x, y);
    path.lineTo(x + 26, y);
    pen.line(path, { colour: ink[result], width: 3, dash: DASH[result] });
    x += 32;
    say(result);
  }
}

/* A sign for legends and panels, as SVG in the document. */
function sign(name, ink) {
  const pen = new SvgPen(DASH[name] ? 30 : 18, 16), path = pen.path();
  if (DASH[name]) { path.moveTo(0, 8); path.lineTo(30, 8); pen.line(path, { colour: ink(name), width: 3, dash: DASH[name] }); }
  else { trace(path, name, 9, 8, 5.5); pen.fill(path, { colour: ink(name) }); }
  pen.root.setAttribute("aria-hidden", "true");
  pen.root.removeAttribute("role");
  return pen.root;
}

return { MANY, SHAPES, CanvasPen, SvgPen, aim, base, drawFocus, fitted, at, compose, sign };
})();
