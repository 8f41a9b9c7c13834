"use strict";
// Reading and correcting. A row is an array as ui/read.py makes it.
const { el, marked, toUnits, toCharacters, ask, jobs, maker, on, say, tab, open } = window.workbench;
const [KEY, VERSION, SOURCE, TARGET, SCORE, SIMILARITY, , , FLAGS, TYPE, NOTE] = Array(11).keys();
const ORIGIN = 6, VERIFIED = 1, LOCKED = 2, BEGINS = 4, EDITED = 8, PAGE = 300, GOOD = 0.9, CHECK = 0.5;
const find = (selector) => element.querySelector(selector);
const box = find(".rows");
let rows = [], left = 0, state = {}, page = 0, at = -1, cut = null; // left: how many rows are doubtful
const known = new Map(); // evidence by key and version
const refused = new Map(); // texts and notes that were not saved, by key and side: {project, key, which: 0 source, 1 target, 2 note, text}
const notSaved = (row, which) => { const mine = refused.get(`${row[KEY]} ${which}`); return mine ? yours(mine) : ""; };

const lone = (row) => row[SOURCE] === null || row[TARGET] === null;
let flags = new Map(); // key: [severity, names of checks, reasons], of rows with findings
const machine = (row) => [0, 1].some((k) => row[SOURCE + k] !== null && row[ORIGIN + k].startsWith("machine:"));
const doubtful = (row) => !(row[FLAGS] & VERIFIED) && (lone(row) || machine(row) || flags.has(row[KEY]) || (row[SCORE] !== null && row[SCORE] < GOOD));
const doubts = (some) => some.reduce((sum, row) => sum + (doubtful(row) ? 1 : 0), 0);
function word(row) {
  if (row[FLAGS] & VERIFIED) return "accepted";
  if (lone(row)) return "unpaired";
  if (machine(row)) return "draft";
  if (row[FLAGS] & EDITED) return "edited";
  if (row[SCORE] === null) return "by hand";
  return row[SCORE] >= GOOD ? "good" : row[SCORE] >= CHECK ? "check" : "unsure";
}
const edge = (row) => ({ accepted: "good", edited: "hand", "by hand": "hand", unpaired: "check" })[word(row)] || word(row);

function text(row, k) {
  const cell = el("div", { class: "side", role: "cell", lang: open.languages[k], dir: open.directions[k], "data-side": k ? "target" : "source" });
  if (row[SOURCE + k] === null) {
    cell.classList.add("missing");
    cell.append(el("span", { class: "sr" }, "nothing here"), notSaved(row, k));
    return cell;
  }
  const origin = row[ORIGIN + k];
  if (origin !== "human" && origin !== "missing") cell.append(maker(origin));
  cell.append(el("span", { class: "text" }, row[SOURCE + k]), notSaved(row, k));
  return cell;
}

function facts(row) {
  const score = row[SCORE] === null || row[FLAGS] & EDITED || machine(row) ? "" : " " + row[SCORE].toFixed(2);
  const out = [el("b", {}, word(row)), el("span", { title: `${row[TYPE]}: sentences of the source and of the target in this row` }, `${score} · ${row[TYPE]}`)];
  const flag = flags.get(row[KEY]);
  if (flag) out.push(el("span", { class: `flag ${flag[0]}`, title: flag[2].join("\n") }, flag[1].join(", ")));
  if (row[FLAGS] & LOCKED) out.push(el("span", { class: "lock" }, "locked"));
  if (row[NOTE]) out.push(el("span", { class: "note" }, row[NOTE]));
  return el("div", { class: "facts", role: "cell" }, ...out, notSaved(row, 2));
}

function draw(k) {
  const row = rows[k];
  const node = el("div", { class: `row ${edge(row)}${row[FLAGS] & BEGINS ? " begins" : ""}`, role: "row", tabindex: k === at || (at < 0 && k === page * PAGE) ? "0" : "-1", "data-key": row[KEY] });
  node.append(el("div", { class: "number", role: "rowheader" }, String(k)), text(row, 0), text(row, 1), facts(row));
  return node;
}

