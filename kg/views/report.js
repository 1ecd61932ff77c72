"use strict";
/* A report: a receipt opens the findings it stands for, the references are saved as files. */
(() => {
const { byId, data, save, show } = Evidence;
const TYPES = { bib: "application/x-bibtex", ris: "application/x-research-info-systems", "csl.json": "application/json" };

document.addEventListener("click", event => {
  const receipt = event.target.closest("a[data-findings]");
  if (!receipt || event.ctrlKey || event.metaKey || event.shiftKey) return;  // then it is a link to the reference
  event.preventDefault();
  show(receipt, "Receipt " + receipt.textContent, receipt.dataset.findings.split(" ").map(Number));
});
byId("status").textContent = "Click a mark, or go from mark to mark with the arrow keys, to see its findings.";
let theme = null;  // paper is white
addEventListener("beforeprint", () => { theme = document.documentElement.dataset.theme; document.documentElement.dataset.theme = "light"; });
addEventListener("afterprint", () => { document.documentElement.dataset.theme = theme; });
for (const button of document.querySelectorAll("[data-references]")) {
  const form = button.dataset.references;
  button.addEventListener("click", () => save(new Blob([data.references[form]], { type: TYPES[form] + ";charset=utf-8" }), form));
}
})();
