"use strict";
// Opening: files travel as base64 in one call, and what the server is doing is asked for while it works.
const { el, jobs, say } = window.workbench;
const LARGEST = 20_000_000;
const find = (selector) => element.querySelector(selector);
const form = find(".open-form"), other = find(".bitext-form"), doing = find(".doing");

function show(message, warn) {
  doing.textContent = message;
  doing.classList.toggle("warn", Boolean(warn));
}

const opening = jobs(server, find(".stop"), show);

function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, data: String(reader.result).split(",", 2)[1] || "" });
    reader.onerror = () => reject(new Error(`${file.name} cannot be read`));
    reader.readAsDataURL(file);
  });
}

async function start(sent, asked, files) {
  if (opening.busy()) return;
  for (const [name, file] of Object.entries(files)) {
    if (!file) continue;
    if (file.size > LARGEST) { show(`${file.name} is larger than 20 MB; split it, or use the command line`, true); return; }
    try { asked[name] = await read(file); } catch (error) { show(error.message, true); return; }
  }
  const answer = await opening.run(server.start, asked, "reading");
  if (answer.refused) { show(answer.refused, true); return; }
  show("");
  sent.reset();
  say("opened", answer);
}

const names = new Intl.DisplayNames(["en"], { type: "language" });
const CODES = "en ru de fr es it pt uk be pl ar zh ja ko tr kk nl cs sr bg ro el he fa hi".split(" ");
find("#languages").append(...CODES.map((code) => el("option", { value: code }, names.of(code))));

// A file that is dropped on a version's box is its file.
for (const [selector, name] of [["fieldset:nth-of-type(1)", "source_file"], ["fieldset:nth-of-type(2)", "target_file"]]) {
  const box = form.querySelector(`.two > ${selector}`);
  box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("over");
    if (event.dataTransfer.files.length) form.elements[name].files = event.dataTransfer.files;
    else form.elements[name.replace("file", "text")].value += event.dataTransfer.getData("text/plain");
  });
}
for (const side of ["source", "target"]) form.elements[`${side}_text`].addEventListener("input", () => { form.elements[`${side}_file`].value = ""; }); // what was done last counts
const value = (name) => form.elements[name].value;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = Object.fromEntries(["source_text", "target_text", "source", "target", "name"].map((name) => [name, value(name)]));
  for (const side of ["source", "target"]) {
    if (form.elements[`${side}_file`].files.length && value(`${side}_text`).trim()) { show(`the ${side} has a file and a text; empty the text, or type in it to drop the file`, true); return; }
  }
  start(form, asked, { source_file: form.elements.source_file.files[0], target_file: form.elements.target_file.files[0] });
});
other.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = other.elements.bitext.files[0];
  if (!file) { show("choose the bitext file first", true); return; }
  start(other, { source: value("source"), target: value("target"), name: value("name") }, { bitext: file });
});
