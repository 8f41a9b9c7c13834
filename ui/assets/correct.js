// Correcting: goes on where read.js ends, in the same function.

// Editing: one call for each edit; nothing is shown as done before the server has stored it

let line = Promise.resolve(); // edits go one after another, each to the row that was chosen when it was asked for

function act(verb, more = {}, count = 1, key = at < 0 ? null : rows[at][KEY], from = null) {
  if (key === null && verb !== "undo" && verb !== "redo") return Promise.resolve(null);
  const next = () => perform(verb, more, count, key, from);
  line = line.then(next, next);
  return line;
}

// from: {which, old, version} of a field when it was opened; where another text than `old` stands by now, the row counts as seen in that version.
async function perform(verb, more, count, key, from) {
  const k = key === null ? -1 : rows.findIndex((row) => row[KEY] === key);
  if (key !== null && k < 0 && verb !== "undo" && verb !== "redo") {
    if (from) offer(key, from.which, more.text);
    drawCount("this row is gone, nothing was changed", true);
    return null;
  }
  const seen = k < 0 ? [] : rows.slice(k, k + count).map((row) => [row[KEY], row[VERSION]]);
  if (from && k >= 0 && textOf(rows[k], from.which) !== from.old) seen[0][1] = from.version;
  const answer = await ask(server.act, { project: open.project, revision: open.revision, verb, rows: seen, ...more });
  if (answer.refused) {
    if (answer.stale) await load(open.project, key);
    else if (k >= 0) redraw(k);
    if (from) offer(key, from.which, more.text);
    drawCount(answer.refused, true);
    return null;
  }
  if (answer.before !== open.revision && answer.revision !== open.revision) {
    await load(open.project, key);
    drawCount("saved; what another window changed is shown too");
  } else apply(answer, verb);
  return answer;
}

function apply(answer, verb) {
  const { start, removed, rows: fresh } = answer;
  const kept = removed !== fresh.length ? suspend() : null;
  const gone = rows.splice(start, removed, ...fresh);
  left += doubts(fresh) - doubts(gone);
  Object.assign(state, { undo: answer.undo, redo: answer.redo, revision: answer.revision });
  Object.assign(open, { revision: answer.revision, count: rows.length });
  if (removed === fresh.length) fresh.forEach((row, n) => { if (JSON.stringify(row) !== JSON.stringify(gone[n])) redraw(start + n); });
  if ((verb === "undo" || verb === "redo") && fresh.length) at = start;
  else if (at >= start + removed) at += fresh.length - removed;
  else if (at >= start + fresh.length) at = start + fresh.length - 1;
  if (removed !== fresh.length) redrawFrom(start, removed, fresh.length);
  if (at < 0) drawBar();
  else focusRow(at);
  resume(kept);
  if (answer.languages && String(answer.languages) !== String(open.languages)) load(open.project, at < 0 ? null : rows[at][KEY]);
  drawCount();
  say("changed", open);
  askFlags(1500);
}

// A text or note that was refused stays beside the newer one, to be taken up again or dismissed; below the rows where its row is gone.
function offer(key, which, mine) {
  refused.set(`${key} ${which}`, { project: open.project, key, which, text: mine });
  const k = rows.findIndex((row) => row[KEY] === key);
  if (k >= 0) redraw(k);
  else drawLost();
}

function yours(mine) {
  const { key, which } = mine, here = () => rows.findIndex((row) => row[KEY] === key);
  const again = () => {
    focusRow(here());
    openField(which, { value: mine.text });
    if (live && live.key === key && live.which === which) refused.delete(`${key} ${which}`);
  };
  const drop = (event) => {
    event.stopPropagation();
    refused.delete(`${key} ${which}`);
    if (here() >= 0) redraw(here());
    else drawLost();
  };
  return el("div", { class: "yours" }, el("span", { class: "quiet" }, which === 2 ? "your note, not saved: " : "yours, not saved: "), mine.text, " ",
    here() < 0 ? null : el("button", { type: "button", click: again }, "edit it"), " ", el("button", { type: "button", click: drop }, "dismiss"));
}

const lost = el("div", { class: "lost" });
box.after(lost);
function drawLost() {
  if (!refused.size) { lost.replaceChildren(); return; }
  const keys = new Set(rows.map((row) => row[KEY]));
  lost.replaceChildren(...Array.from(refused.values()).filter(({ project, key }) => project === open.project && !keys.has(key)).map(yours));
}

