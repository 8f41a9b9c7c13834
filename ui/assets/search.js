"use strict";
// Concordance over all projects; a click on a row's project goes to it.
const { el, marked, ask, say } = window.workbench;
const find = (selector) => element.querySelector(selector);
const form = find("form");

function cell(text, spans, lang) {
  return text === null ? el("div", { class: "side missing" }) : el("div", { class: "side", lang, dir: "auto" }, ...marked(text, spans));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = form.elements.query.value.trim();
  if (!query) { form.elements.query.focus(); return; }
  const answer = await ask(server.find, { query, forms: form.elements.forms.checked });
  const sum = find(".sum"), list = find(".list");
  list.replaceChildren();
  if (answer.refused) { sum.textContent = answer.refused; return; }
  const { hits, more } = answer;
  sum.textContent = hits.length ? `${more ? "the newest " : ""}${hits.length} row${hits.length === 1 ? "" : "s"}` : "No saved row has these words.";
  list.append(...hits.map(([project, name, key, source, target, a, b, from, to]) => el("article", { class: "hit" },
    el("button", { type: "button", class: "jump", click: () => say("jump", { project, key }) }, name),
    el("div", { class: "pair-of-texts" }, cell(source, a, from), cell(target, b, to)))));
});
