"use strict";
/* The queue: shows one proposal after the other, keeps a word on each, and saves them as lines of decisions.jsonl. */
(() => {
const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const items = data.items, KEY = "cordgraph-review";
const DONE = { accept: "Accepted", edit: "Accepted with changes", reject: "Rejected" };
let at = 0, decisions = [], others = [], kept = true;  // those of this page, and of others in the same browser

/* An element; what it holds becomes text. */
function el(name, about = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(about)) made.setAttribute(key, value);
  made.append(...inside.flat().filter(part => part !== "" && part !== null && part !== undefined));
  return made;
}

/* ---- decisions: in the browser's store where it has one, in memory otherwise ---- */
function recall() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) || "[]"), ids = new Set(items.map(item => item.id));
    for (const one of found) if (Object.hasOwn(DONE, one.verdict)) (ids.has(one.finding) ? decisions : others).push(one);
  } catch { kept = false; }
}
function remember() {
  try { localStorage.setItem(KEY, JSON.stringify([...others, ...decisions])); } catch { kept = false; }
}
const reader = () => byId("reader").value.trim();
const last = id => decisions.findLast(one => one.finding === id && one.reader === reader());

function decide(verdict, reason = "", changes = {}) {
  if (!reader()) { say("Write your name into the field Reader first.", true); byId("reader").focus(); return; }
  const finding = items[at].id;
  decisions.push({ changes, finding, reader: reader(), reason, time: new Date().toISOString(), verdict });
  remember();
  const said = `${DONE[verdict]}: ${items[at].title || finding}`, next = following(at);
  show(next < 0 ? at : next);
  say(next < 0 ? said + ". That was the last one: save your decisions." : said);
}

/* The next one without a word, from here on and then from the start; -1 where there is none. */
function following(from) {
  const order = [...items.keys()].slice(from + 1).concat([...items.keys()].slice(0, from + 1));
  return order.find(index => !last(items[index].id)) ?? -1;
}