// Rows came or went: the others stay as they are drawn, and get their new numbers.
function redrawFrom(start, removed, added) {
  const first = start - page * PAGE, count = Math.min(PAGE, rows.length - page * PAGE);
  if (first < 0 || first > box.children.length || count <= 0) { drawPage(); return; }
  for (let k = 0; k < removed && box.children[first]; k++) box.children[first].remove();
  const fresh = [];
  for (let k = start; k < start + added; k++) fresh.push(draw(k));
  if (box.children[first]) box.children[first].before(...fresh);
  else box.append(...fresh);
  while (box.children.length > count) box.lastChild.remove();
  while (box.children.length < count) box.append(draw(page * PAGE + box.children.length));
  for (let k = start + added; k < page * PAGE + count; k++) nodeOf(k).firstChild.textContent = String(k);
  drawPages();
  drawLost();
}

// A field that is open is laid aside while rows are drawn anew, and opened again: with what was typed, or where nothing was, with what the row says now.
let live = null; // {key, which: 0 source, 1 target, 2 note, area, old, version: of the row when it was opened, typed, drop}

function suspend() {
  if (!live) return null;
  const { key, which, area, old, version, typed } = live;
  const kept = { key, which, value: area.value, again: typed() ? { value: area.value, old, version } : null, start: area.selectionStart, end: area.selectionEnd };
  live.drop();
  const k = rows.findIndex((row) => row[KEY] === key);
  if (k >= 0) redraw(k);
  return kept;
}

function resume(kept) {
  if (!kept) return;
  const { key, which, value, again } = kept, k = rows.findIndex((row) => row[KEY] === key);
  if (k >= 0) {
    focusRow(k);
    openField(which, again);
  }
  if (live && live.area.value === value) live.area.setSelectionRange(kept.start, kept.end);
  if (!live && again) offer(key, which, value);
}

function redraw(k) {
  const node = nodeOf(k);
  if (!node) return;
  if (live && live.key === rows[k][KEY]) { resume(suspend()); return; }
  const fresh = draw(k);
  if (k === at) fresh.classList.add("on");
  const focused = document.activeElement === node;
  node.replaceWith(fresh);
  if (focused) fresh.focus({ preventScroll: true });
}

function toggle(flag, set, unset) { if (at >= 0) act(rows[at][FLAGS] & flag ? unset : set); }
function merge() { if (at >= 0 && at + 1 < rows.length) act("merge", {}, 2); else drawCount("there is no row after this one to merge with", true); }
function shift(side, count) { if (at >= 0 && at + 1 < rows.length) act("shift", { side, count }, 2); }

async function realign() {
  if (at < 0) return;
  drawCount("aligning again between the locked or accepted rows …");
  const before = rows.length, answer = await act("realign");
  if (answer) drawCount(answer.before === answer.revision ? "aligned again: nothing changed" : `aligned again: ${answer.rows.length} rows, ${rows.length - before >= 0 ? "+" : ""}${rows.length - before}`);
}

// One field for a row: Enter or leaving it saves, Escape leaves it as it was. again: {value, old, version} of a field that goes on.
function field(cell, row, which, again, about) {
  const area = el("textarea", { rows: 2, ...about }), key = row[KEY];
  const { value, old, version } = { value: textOf(row, which), old: textOf(row, which), version: row[VERSION], ...again };
  area.defaultValue = area.value = old;
  const before = area.value; // line ends as a field has them
  area.value = value;
  const typed = () => area.value !== before;
  let over = false;
  const end = (save) => {
    if (over) return;
    over = true;
    live = null;
    if (!save || !typed()) shownAgain(key);
    else if (which === 2) act("note", { text: area.value }, 1, key, { which, old, version });
    else act("edit", { side: which ? "target" : "source", text: area.value }, 1, key, { which, old, version });
  };
  live = { key, which, area, old, version, typed, drop: () => { over = true; live = null; } };
  const fit = () => { area.style.height = "auto"; area.style.height = `${area.scrollHeight + 2}px`; };
  area.addEventListener("input", fit);
  area.addEventListener("blur", () => end(true));
  area.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return; // Enter and Escape belong to the input method
    if (event.key === "Escape") { event.preventDefault(); end(false); }
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); end(true); }
  });
  cell.replaceChildren(area);
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  fit();
}

const textOf = (row, which) => row[which === 2 ? NOTE : SOURCE + which] || "";
const openField = (which, again) => (which === 2 ? writeNote(again) : edit(which, again));

function shownAgain(key) {
  const here = rows.findIndex((row) => row[KEY] === key);
  if (here >= 0) redraw(here);
  if (document.activeElement === document.body) focusRow(at);
}

