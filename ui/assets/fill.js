// Filling: goes on where correct.js ends, in the same function. Reading and editing go on meanwhile.

const filler = find(".fill");
let filled = null, offers = { project: null, engines: [] }; // the project that is being filled; the engines for the one that is open
const filling = jobs(server, find(".halt"), (...said) => { if (filled === open.project) drawCount(...said); });

const lacking = () => rows.reduce((sum, row) => sum + (row[SOURCE] === null || row[TARGET] === null ? 1 : 0), 0);

async function offerFilling() {
  const project = open.project;
  if (!lacking() || filling.busy()) { recount(); return; }
  if (offers.project !== project) {
    const answer = await ask(server.engines, { project });
    if (answer.refused || project !== open.project) return;
    offers = { project, engines: answer.engines };
    const list = find(".engine-name"), before = list.value;
    list.replaceChildren(...answer.engines.map((name) => el("option", { value: name }, name)));
    if (answer.engines.includes(before)) list.value = before;
  }
  recount();
}

function recount() {
  const count = lacking();
  filler.hidden = filling.busy() ? filled !== open.project : !count || offers.project !== open.project || !offers.engines.length;
  find(".lacking").textContent = `${count.toLocaleString("en")} ${count === 1 ? "row lacks" : "rows lack"} a side`;
}

filler.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (filling.busy()) return;
  const project = filled = open.project;
  const answer = await filling.run(server.fill, { project, engine: find(".engine-name").value, memory: find(".memory").checked }, "translating");
  if (answer.refused) { drawCount(answer.refused, true); offerFilling(); return; }
  if (project === open.project) {
    say("patched", { answer, verb: "fill" });
    if (answer.said && answer.said.length) drawCount(answer.said.join("; "));
  }
  offerFilling();
});
on("project", () => { offers.project = null; offerFilling(); });
on("changed", offerFilling);
on("opened", async () => { // one version alone was opened to have it translated
  await line; // after it is shown
  if (!rows.length || rows.some((row) => row[SOURCE] !== null && row[TARGET] !== null)) return;
  await offerFilling();
  if (!filler.hidden && !filling.busy()) filler.requestSubmit();
  else if (offers.project === open.project && !offers.engines.length) drawCount(`no engine works here for ${open.languages.join(" and ")}; bitext engines says what could be installed`, true);
});

const wanted = Number(new URL(location.href).searchParams.get("project"));
load(Number.isInteger(wanted) && wanted > 0 ? wanted : null);
