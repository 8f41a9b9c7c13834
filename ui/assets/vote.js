// Voting blind: goes on where compare.js ends, in the same function. Names of engines never come with the ballots.

let ballots = [], given = new Map(), turn = 0;
const voter = () => find(".voter").value;

async function beginVoting() {
  const answer = await ask(server.ballots, { comparison: result.comparison, voter: voter() });
  if (answer.refused) { tell(answer.refused, true); return; }
  ballots = answer.ballots;
  given = new Map(answer.votes);
  turn = Math.max(0, ballots.findIndex(([row]) => !given.has(row)));
  element.classList.add("blind");
  find(".voting").hidden = false;
  find(".counted").replaceChildren();
  drawBallot();
}

function leaveVoting() {
  element.classList.remove("blind");
  find(".voting").hidden = true;
}

function drawBallot() {
  const [row, source, options] = ballots[turn];
  const chosen = given.has(row) ? given.get(row) : undefined;
  find(".standing").textContent = `${turn + 1} of ${ballots.length}, ${given.size} voted${result.count > ballots.length ? `; ${result.count - ballots.length} rows where all texts are the same are left out` : ""}`;
  const choice = (k, label, text) => el("button", { type: "button", class: "option", "aria-pressed": String(chosen === k), click: () => choose(k) }, el("kbd", {}, label), " ",
    el("span", { lang: k === null ? "en" : result.languages[1], dir: k === null ? "ltr" : result.directions[1] }, text));
  find(".ballot").replaceChildren(el("div", { class: "side source", lang: result.languages[0], dir: result.directions[0] }, source),
    ...options.map((text, k) => choice(k, String(k + 1), text || "(no text)")), choice(null, "0", "none is better"));
}

let casting = Promise.resolve(); // one vote after another
function choose(k) {
  const at = turn; // the ballot that was read
  casting = casting.then(() => (ballots[at] && (k === null || ballots[at][2][k] !== undefined) ? cast(k, at) : null), () => null);
}

async function cast(choice, at) {
  const [row] = ballots[at];
  const answer = await ask(server.vote, { comparison: result.comparison, row, choice, voter: voter() });
  if (answer.refused) { tell(answer.refused, true); return; }
  given.set(row, choice);
  find(".counted").replaceChildren();
  if (turn === at && turn + 1 < ballots.length) turn += 1;
  drawBallot();
}

async function countVotes() {
  const answer = await ask(server.count, { comparison: result.comparison });
  if (answer.refused) { tell(answer.refused, true); return; }
  const { counts, none, votes, standings } = answer;
  const lines = standings.map(([a, b, better, worse, ties, p]) => `${a} against ${b}: ${better} to ${worse}, ${ties} undecided (p = ${p.toPrecision(2)})`);
  find(".counted").replaceChildren(el("p", {}, `${votes} vote${votes === 1 ? "" : "s"}: ${[...counts.map(([name, n]) => `${name} ${n}`), `none ${none}`].join(", ")}`), ...lines.map((line) => el("p", {}, line)));
}

find(".vote").addEventListener("click", beginVoting);
find(".leave").addEventListener("click", () => { leaveVoting(); ask(server.offer, { project: open.project }).then((answer) => { if (!answer.refused) { drawKept(answer.kept); find(".kept").value = String(result.comparison); } }); });
find(".voter").addEventListener("change", beginVoting);
find(".count").addEventListener("click", countVotes);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || find(".voting").hidden || element.offsetParent === null || event.target.closest("input, textarea, select")) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step && ballots[turn + step]) { event.preventDefault(); turn += step; drawBallot(); }
  if (!/^[0-9]$/.test(event.key)) return;
  const k = Number(event.key);
  event.preventDefault();
  choose(k === 0 ? null : k - 1);
});
offer();