const nodeOf = (k) => box.children[k - page * PAGE] || null;
const numberOf = (node) => page * PAGE + Array.prototype.indexOf.call(box.children, node);
const last = () => Math.max(0, Math.ceil(rows.length / PAGE) - 1);

function drawPage() {
  const kept = suspend();
  page = Math.min(page, last());
  const end = Math.min(rows.length, (page + 1) * PAGE);
  const nodes = [];
  for (let k = page * PAGE; k < end; k++) nodes.push(draw(k));
  box.replaceChildren(...nodes);
  if (!rows.length) box.append(el("p", { class: "quiet" }, "This project has no rows."));
  drawPages();
  drawLost();
  resume(kept);
}

function drawPages() {
  const nav = find(".pages");
  nav.replaceChildren();
  if (rows.length <= PAGE) return;
  const go = (to) => () => { page = to; at = -1; drawPage(); element.scrollIntoView(); };
  const end = Math.min(rows.length, (page + 1) * PAGE) - 1;
  nav.append(
    el("button", { type: "button", disabled: page === 0, click: go(page - 1) }, "‹ earlier rows"),
    el("span", {}, `rows ${(page * PAGE).toLocaleString("en")} to ${end.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`),
    el("button", { type: "button", disabled: page === last(), click: go(page + 1) }, "later rows ›"));
}

function drawTop() {
  const verdict = find(".verdict");
  verdict.replaceChildren();
  if (state.verdict) verdict.append(state.verdict[1]);
  verdict.classList.toggle("warn", Boolean(state.verdict && state.verdict[0] !== "versions"));
  const settings = find(".settings");
  settings.elements.name.value = open.name;
  [settings.elements.source.value, settings.elements.target.value] = open.languages;
  find(".facts-of-text").replaceChildren(...(state.about || []).map((line) => el("p", {}, line)));
  const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
  open.languages.forEach((code, k) => {
    let name = code;
    try { name = names.of(code); } catch (error) { /* not a code that the browser knows: shown as it is */ }
    find(k ? ".head-target" : ".head-source").textContent = name;
  });
  drawCount();
}

function drawCount(message, warn) {
  const saved = find(".saved");
  saved.textContent = message || `${rows.length.toLocaleString("en")} rows, ${left.toLocaleString("en")} to look at, all saved`;
  saved.classList.toggle("warn", Boolean(warn));
}

// Findings come after the rows, and again when edits have rested for a while.
let resting = null;
function askFlags(wait) {
  clearTimeout(resting);
  resting = setTimeout(async () => {
    const project = open.project, answer = await ask(server.flags, { project });
    if (answer.refused || project !== open.project || answer.revision !== open.revision || cut || box.querySelector("textarea")) return;
    const before = flags;
    flags = new Map(answer.flags.map(([key, ...flag]) => [key, flag]));
    rows.forEach((row, k) => { if (String(before.get(row[KEY])) !== String(flags.get(row[KEY]))) redraw(k); });
    left = doubts(rows);
    if (find(".saved").textContent.endsWith("all saved")) drawCount();
    if (at >= 0) drawBar();
  }, wait);
}

function take(answer, keep) {
  if (answer.project !== open.project) flags = new Map();
  rows = answer.rows;
  left = doubts(rows);
  state = answer;
  Object.assign(open, { project: answer.project, revision: answer.revision, name: answer.name, count: answer.count, languages: answer.languages, directions: answer.directions });
  known.clear();
  cut = null;
  const key = keep === undefined ? null : keep;
  at = key === null ? -1 : rows.findIndex((row) => row[KEY] === key);
  page = at < 0 ? 0 : Math.floor(at / PAGE);
  drawTop();
  drawPage();
  if (at >= 0) focusRow(at);
  drawBar();
  const url = new URL(location.href);
  url.searchParams.set("project", answer.project);
  history.replaceState(history.state, "", url);
  element.dataset.ready = String(answer.project);
  document.querySelector(".title .project").textContent = answer.name;
  say("project", open);
  askFlags(200);
}