function save() {
  const lines = decisions.map(one => JSON.stringify(one) + "\n").join("");
  const address = URL.createObjectURL(new Blob([lines], { type: "application/x-ndjson;charset=utf-8" }));
  el("a", { href: address, download: "decisions.jsonl" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  say("Saved. Put them into the log: kg review take decisions.jsonl");
}

/* ---- one proposal ---- */
function say(text, wrong = false) {
  byId("said").textContent = text;
  byId("said").className = wrong ? "wrong" : "";
}

function tally() {
  const done = items.filter(item => last(item.id)).length;
  byId("count").textContent = `${at + 1} of ${items.length}, ${done} decided${kept ? "" : ", kept only until this page is closed: save them"}`;
  byId("save").disabled = !decisions.length;
}

const slot = name => ({ "data-slot": data.slots.includes(name) ? name : "other" });
const pieces = text => text.map(([part, slots]) => slots.length
  ? el("mark", { ...slot(slots[0]), title: slots.join(", ") }, part) : part);
const web = address => /^https?:\/\/[^\s<>"]+$/.test(address);

function show(index) {
  at = index;
  const item = items[at], word = last(item.id);
  const used = [...new Set(item.passages.flatMap(passage => passage.text.flatMap(([, slots]) => slots)))];
  byId("paper").replaceChildren(
    el("h2", {}, item.title || "(no title)"),
    el("p", { class: "how" }, item.names.join(", "), " ", web(item.url) ? el("a", { href: item.url, rel: "noopener noreferrer", target: "_blank" }, item.url) : ""),
    el("p", { class: "how" }, item.known ? `${item.known} finding${item.known > 1 ? "s" : ""} of this paper in the rows already.` : ""),
    el("p", { class: "legend" }, used.map(name => el("mark", slot(name), name))),
    ...item.passages.flatMap(passage => [el("h3", {}, passage.heading), el("p", {}, pieces(passage.text))]));
  byId("row").replaceChildren(
    el("table", {}, el("thead", {}, el("tr", {}, ["column", "proposed", "read in"].map(name => el("th", { scope: "col" }, name)))),
      el("tbody", {}, item.row.map(line => el("tr", {}, el("th", { scope: "row" }, line.column), el("td", {}, line.value), el("td", {}, line.from))))),
    el("p", { class: "how" }, `${item.rule}: ${item.score} (${item.id})`),
    el("p", {}, word ? el("b", {}, told(word)) : ""));
  close();
  tally();
  say("");
  scrollTo(0, 0);
}

const told = word => [DONE[word.verdict], word.reason, Object.entries(word.changes).map(([column, value]) => `${column} = ${value || "empty"}`).join(", ")]
  .filter(Boolean).join(": ");

function close() {
  for (const form of ["edit", "reject"]) { byId(form).hidden = true; byId(form).replaceChildren(); }
}

function open(form, ...inside) {
  close();
  byId(form).append(...inside.flat(), el("div", {}, el("button", { type: "submit" }, "Done"), el("button", { type: "button", class: "cancel" }, "Cancel")));
  byId(form).hidden = false;
  byId(form).querySelector("input, select").focus();
}

/* ---- edit: what is typed is checked against the words of its column; the rest is checked by kg review take ---- */
const fold = text => text.toLowerCase().replace(/[\s\u2010-\u2015_/-]+/g, " ").trim();
const known = Object.fromEntries(Object.entries(data.choices).map(([column, names]) => [column, new Set(names.map(fold))]));

function edit() {
  const item = items[at], values = { ...item.values, ...(last(item.id)?.changes ?? {}) };
  const lists = Object.entries(data.choices).map(([column, names]) => el("datalist", { id: "words-" + column }, names.map(name => el("option", { value: name }))));
  open("edit", lists, data.columns.map(column => el("label", {}, column, el("input", {
    name: column, value: values[column], autocomplete: "off", maxlength: "500", ...(data.choices[column] ? { list: "words-" + column } : {}) }))));
}

function wrong(column, value) {
  if (!known[column] || !value) return data.sides.includes(column) && !value ? `${column} is empty.` : "";
  const parts = data.sides.includes(column) ? value.split(" + ") : [value], bad = parts.find(part => !known[column].has(fold(part)));
  return bad === undefined ? "" : `${column}: '${bad}' is not one of its words. Choose one from its list.`;
}

function changed() {
  const item = items[at], changes = {};
  for (const input of byId("edit").querySelectorAll("input")) {
    const value = input.value.trim();
    if (value === item.values[input.name]) continue;
    const message = wrong(input.name, value);
    if (message) { say(message, true); input.focus(); return; }
    changes[input.name] = value;
  }
  if (Object.keys(changes).length) decide("edit", "", changes);
  else say("Nothing was changed; accept it, or change a value.", true);
}

function reject() {
  open("reject", el("label", {}, "reason", el("input", { name: "reason", list: "reasons", autocomplete: "off", maxlength: "500" })),
    el("datalist", { id: "reasons" }, data.reasons.map(reason => el("option", { value: reason }))),
    el("p", { class: "how" }, data.reasons.map((reason, index) => `${index + 1} ${reason}`).join(", ")));
}

function rejected() {
  const typed = byId("reject").querySelector("input").value.trim(), reason = data.reasons[Number(typed) - 1] ?? typed;
  if (reason) decide("reject", reason);
  else say("A rejection needs a reason: a number, or your own words.", true);
}

/* ---- buttons and keys ---- */
const go = { a: () => decide("accept"), e: edit, r: reject, j: () => show(Math.min(at + 1, items.length - 1)), k: () => show(Math.max(at - 1, 0)) };
const BUTTONS = { accept: "a", change: "e", refuse: "r", next: "j", back: "k" };
for (const [id, key] of Object.entries(BUTTONS)) byId(id).addEventListener("click", () => go[key]());
byId("save").addEventListener("click", save);
byId("edit").addEventListener("submit", event => { event.preventDefault(); changed(); });
byId("reject").addEventListener("submit", event => { event.preventDefault(); rejected(); });
document.addEventListener("click", event => { if (event.target.matches(".cancel")) close(); });
document.addEventListener("keydown", event => {
  if (event.key === "Escape") { close(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (items.length && Object.hasOwn(go, event.key)) { event.preventDefault(); go[event.key](); }
});
byId("reader").addEventListener("change", () => items.length && show(at));

recall();
byId("reader").value = data.reader;
if (items.length) show(Math.max(following(-1), 0));
else {
  byId("buttons").hidden = true;
  say("Nothing waits here.");
}
})();
