// Filling: goes on where correct.js ends, in the same function. Reading and editing go on meanwhile.

const filler = find(".fill");
let filled = null; // the job that runs

const lacking = () => rows.reduce((sum, row) => sum + (row[SOURCE] === null || row[TARGET] === null ? 1 : 0), 0);

async function offerFilling() {
  const count = lacking(), project = open.project;
  if (!count || filled) { filler.hidden = !filled; return; }
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
  if (filled) return;
  const job = filled = String(Date.now()) + Math.random(), project = open.project;
  find(".halt").hidden = false;
  drawCount("translating");
  const timer = setInterval(async () => {
    const answer = await ask(server.filling, { job });
    if (filled === job && answer.doing) drawCount(answer.doing);
  }, 500);
  const answer = await ask(server.fill, { project, engine: find(".engine-name").value, memory: find(".memory").checked, job });
  clearInterval(timer);
  filled = null;
  find(".halt").hidden = true;
  if (answer.refused) { drawCount(answer.refused, true); return; }
  if (project === open.project) {
    say("patched", { answer, verb: "fill" });
    if (answer.said && answer.said.length) drawCount(answer.said.join("; "));
  }
  offerFilling();
});
find(".halt").addEventListener("click", () => { if (filled) { ask(server.halt, { job: filled }); drawCount("stopping"); } });
on("project", offerFilling);
on("opened", async () => { // one version alone was opened to have it translated
  await line; // after it is shown
  if (!rows.length || rows.some((row) => row[SOURCE] !== null && row[TARGET] !== null)) return;
  await offerFilling();
  if (!filler.hidden && !filled) filler.requestSubmit();
});

const wanted = Number(new URL(location.href).searchParams.get("project"));
load(Number.isInteger(wanted) && wanted > 0 ? wanted : null);