async function load(project, keep) {
  if (open.project !== null && project !== open.project) await line; // what was asked of the project that is left comes first
  const answer = await ask(server.first, { project });
  if (answer.refused) return drawCount(answer.refused, true);
  take(answer, keep);
  return listProjects();
}

async function listProjects() {
  const answer = await ask(server.projects, {});
  if (answer.refused) return;
  const list = find(".projects");
  list.replaceChildren(...answer.projects.map(([id, name, count, from, to]) => el("option", { value: id }, `${name} · ${from}–${to}, ${count} rows`)));
  list.value = String(open.project);
}

// Moving

function focusRow(k, block = "nearest") {
  if (k < 0 || k >= rows.length) return;
  if (Math.floor(k / PAGE) !== page) { page = Math.floor(k / PAGE); at = k; drawPage(); }
  const before = box.querySelector(".row.on");
  if (before) { before.classList.remove("on"); before.tabIndex = -1; }
  if (cut && cut.row !== k) endCut();
  at = k;
  const node = nodeOf(k);
  node.classList.add("on");
  node.tabIndex = 0;
  if (!document.activeElement || document.activeElement.tagName !== "TEXTAREA") node.focus({ preventScroll: true });
  node.scrollIntoView({ block });
  drawBar();
  explain(k);
}

function move(step, fits) {
  let k = at < 0 ? (step > 0 ? page * PAGE - 1 : Math.min(rows.length, (page + 1) * PAGE)) : at;
  do k += step; while (k >= 0 && k < rows.length && !fits(rows[k]));
  if (k >= 0 && k < rows.length) focusRow(k, fits === any ? "nearest" : "center");
  else if (fits !== any) around(step, fits);
}

// Past the last doubtful row comes the first one again.
function around(step, fits) {
  const others = [...rows.keys()].filter((r) => r !== at && fits(rows[r]));
  if (!others.length) { drawCount(at >= 0 && fits(rows[at]) ? "this is the only row to look at" : "no row is left to look at"); return; }
  focusRow(step > 0 ? others[0] : others[others.length - 1], "center");
  drawCount(step > 0 ? "from the top again" : "from the end again");
}
const any = () => true;

// Evidence: asked for when the pointer rests on a row or a row is chosen

async function explain(k) {
  const row = rows[k], id = `${row[KEY]}:${row[VERSION]}`;
  if (row[SOURCE] === null || row[TARGET] === null) return;
  if (!known.has(id)) {
    const answer = await ask(server.evidence, { project: open.project, key: row[KEY] });
    if (answer.refused) return;
    known.set(id, answer);
  }
  const now = rows.findIndex((r) => r === row);
  const node = now < 0 ? null : nodeOf(now);
  if (!node || cut || node.querySelector("textarea")) return;
  paint(node, row, known.get(id));
  if (now === at) drawBar();
}

function paint(node, row, evidence) {
  for (const k of [0, 1]) {
    const place = node.querySelectorAll(".side")[k].querySelector(".text");
    if (!place || place.dataset.shown) continue;
    const spans = evidence.pairs.flatMap((pair, p) => pair[k].map(([start, end]) => [start, end, { class: "pair", "data-pair": p }]));
    if (spans.length && String(getSelection()) === "") place.replaceChildren(...marked(row[SOURCE + k], spans));
    place.dataset.shown = "yes";
  }
}

let waiting = null;
box.addEventListener("pointerover", (event) => {
  const mark = event.target.closest("mark.pair");
  box.querySelectorAll("mark.lit").forEach((m) => m.classList.remove("lit"));
  const node = event.target.closest(".row");
  if (!node) return;
  if (mark) node.querySelectorAll(`mark[data-pair="${Number(mark.dataset.pair)}"]`).forEach((m) => m.classList.add("lit"));
  clearTimeout(waiting);
  waiting = setTimeout(() => { if (node.isConnected) explain(numberOf(node)); }, 90);
});

