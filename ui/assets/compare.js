"use strict";
// Engines beside each other and the human version. Python keeps the comparison; rows come some at a time.
const { el, ask, download, jobs, on, say, open } = window.workbench;
const find = (selector) => element.querySelector(selector);
const HEADS = ["", "BLEU", "chrF2++", "findings in 100 rows", "similarity", "seconds a row"], MOST = 4, SHOWN = 200;
const form = find(".choose"), doing = find(".doing");
let result = null, shownRows = 0, offered = null;

function tell(message, warn) {
  doing.textContent = message;
  doing.classList.toggle("warn", Boolean(warn));
}

const comparing = jobs(server, find(".halt"), tell);

async function offer() {
  if (open.project === null || element.offsetParent === null || offered === open.project) return;
  const project = offered = open.project;
  const answer = await ask(server.offer, { project });
  if (project !== open.project) return;
  if (answer.refused) { offered = null; tell(answer.refused, true); return; }
  find(".engines").replaceChildren(...answer.engines.map((name, k) => el("label", {}, el("input", { type: "checkbox", name: "engine", value: name, checked: k === 0 }), ` ${name}`)));
  if (!answer.engines.length) find(".engines").append(el("span", { class: "quiet" }, "no engine works here for these languages; bitext engines says what could be installed"));
  form.elements.first.value = 0;
  bound(Math.max(0, (open.count || 1) - 1), true);
  const [from, to] = open.languages;
  form.elements.turned.replaceChildren(el("option", { value: "" }, `${from} → ${to}`), el("option", { value: "yes" }, `${to} → ${from}`));
  drawKept(answer.kept);
  if (answer.kept.length) openKept(answer.kept[0][0]);
  else show(null);
}

// The range of rows follows the rows there are; where it went to the last one, it does so still.
function bound(last, anew) {
  const { first, last: end } = form.elements, whole = anew || Number(end.value) === Number(end.max);
  first.max = end.max = last;
  first.value = Math.min(Number(first.value), last);
  end.value = anew ? Math.min(last, SHOWN - 1) : whole ? last : Math.min(Number(end.value), last);
}
on("changed", ({ count }) => { if (offered === open.project) bound(Math.max(0, (count || 1) - 1), false); });

