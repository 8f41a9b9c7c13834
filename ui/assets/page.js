"use strict";
// What all panels share: making nodes, places of characters, the project that is open, and saying things. Texts become text nodes, never HTML.
window.workbench = (() => {
  const bus = new EventTarget();
  const open = { project: null, revision: 0, name: "", languages: ["und", "und"], directions: ["auto", "auto"] };

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") node.addEventListener(name, value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  const wide = (text) => /[\ud800-\udfff]/.test(text);
  // Python counts characters, JavaScript halves of some of them.
  function toUnits(text, places) {
    if (!wide(text)) return places;
    const at = [0];
    for (const char of text) at.push(at[at.length - 1] + char.length);
    return places.map((p) => at[Math.min(p, at.length - 1)]);
  }
  function toCharacters(text, unit) { return wide(text) ? Array.from(text.slice(0, unit)).length : unit; }

  // Text with marks: spans are [start, end, attributes], in characters; what overlaps an earlier one is left out.
  function marked(text, spans) {
    const out = [];
    let at = 0;
    for (const [start, end, attributes] of [...spans].sort((a, b) => a[0] - b[0])) {
      const [from, to] = toUnits(text, [start, end]);
      if (from < at || to <= from) continue;
      out.push(text.slice(at, from), el("mark", attributes || {}, text.slice(from, to)));
      at = to;
    }
    out.push(text.slice(at));
    return out.filter((part) => part !== "");
  }

  function side(k, text, spans) {
    const about = { class: "side", lang: open.languages[k], dir: open.directions[k] };
    return text === null ? el("div", { ...about, class: "side missing" }) : el("div", about, ...marked(text, spans || []));
  }

  // A call that fails throws, or, where Gradio catches what is thrown, answers undefined.
  async function ask(call, asked) {
    const nobody = { refused: "the server does not answer; is the program still running?" };
    try {
      const answer = await call(asked);
      return answer === undefined ? nobody : answer;
    } catch (error) {
      return nobody;
    }
  }

  // Saves a file that the server made, under the name that it chose.
  function download({ name, data }) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  // Jobs of a panel, one at a time: what the server is doing is told until it answers, and a button stops it.
  function jobs(server, stopper, tell) {
    let job = null;
    stopper.addEventListener("click", () => { if (job) { ask(server.stop, { job }); tell("stopping"); } });
    const busy = () => job !== null;
    async function run(call, asked, first) {
      const mine = job = String(Date.now()) + Math.random();
      stopper.hidden = false;
      tell(first);
      const timer = setInterval(async () => {
        const answer = await ask(server.progress, { job: mine });
        if (job === mine && answer.doing) tell(answer.doing);
      }, 400);
      const answer = await ask(call, { ...asked, job: mine });
      clearInterval(timer);
      job = null;
      stopper.hidden = true;
      return answer;
    }
    return { busy, run };
  }

  // The sign of a text that no person wrote: who did.
  function maker(origin) {
    return el("span", { class: "engine", dir: "ltr", lang: "en" }, origin.replace("machine:", "machine: "));
  }

  function tab(name) {
    const button = Array.from(document.querySelectorAll("button[role=tab]")).find((b) => b.textContent.trim() === name);
    if (button) button.click();
  }

  function on(name, callback) { bus.addEventListener(name, (event) => callback(event.detail)); }
  function say(name, detail) { bus.dispatchEvent(new CustomEvent(name, { detail })); }

  return { el, marked, side, toUnits, toCharacters, ask, download, jobs, maker, tab, on, say, open };
})();
