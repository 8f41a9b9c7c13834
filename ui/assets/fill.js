// Filling: goes on where correct.js ends, in the same function. Reading and editing go on meanwhile.

const filler = find(".fill");
const filling = jobs(server, find(".halt"), drawCount);

const lacking = () => rows.reduce((sum, row) => sum + (row[SOURCE] === null || row[TARGET] === null ? 1 : 0), 0);

async function offerFilling() {
  const count = lacking(), project = open.project;
  if (!count || filling.busy()) { filler.hidden = !filling.busy(); return; }
  const answer = await ask(server.engines, { project });
  if (answer.refused || project !== open.project) return;
  filler.hidden = !answer.engines.length;
  find(".lacking").textContent = `${count.toLocaleString("en")} ${count === 1 ? "row lacks" : "rows lack"} a side`;
  const list = find(".engine-name"), before = list.value;
  list.replaceChildren(...answer.engines.map((name) => el("option", { value: name }, name)));
  if (answer.engines.includes(before)) list.value = before;
}

filler.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (filling.busy()) return;
  const project = open.project;
  const answer = await filling.run(server.fill, { project, engine: find(".engine-name").value, memory: find(".memory").checked }, "translating");
  if (answer.refused) { drawCount(answer.refused, true); return; }
  if (project === open.project) {
    say("patched", { answer, verb: "fill" });
    if (answer.said && answer.said.length) drawCount(answer.said.join("; "));
  }
  offerFilling();
});
on("project", offerFilling);
on("opened", async () => { // one version alone was opened to have it translated
  await line; // after it is shown
  if (!rows.length || rows.some((row) => row[SOURCE] !== null && row[TARGET] !== null)) return;
  await offerFilling();
  if (!filler.hidden && !filling.busy()) filler.requestSubmit();
});

const wanted = Number(new URL(location.href).searchParams.get("project"));
load(Number.isInteger(wanted) && wanted > 0 ? wanted : null);
