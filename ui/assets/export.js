"use strict";
// A click makes the files and saves them under names that the server chose.
const { ask, download, open } = window.workbench;
const sum = element.querySelector(".sum");

element.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-format]");
  if (!button || open.project === null) return;
  sum.textContent = "making the file …";
  const answer = await ask(server.make, { project: open.project, format: button.dataset.format });
  sum.classList.toggle("warn", Boolean(answer.refused));
  if (answer.refused) { sum.textContent = answer.refused; return; }
  answer.files.forEach(download);
  sum.textContent = `saved ${answer.files.map((f) => f.name).join(" and ")}`;
});

element.querySelector(".push").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (open.project === null) return;
  const form = event.target, { name, token, license, which, rows, machine, private: hidden } = form.elements;
  const button = form.querySelector("button");
  button.disabled = true;
  sum.classList.remove("warn");
  sum.textContent = "building the data set and sending it …";
  const answer = await ask(server.push, {
    project: open.project, name: name.value.trim(), token: token.value, license: license.value.trim(), all: which.value === "all", accepted: rows.value === "accepted", machine: machine.checked, private: hidden.checked,
  });
  button.disabled = false;
  token.value = "";
  sum.classList.toggle("warn", Boolean(answer.refused));
  sum.textContent = answer.refused || `${answer.rows.toLocaleString("en")} rows are at ${answer.address}`;
});
