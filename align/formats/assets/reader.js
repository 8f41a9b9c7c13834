"use strict";
// The keys of the reader: one row has the focus, and j, k, n and p move it.
const rows = Array.from(document.querySelectorAll("tbody tr"));

function place() {
  return rows.indexOf(document.activeElement && document.activeElement.closest("tbody tr"));
}

function go(row) {
  if (!row) return;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", "#" + row.id);
}

function move(fits, step) {
  let at = place();
  if (at < 0 && step < 0) at = rows.length;
  do at += step; while (at >= 0 && at < rows.length && !fits(rows[at]));
  go(rows[at]);
}

const any = () => true;
const doubtful = (row) => row.classList.contains("doubtful");

const KEYS = {
  j: () => move(any, 1), ArrowDown: () => move(any, 1),
  k: () => move(any, -1), ArrowUp: () => move(any, -1),
  n: () => move(doubtful, 1), p: () => move(doubtful, -1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("tbody tr");
  if (row && String(window.getSelection()) === "") go(row);
});

if (location.hash) go(document.getElementById(location.hash.slice(1)));
document.documentElement.dataset.keys = "on";
