"use strict";
// Pictures from numbers, drawn as SVG.
const { el, ask, on, say, open } = window.workbench;
const find = (selector) => element.querySelector(selector);
const SPACE = "http://www.w3.org/2000/svg", SIZE = 600;
let stale = true;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

async function see() {
  if (open.project === null || element.offsetParent === null || !stale) return;
  stale = false;
  find(".sum").textContent = "measuring …";
  const project = open.project, answer = await ask(server.picture, { project });
  if (project !== open.project) return;
  if (answer.refused) { find(".sum").textContent = answer.refused; stale = true; return; }
  const { sizes, path, verified, unscored } = answer;
  find(".sum").textContent = `${path.length.toLocaleString("en")} rows, ${verified.toLocaleString("en")} accepted, ${unscored.toLocaleString("en")} without a score; ${sizes[0].toLocaleString("en")} and ${sizes[1].toLocaleString("en")} sentences`;
  find(".plot").replaceChildren(plot(answer));
  find(".histogram").replaceChildren(histogram(answer.histogram));
  find(".tables").replaceChildren(table("Type", answer.types), table("Target by", answer.origins));
}

function plot({ sizes, path, dots }) {
  const sx = SIZE / Math.max(1, sizes[1]), sy = SIZE / Math.max(1, sizes[0]);
  const picture = svg("svg", { viewBox: `-4 -4 ${SIZE + 8} ${SIZE + 8}`, role: "img", "aria-label": "Dot plot of similarity with the path of the rows" });
  picture.append(svg("rect", { x: 0, y: 0, width: SIZE, height: SIZE, class: "frame" }));
  const r = Math.max(1, Math.min(5, Math.min(sx, sy) / 2.2));
  for (const [i, j, alike] of dots) picture.append(svg("circle", { cx: (j + 0.5) * sx, cy: (i + 0.5) * sy, r, class: "dot", "fill-opacity": (alike * alike * 0.7).toFixed(3) }));
  const step = Math.max(1, Math.ceil(path.length / 4000));
  for (let k = 0; k < path.length; k += step) {
    const [a, , c, , score, key] = path[k], [, b, , d] = path[Math.min(path.length, k + step) - 1];
    const line = svg("line", { x1: c * sx, y1: a * sy, x2: d * sx, y2: b * sy, class: score !== null && score < 0.9 ? "step doubtful" : "step" });
    line.addEventListener("click", () => say("jump", { key }));
    picture.append(line);
  }
  return picture;
}

function histogram(bins) {
  const top = Math.max(1, ...bins), width = SIZE / bins.length;
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} 200`, role: "img", "aria-label": "Histogram of confidences" });
  bins.forEach((count, k) => {
    const height = count ? Math.max(2, (155 * count) / top) : 0, value = (k + 0.5) / bins.length;
    picture.append(svg("rect", { x: k * width + 1, y: 180 - height, width: width - 2, height, "data-count": count, class: value >= 0.9 ? "good" : value >= 0.5 ? "check" : "unsure" }));
    if (count) picture.append(svg("text", { x: (k + 0.5) * width, y: 174 - height, "text-anchor": "middle" }, count.toLocaleString("en")));
  });
  picture.append(svg("line", { x1: 0, y1: 180, x2: SIZE, y2: 180, class: "axis" }));
  for (const tick of [0, 0.5, 0.9, 1]) picture.append(svg("text", { x: Math.min(SIZE - 8, Math.max(8, tick * SIZE)), y: 196, "text-anchor": "middle" }, String(tick)));
  return picture;
}

function table(title, counts) {
  return el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, title), el("th", { scope: "col" }, "rows"))),
    el("tbody", {}, ...counts.map(([name, n]) => el("tr", {}, el("td", {}, name), el("td", {}, n.toLocaleString("en"))))));
}

on("project", () => { stale = true; see(); });
on("changed", () => { stale = true; });
new IntersectionObserver(see).observe(element);
see();