function writeNote(again) {
  if (at < 0 || cut) return;
  const cell = nodeOf(at).querySelector(".facts");
  if (cell.querySelector("textarea")) return;
  field(cell, rows[at], 2, again, { "aria-label": "note to the row" });
}

function edit(k, again) {
  if (at < 0 || cut) return;
  const row = rows[at], cell = nodeOf(at).querySelectorAll(".side")[k];
  if (cell.querySelector("textarea")) return;
  if (row[FLAGS] & LOCKED) { drawCount(`row ${at} is locked; unlock it first (l)`, true); return; }
  cell.classList.remove("missing");
  field(cell, row, k, again, { "aria-label": k ? "target text" : "source text", lang: open.languages[k], dir: open.directions[k] });
}

// Splitting: a cut on each side that has a text; what was clicked before is where it begins

let clicked = null; // {key, 0: unit, 1: unit}

function unitAt(place) {
  const selection = getSelection();
  if (!selection.rangeCount || !place.contains(selection.focusNode)) return null;
  const range = document.createRange();
  range.setStart(place, 0);
  range.setEnd(selection.focusNode, selection.focusOffset);
  return range.toString().length;
}

// Where words begin; in writing without blanks the browser knows them.
const DENSE = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/;
function borders(content) {
  if (DENSE.test(content)) return Array.from(new Intl.Segmenter(undefined, { granularity: "word" }).segment(content), (s) => s.index).slice(1);
  return Array.from(content.matchAll(/\s+/g), (m) => m.index + m[0].length);
}

function guess(content, share) {
  const wanted = content.length * share;
  const ends = Array.from(content.matchAll(/[.!?…؟।]["»”’)]*\s+|[。！？；]["”’」』）]*/g), (m) => m.index + m[0].length);
  const blanks = borders(content);
  const near = (list) => list.reduce((best, p) => (best === null || Math.abs(p - wanted) < Math.abs(best - wanted) ? p : best), null);
  const end = near(ends);
  return end !== null && Math.abs(end - wanted) < content.length / 3 ? end : near(blanks) ?? Math.round(wanted);
}

function split() {
  if (at < 0) return;
  if (cut) { doSplit(); return; }
  const row = rows[at];
  if (row[FLAGS] & LOCKED) { drawCount(`row ${at} is locked; unlock it first (l)`, true); return; }
  const places = clicked && clicked.key === row[KEY] ? { ...clicked } : {};
  const set = [0, 1].find((k) => places[k] !== undefined && row[SOURCE + k]);
  const share = set === undefined ? 0.5 : places[set] / row[SOURCE + set].length;
  cut = { row: at, side: set ?? (row[SOURCE] === null ? 1 : 0), places: [0, 1].map((k) => (row[SOURCE + k] === null ? null : places[k] ?? guess(row[SOURCE + k], share))) };
  drawCut();
}

function drawCut() {
  const node = nodeOf(cut.row), row = rows[cut.row];
  node.classList.add("cutting");
  for (const k of [0, 1]) {
    const place = node.querySelectorAll(".side")[k].querySelector(".text");
    if (!place || cut.places[k] === null) continue;
    const content = row[SOURCE + k];
    place.replaceChildren(content.slice(0, cut.places[k]), el("span", { class: `cut${cut.side === k ? " active" : ""}` }), content.slice(cut.places[k]));
  }
  drawBar();
}

function endCut() {
  const row = cut.row;
  cut = null;
  clicked = null;
  redraw(row);
  drawBar();
}

async function doSplit() {
  const row = rows[cut.row], places = cut.places, key = row[KEY];
  const [source_at, target_at] = [0, 1].map((k) => (places[k] === null ? null : toCharacters(row[SOURCE + k], places[k])));
  endCut();
  await act("split", { source_at, target_at }, 1, key);
}

function moveCut(step) {
  const content = rows[cut.row][SOURCE + cut.side];
  const places = [0, ...borders(content), content.length], here = cut.places[cut.side];
  const to = step > 0 ? places.find((b) => b > here) : places.findLast((b) => b < here);
  if (to !== undefined) { cut.places[cut.side] = to; drawCut(); }
}

