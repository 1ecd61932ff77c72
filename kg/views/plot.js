"use strict";
/* A page with one evidence picture: each mark opens the findings it stands for. */
(() => {
const { data, findings, byId, count, counted, el, cards, findingsTable, save, saveCsv, themed } = Evidence;
const picture = document.querySelector("#picture svg"), original = new XMLSerializer().serializeToString(picture);
const places = new Map();  // mark -> its number
let chosen = null;

data.marks.forEach(([id, text], number) => {
  const mark = document.getElementById(id);
  if (!mark) return;
  places.set(mark, number);
  for (const [name, value] of Object.entries({ tabindex: number ? "-1" : "0", role: "button", "aria-label": text })) mark.setAttribute(name, value);
});
picture.setAttribute("role", "group");

/* One mark is in the order of Tab; arrow keys go to the next. */
function walk(step) {
  const marks = [...places.keys()], at = marks.indexOf(document.activeElement);
  const next = marks[(at + step + marks.length) % marks.length];
  for (const mark of marks) mark.setAttribute("tabindex", mark === next ? "0" : "-1");
  next.focus();
}

function open(mark) {
  if (chosen) chosen.classList.remove("chosen");
  chosen = mark;
  byId("panel").hidden = !mark;
  if (!mark) return;
  mark.classList.add("chosen");
  const [, text, list] = data.marks[places.get(mark)];
  const close = el("button", { class: "close", type: "button", "aria-label": "Close", click: () => { const was = chosen; open(null); was.focus(); } }, "✕");
  byId("panel").replaceChildren(close, el("h2", {}, text), el("p", { class: "count" }, list.length ? counted(list) : "No finding behind this mark."), ...cards(list));
  byId("panel").scrollTop = 0;
  byId("panel").focus();
}

picture.addEventListener("click", event => open(event.target.closest(".mark")));
picture.addEventListener("keydown", event => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], mark = event.target.closest(".mark");
  if (step && mark) { event.preventDefault(); walk(step); }
  if ((event.key === "Enter" || event.key === " ") && mark) { event.preventDefault(); open(mark); }
});
document.addEventListener("keydown", event => { if (event.key === "Escape") open(null); });
byId("save-svg").addEventListener("click", () => save(new Blob(['<?xml version="1.0" encoding="utf-8"?>\n' + original], { type: "image/svg+xml" }), "svg"));
byId("save-csv").addEventListener("click", () => saveCsv(findings.every()));
byId("status").textContent = `${count(places.size, "mark")}, ${counted(findings.every())}. Click a mark, or go from mark to mark with the arrow keys, to see its findings.`;
byId("table").replaceChildren(findingsTable(findings.every()));
themed(() => {});
document.body.dataset.ready = "true";
})();
