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
