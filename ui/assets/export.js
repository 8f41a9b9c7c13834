"use strict";
// A click makes the files and saves them under names that the server chose.
const { ask, open } = window.workbench;
const sum = element.querySelector(".sum");

function save({ name, data }) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

element.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-format]");
  if (!button || open.project === null) return;
  sum.textContent = "making the file …";
  const answer = await ask(server.make, { project: open.project, format: button.dataset.format });
  sum.classList.toggle("warn", Boolean(answer.refused));
  if (answer.refused) { sum.textContent = answer.refused; return; }
  answer.files.forEach(save);
  sum.textContent = `saved ${answer.files.map((f) => f.name).join(" and ")}`;
});