function drawKept(kept) {
  find(".earlier").hidden = !kept.length;
  const when = (made) => new Date(made * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  find(".kept").replaceChildren(...kept.map(([id, made, title, votes]) => el("option", { value: id }, `${title} · ${when(made)}${votes ? ` · ${votes} vote${votes === 1 ? "" : "s"}` : ""}`)));
}

async function openKept(comparison) {
  const project = open.project, answer = await ask(server.open_kept, { comparison });
  if (project !== open.project) return;
  if (answer.refused) { tell(answer.refused, true); return; }
  show(answer);
}

function show(answer) {
  result = answer;
  leaveVoting();
  find(".result").hidden = !answer;
  if (!answer) return;
  find(".kept").value = String(answer.comparison);
  find(".headline").textContent = answer.headline;
  const line = ([name, ...rest]) => {
    const error = rest.pop();
    return el("tr", {}, el("th", { scope: "row" }, name), ...(error === null ? rest.map((v) => el("td", {}, v)) : [el("td", { colspan: rest.length, class: "warn" }, `failed: ${error}`)]));
  };
  find(".scores").replaceChildren(el("thead", {}, el("tr", {}, ...HEADS.map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, ...answer.columns.map(line)));
  find(".notes").replaceChildren(...answer.notes.map((note) => el("p", {}, note)));
  find(".vote").disabled = !answer.ballots;
  find(".list").replaceChildren();
  shownRows = 0;
  more();
}

async function more() {
  const asked = { comparison: result.comparison, start: shownRows, order: find(".order").value };
  const answer = await ask(server.rows, asked);
  if (!result || asked.comparison !== result.comparison || asked.order !== find(".order").value || asked.start !== shownRows) return;
  if (answer.refused) { tell(answer.refused, true); return; }
  find(".list").append(...answer.rows.map(item));
  shownRows += answer.rows.length;
  find(".more").hidden = shownRows >= result.count;
}

function words(version) {
  const [, text, , , , changes] = version;
  if (!changes.length) return [text];
  return changes.flatMap(([kind, piece]) => {
    if (kind === "equal") return [piece];
    const kept = piece.trimEnd();
    return [el(kind === "delete" ? "del" : "ins", {}, kept), piece.slice(kept.length)];
  });
}

function item([number, key, source, here, versions]) {
  const node = el("article", { class: "compared", "data-row": number, "data-here": here ?? "" });
  node.append(el("div", { class: "head" }, el("button", { type: "button", class: "jump", click: () => say("jump", { key }) }, `row ${number}`)),
    el("div", { class: "side source", lang: result.languages[0], dir: result.directions[0] }, source));
  const grid = el("div", { class: "versions" });
  for (const version of versions) grid.append(cell(number, version, here));
  node.append(grid);
  return node;
}

function cell(number, version, here) {
  const [name, text, chrf, similarity, found] = version;
  const facts = [chrf === null ? null : `chrF2++ ${chrf.toFixed(1)}`, similarity === null ? null : `similarity ${similarity.toFixed(2)}`].filter(Boolean).join(", ");
  const stands = text === here;
  return el("div", { class: `version${stands ? " stands" : ""}`, "data-column": name, "data-text": text },
    el("p", { class: "who" }, el("b", {}, name), " ", el("span", { class: "quiet" }, facts), " ",
      el("button", { type: "button", class: "take", disabled: stands, "aria-label": `take the text of ${name} into row ${number}`, click: () => take(number, name) }, stands ? "in the row" : "take it")),
    el("div", { class: "side", lang: result.languages[1], dir: result.directions[1] }, ...words(version)),
    ...found.map(([severity, reason]) => el("p", { class: `finding-line ${severity}` }, reason)));
}

async function take(row, column) {
  const shown = find(`.compared[data-row="${row}"]`);
  const answer = await ask(server.pick, { comparison: result.comparison, row, column, here: shown.dataset.here });
  if (answer.refused) { tell(answer.refused, true); return; }
  tell(`row ${row} has the text of ${column} now; undo is on the page Read`);
  say("patched", { answer, verb: "take" });
  const text = shown.querySelector(`[data-column="${CSS.escape(column)}"]`).dataset.text;
  shown.dataset.here = text;
  for (const version of shown.querySelectorAll(".version")) {
    const stands = version.dataset.text === text, button = version.querySelector(".take");
    version.classList.toggle("stands", stands);
    button.disabled = stands;
    button.textContent = stands ? "in the row" : "take it";
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (comparing.busy()) return;
  const hub = form.elements.hub.value.trim();
  const engines = Array.from(form.querySelectorAll("[name=engine]:checked"), (box) => box.value).concat(hub ? [hub] : []);
  if (!engines.length || engines.length > MOST) { tell(`${engines.length} engines are chosen; choose one to ${MOST}`, true); return; }
  const project = open.project;
  const answer = await comparing.run(server.start, {
    project, engines, first: form.elements.first.valueAsNumber || 0, last: form.elements.last.valueAsNumber || 0, turned: Boolean(form.elements.turned.value),
  }, "beginning");
  if (answer.refused) { tell(answer.refused, true); return; }
  tell("");
  if (project !== open.project) return;
  const kept = await ask(server.offer, { project });
  if (!kept.refused) drawKept(kept.kept);
  show(answer);
});
find(".more").addEventListener("click", more);
find(".order").addEventListener("change", () => show(result));
find(".gone").addEventListener("change", (event) => find(".list").classList.toggle("brief", !event.target.checked));
find(".kept").addEventListener("change", (event) => openKept(Number(event.target.value)));
find(".forget").addEventListener("click", async () => {
  const answer = await ask(server.forget, { comparison: Number(find(".kept").value), project: open.project });
  if (answer.refused) { tell(answer.refused, true); return; }
  drawKept(answer.kept);
  if (answer.kept.length) openKept(answer.kept[0][0]);
  else show(null);
});
element.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-format]");
  if (!button || !result) return;
  const answer = await ask(server.export, { comparison: result.comparison, format: button.dataset.format });
  if (answer.refused) { tell(answer.refused, true); return; }
  answer.files.forEach(download);
  tell(`saved ${answer.files.map((f) => f.name).join(" and ")}`);
});
let elsewhere = false; // rows were changed on another panel
on("project", () => { offered = null; offer(); });
on("changed", () => { elsewhere = element.offsetParent === null; });
new IntersectionObserver(() => {
  if (elsewhere && result && element.offsetParent !== null && offered === open.project && find(".voting").hidden) { elsewhere = false; show(result); }
  offer();
}).observe(element);