// The bar at the bottom: why the row should be believed, and what can be done

const BUTTONS = [
  ["accept", "a", () => toggle(VERIFIED, "accept", "reject")], ["edit", "e", () => edit(1)], ["merge", "m", merge], ["split", "s", split],
  ["unpair", "u", () => act("unpair")], ["lock", "l", () => toggle(LOCKED, "lock", "unlock")], ["align again", "r", realign], ["note", "t", () => writeNote()],
  ["undo", "z", () => act("undo")], ["redo", "y", () => act("redo")],
  ["next doubtful", "n", () => move(1, doubtful)],
];

function drawBar() {
  const row = rows[at];
  const names = (name) => row && name === "accept" && row[FLAGS] & VERIFIED ? "take back" : row && name === "lock" && row[FLAGS] & LOCKED ? "unlock" : name;
  const off = { undo: !state.undo, redo: !state.redo, "next doubtful": false };
  if (cut) {
    find(".buttons").replaceChildren(
      el("button", { type: "button", click: doSplit }, "split here ", el("kbd", {}, "Enter")), el("button", { type: "button", click: endCut }, "do not split ", el("kbd", {}, "Esc")));
    find(".why").textContent = "Click, or use ← → and Tab, to set the cut on each side.";
    return;
  }
  find(".buttons").replaceChildren(...BUTTONS.map(([name, key, does]) => el("button", {
    type: "button", disabled: name in off ? off[name] : !row, title: name === "undo" && state.undo ? `undo ${state.undo}` : name === "redo" && state.redo ? `redo ${state.redo}` : null, click: does,
  }, names(name), " ", el("kbd", {}, key))));
  find(".why").textContent = row ? reasons(row) : "";
}

function reasons(row) {
  const e = known.get(`${row[KEY]}:${row[VERSION]}`), flag = flags.get(row[KEY]);
  const said = [`row ${at}`, `${word(row)}${row[SCORE] === null ? "" : " " + row[SCORE].toFixed(2)}`];
  if (row[SIMILARITY] !== null) said.push(`similarity ${row[SIMILARITY].toFixed(2)}`);
  if (e && typeof e.length_ratio === "number") said.push(`length ${e.length_ratio.toFixed(2)} of what is usual here`);
  for (const name of ["numbers", "names"]) if (e && e[name] && e[name].length) said.push(`${name} ${e[name].join(", ")}`);
  if (flag) said.push(...flag[2]);
  for (const [source, target, , there] of (e && e.terms) || []) said.push(`term ${source} = ${target}${there.length ? "" : " (not in the target)"}`);
  if (e && e.rival && e.rival[2] >= 0.005) said.push(`next best: ${e.rival[0].length}-${e.rival[1].length} at ${e.rival[2].toFixed(2)}`);
  return said.join(" · ");
}

find(".projects").addEventListener("change", (event) => load(Number(event.target.value)));
on("glossary", () => { known.clear(); askFlags(200); });
on("dismissed", () => askFlags(0));
on("patched", async ({ answer, verb }) => {
  if (answer.project !== open.project) return;
  if (answer.before === open.revision) apply(answer, verb);
  else if (answer.revision !== open.revision) await load(open.project, at < 0 ? null : rows[at][KEY]);
});
on("opened", async (answer) => { await line; take(answer); listProjects(); tab("Read"); });
on("jump", async ({ project, key }) => {
  tab("Read");
  if (project !== undefined && project !== open.project) await load(project);
  const k = rows.findIndex((row) => row[KEY] === key);
  if (k >= 0) requestAnimationFrame(() => focusRow(k, "center"));
  else drawCount("this row is gone; it was merged or split since", true);
});
