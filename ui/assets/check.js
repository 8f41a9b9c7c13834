"use strict";
// Findings by row; a click goes to the row, a reason dismisses.
const { el, side, ask, on, say, open } = window.workbench;
const find = (selector) => element.querySelector(selector);
const MOST = 500;
let answer = null, stale = true;

async function check() {
  if (open.project === null || element.offsetParent === null || !stale) return;
  stale = false;
  find(".sum").textContent = "checking the rows …";
  find(".list").replaceChildren();
  const project = open.project, said = await ask(server.findings, { project });
  if (project === open.project) take(said);
}

function take(said) {
  answer = said;
  if (said.refused) { find(".sum").textContent = said.refused; stale = true; return; }
  draw();
}

function draw() {
  const { counts, findings } = answer;
  const infos = find(".infos").checked, gone = find(".gone").checked;
  const shown = findings.filter((f) => (infos || f[3] !== "info") && (gone || !f[9]));
  const words = { error: ["error", "errors"], warning: ["warning", "warnings"], info: ["hint", "hints"] };
  find(".sum").textContent = findings.length ? counts.map(([name, n]) => `${n} ${words[name][n === 1 ? 0 : 1]}`).join(", ") : "The checks found nothing to say.";
  const begun = new Map(Array.from(find(".list").querySelectorAll("input"), (field) => [field.dataset.finding, field.value]));
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.finding : undefined;
  find(".list").replaceChildren(...shown.slice(0, MOST).map(item));
  for (const field of find(".list").querySelectorAll("input")) { // reasons that were begun stay
    field.value = begun.get(field.dataset.finding) || "";
    if (field.dataset.finding === focused) field.focus();
  }
  if (shown.length > MOST) find(".list").append(el("p", { class: "quiet" }, `and ${shown.length - MOST} more; dismiss or mend some of these first`));
}

function item([key, number, name, severity, reason, source, target, sourceSpans, targetSpans, note, other]) {
  const jump = el("button", { type: "button", class: "jump", click: () => say("jump", { key }) }, `row ${number}`);
  const head = el("div", { class: "head" }, jump, el("b", { class: severity }, severity === "info" ? "hint" : severity), el("span", { class: "quiet", title: answer.about[name] || "" }, name), el("span", { class: "reason" }, reason));
  if (other !== null) head.append(el("button", { type: "button", class: "jump", click: () => say("jump", { key: other }) }, "its counterpart"));
  const node = el("article", { class: `finding ${severity}${note ? " dismissed" : ""}` }, head,
    el("div", { class: "pair-of-texts" }, side(0, source, sourceSpans), side(1, target, targetSpans)));
  if (note) node.append(el("p", { class: "quiet" }, `dismissed: ${note} `, el("button", { type: "button", click: () => dismiss(key, name, reason, "") }, "take back")));
  else node.append(reasonForm(key, name, reason));
  return node;
}

function reasonForm(key, name, reason) {
  const field = el("input", { maxlength: 300, placeholder: "why this is no error", "aria-label": "reason to dismiss", "data-finding": `${key} ${name} ${reason}` });
  const form = el("form", { class: "dismiss", submit: (event) => { event.preventDefault(); if (field.value.trim()) dismiss(key, name, reason, field.value); else field.focus(); } },
    field, el("button", { type: "submit" }, "dismiss"));
  return form;
}

async function dismiss(key, name, reason, note) {
  const project = open.project, said = await ask(server.dismiss, { project, key, check: name, reason, note });
  if (project !== open.project) return;
  if (said.refused) { // the rows are others than these findings are of
    stale = true;
    await check();
    find(".sum").textContent = `${said.refused}; ${find(".sum").textContent}`;
    return;
  }
  take(said);
  say("dismissed");
}

for (const name of [".infos", ".gone"]) find(name).addEventListener("change", () => { if (answer && !answer.refused) draw(); });
on("project", () => { stale = true; check(); });
on("glossary", () => { stale = true; });
on("changed", () => { stale = true; });
new IntersectionObserver(check).observe(element);
check();
