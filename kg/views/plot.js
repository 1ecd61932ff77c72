"use strict";
/* A page with evidence pictures: each mark opens the findings it stands for. */
(() => {
const { data, findings, byId, count, counted, el, cards, findingsTable, save, saveCsv, themed } = Evidence;
const pictures = [...document.querySelectorAll("#picture svg")], originals = pictures.map(svg => new XMLSerializer().serializeToString(svg));
const places = new Map();  // mark -> its number
let chosen = null;  // the mark or link whose findings stand in the panel

data.marks.forEach(([id, text], number) => {
  const mark = document.getElementById(id);
  if (!mark) return;
  places.set(mark, number);
  for (const [name, value] of Object.entries({ tabindex: "-1", role: "button", "aria-label": text })) mark.setAttribute(name, value);
});
for (const svg of pictures) {
  svg.setAttribute("role", "group");
  marksOf(svg)[0]?.setAttribute("tabindex", "0");
}

/* One mark of a picture is in the order of Tab; arrow keys go to the next. */
function marksOf(svg) {
  return [...places.keys()].filter(mark => svg.contains(mark));
}

function walk(svg, step) {
  const marks = marksOf(svg), at = marks.indexOf(document.activeElement);
  const next = marks[(at + step + marks.length) % marks.length];
  for (const mark of marks) mark.setAttribute("tabindex", mark === next ? "0" : "-1");
  next.focus();
}

/* The findings behind a mark or a link, in the panel; nothing closes it. */
function show(from, text, list) {
  if (chosen) chosen.classList.remove("chosen");
  chosen = from;
  byId("panel").hidden = !from;
  if (!from) return;
  from.classList.add("chosen");
  const close = el("button", { class: "close", type: "button", "aria-label": "Close", click: () => { const was = chosen; show(null); was.focus(); } }, "✕");
  byId("panel").replaceChildren(close, el("h2", {}, text), el("p", { class: "count" }, list.length ? counted(list) : "No finding behind this mark."), ...cards(list));
  byId("panel").scrollTop = 0;
  byId("panel").focus();
}
Evidence.show = show;

const open = mark => mark ? show(mark, ...data.marks[places.get(mark)].slice(1)) : show(null);

for (const svg of pictures) {
  svg.addEventListener("click", event => open(event.target.closest(".mark")));
  svg.addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], mark = event.target.closest(".mark");
    if (step && mark) { event.preventDefault(); walk(svg, step); }
    if ((event.key === "Enter" || event.key === " ") && mark) { event.preventDefault(); open(mark); }
  });
}
document.addEventListener("keydown", event => { if (event.key === "Escape" && chosen) { const was = chosen; show(null); was.focus(); } });
document.querySelectorAll(".save-svg").forEach((button, i) => button.addEventListener("click",
  () => save(new Blob(['<?xml version="1.0" encoding="utf-8"?>\n' + originals[i]], { type: "image/svg+xml" }), "svg")));
byId("save-csv").addEventListener("click", () => saveCsv(findings.every()));
byId("status").textContent = `${count(places.size, "mark")}, ${counted(findings.every())}. Click a mark, or go from mark to mark with the arrow keys, to see its findings.`;
byId("table").replaceChildren(findingsTable(findings.every()));
themed(() => {});
document.body.dataset.ready = "true";
})();