const ahead = () => (open.directions[cut.side] === "rtl" ? -1 : 1); // what the key to the right does
const CUT_KEYS = {
  ArrowLeft: () => moveCut(-ahead()), ArrowRight: () => moveCut(ahead()), Enter: doSplit, s: doSplit, Escape: endCut,
  Tab: () => { const other = 1 - cut.side; if (cut.places[other] !== null) { cut.side = other; drawCut(); } },
};
const KEYS = {
  j: () => move(1, any), ArrowDown: () => move(1, any), k: () => move(-1, any), ArrowUp: () => move(-1, any), n: () => move(1, doubtful), p: () => move(-1, doubtful),
  a: BUTTONS[0][2], e: () => edit(1), E: () => edit(0), m: merge, s: split, u: () => act("unpair"), l: BUTTONS[5][2], r: realign, t: () => writeNote(), z: () => act("undo"), y: () => act("redo"),
  "]": () => shift("target", 1), "[": () => shift("target", -1), "}": () => shift("source", 1), "{": () => shift("source", -1),
};

// The key by what it writes, else by its place: letters that a Russian layout has on it do not matter.
const PLACES = { Bracketleft: "[", Bracketright: "]", BracketLeft: "[", BracketRight: "]" };
function keyOf(event, table) {
  const written = /^[a-z]$/i.test(event.key) ? event.key[event.shiftKey ? "toUpperCase" : "toLowerCase"]() : event.key; // CapsLock does not matter
  if (table[written]) return written;
  const code = event.code || "", letter = /^Key([A-Z])$/.exec(code);
  if (letter) return event.shiftKey ? letter[1] : letter[1].toLowerCase();
  const mark = PLACES[code];
  return mark && event.shiftKey ? { "[": "{", "]": "}" }[mark] : mark;
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || element.offsetParent === null || event.target.closest("input, textarea, select, [contenteditable=true]")) return;
  if (event.ctrlKey || event.metaKey) {
    const key = keyOf(event, { z: 1, y: 1, Z: 1 });
    if (!["z", "y", "Z"].includes(key)) return;
    event.preventDefault();
    act(key === "z" ? "undo" : "redo");
    return;
  }
  const table = cut ? CUT_KEYS : KEYS, does = table[keyOf(event, table)];
  if (!does || (event.key === "Enter" && event.target.closest("button"))) return;
  event.preventDefault();
  does();
});
window.addEventListener("beforeunload", (event) => { if (refused.size || Array.from(box.querySelectorAll("textarea")).some((area) => area.value !== area.defaultValue)) event.preventDefault(); });
box.addEventListener("focusin", (event) => { if (at < 0 && event.target.classList.contains("row")) focusRow(numberOf(event.target)); });

box.addEventListener("click", (event) => {
  const node = event.target.closest(".row");
  if (!node || event.target.closest("textarea")) return;
  const k = numberOf(node), cell = event.target.closest(".side"), place = cell && cell.querySelector(".text");
  const unit = place ? unitAt(place) : null;
  if (place && unit !== null && getSelection().isCollapsed) {
    const side = cell.dataset.side === "target" ? 1 : 0;
    if (cut && cut.row === k) { cut.places[side] = unit; cut.side = side; drawCut(); return; }
    if (!clicked || clicked.key !== rows[k][KEY]) clicked = { key: rows[k][KEY] };
    clicked[side] = unit;
  }
  if (k !== at) focusRow(k);
});
box.addEventListener("dblclick", (event) => {
  const cell = event.target.closest(".side");
  if (!cell || cut) return;
  focusRow(numberOf(cell.closest(".row")));
  edit(cell.dataset.side === "target" ? 1 : 0);
});

// The project itself

find(".settings").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, source, target } = Object.fromEntries(new FormData(event.target));
  const answer = await ask(server.describe, { project: open.project, name, source, target });
  if (answer.refused) { drawCount(answer.refused, true); return; }
  take(answer, at < 0 ? null : rows[at][KEY]);
  await listProjects();
  drawCount("saved");
});
let armed = null; // {project, when}: the first click; the second must be another one, and on the same project
function disarm() {
  armed = null;
  find(".remove").textContent = "Remove the project";
}
find(".remove").addEventListener("click", async () => {
  const now = Date.now();
  if (!armed || armed.project !== open.project) {
    const mine = armed = { project: open.project, when: now };
    find(".remove").textContent = "Remove it for ever? Click again";
    setTimeout(() => { if (armed === mine) disarm(); }, 4000);
    return;
  }
  if (now - armed.when < 600) return;
  const name = open.name, project = armed.project;
  disarm();
  const answer = await ask(server.remove, { project });
  if (answer.refused) { drawCount(answer.refused, true); return; }
  take(answer);
  await listProjects();
  drawCount(`“${name}” is removed`);
});
on("project", disarm);
