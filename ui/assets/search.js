"use strict";
// Concordance over all projects; a click on a row's project goes to it.
const { el, marked, ask, maker, on, say, open } = window.workbench;
const find = (selector) => element.querySelector(selector);
const form = find("form");

function cell(text, spans, lang, origin) {
  if (text === null) return el("div", { class: "side missing" });
  const engine = origin === "human" ? null : maker(origin);
  return el("div", { class: "side", lang, dir: "auto" }, engine, ...marked(text, spans));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = form.elements.query.value.trim();
  if (!query) { form.elements.query.focus(); return; }
  const answer = await ask(server.find, { query, forms: form.elements.forms.checked });
  const sum = find(".sum"), list = find(".list");
  list.replaceChildren();
  drawTerms([]);
  if (answer.refused) { sum.textContent = answer.refused; return; }
  const { hits, more, terms } = answer;
  drawTerms(terms);
  sum.textContent = hits.length ? `${more ? "the newest " : ""}${hits.length} row${hits.length === 1 ? "" : "s"}` : "No saved row has all of these words on one side.";
  list.append(...hits.map(([project, name, key, source, target, a, b, from, to, one, two]) => el("article", { class: "hit" },
    el("button", { type: "button", class: "jump", click: () => say("jump", { project, key }) }, name),
    el("div", { class: "pair-of-texts" }, cell(source, a, from, one), cell(target, b, to, two)))));
});

// Glossary

const learning = find(".glossary-form");
function drawTerms(terms) {
  find(".glossary").hidden = !terms.length;
  find(".terms").replaceChildren(...terms.map((term) => {
    const [from, to, source, target] = term;
    const node = el("div", { class: "term" }, el("span", { lang: from, dir: "auto" }, source), "–", el("span", { lang: to, dir: "auto" }, target), el("span", { class: "quiet" }, `${from}–${to}`));
    node.append(el("button", { type: "button", "aria-label": `remove ${source}`, click: async () => { const answer = await ask(server.forget, { term }); if (!answer.refused) { node.remove(); say("glossary"); } } }, "remove"));
    return node;
  }));
}

learning.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { terms, file, source, target } = learning.elements;
  let text = terms.value;
  if (file.files[0]) {
    try { text = [text, new TextDecoder("utf-8", { fatal: true }).decode(await file.files[0].arrayBuffer())].filter((part) => part.trim()).join("\n"); }
    catch { find(".learned").textContent = `${file.files[0].name} is not UTF-8; save it as UTF-8 text`; find(".learned").classList.add("warn"); return; }
  }
  const answer = await ask(server.learn, { text, source: source.value, target: target.value });
  find(".learned").textContent = answer.refused || `${answer.added} new term${answer.added === 1 ? "" : "s"}`;
  find(".learned").classList.toggle("warn", Boolean(answer.refused));
  if (answer.refused) return;
  terms.value = file.value = "";
  drawTerms(answer.terms);
  say("glossary");
});
find(".all").addEventListener("click", async () => { const answer = await ask(server.all, {}); if (!answer.refused) { drawTerms(answer.terms); find(".learned").textContent = answer.terms.length ? "" : "no terms yet"; find(".glossary").scrollIntoView({ block: "center" }); } });
const fill = () => { [learning.elements.source.value, learning.elements.target.value] = open.project === null ? ["", ""] : open.languages; };
on("project", fill);
fill();
