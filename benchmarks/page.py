"""How fast the page is, in a real browser: 20,000 rows until shown, one edit until painted, the next-doubtful key, scrolling.

    python -m benchmarks.page [--rows 20000]
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import app
from align.bitext import Bitext, Evidence, Row, Sentence
from align.store import Store

ENGLISH = "The commission of the river basin met in March and agreed on a plan for the harbours the bridges and the power lines"
RUSSIAN = "Комиссия речного бассейна собралась в марте и согласовала план для портов мостов и линий электропередачи"
PAINTED = "new Promise(done => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => done(performance.now()); c.port2.postMessage(0); }))"
KEY = """async ([key, done]) => {
  const start = performance.now();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const fits = new Function("return " + done);
  if (!fits()) await new Promise((go) => {
    const seen = new MutationObserver(() => { if (fits()) { seen.disconnect(); go(); } });
    seen.observe(document.querySelector(".reader"), { subtree: true, childList: true, attributes: true, characterData: true });
  });
  return (await PAINTED) - start;
}""".replace("PAINTED", PAINTED)


def made(count: int) -> Bitext:
    """Rows of seeded words; one in fifty is doubtful, and a paragraph has five."""
    chance = random.Random(3)
    rows, sides = [], ([], [])  # type: ignore[var-annotated]
    for k in range(count):
        source, target = (" ".join(chance.choices(words.split(), k=chance.randrange(8, 30))) + f" {k}." for words in (ENGLISH, RUSSIAN))
        for side, text in zip(sides, (source, target), strict=True):
            side.append(Sentence(k, text, k * 300, k * 300 + len(text), k // 5))
        score = chance.random() * 0.9 if k % 50 == 49 else 0.9 + chance.random() / 10
        rows.append(Row(source, target, (k,), (k,), score, 0.7, evidence=Evidence(1.0, (str(k),))))
    return Bitext(tuple(rows), "en", "ru", tuple(sides[0]), tuple(sides[1]))


def measured(page: Any, key: str, done: str) -> float:
    return float(page.evaluate(KEY, [key, done]))


def figures(count: int, chromium: str) -> dict[str, str]:
    """What was measured, by name."""
    from playwright.sync_api import sync_playwright

    folder = tempfile.mkdtemp()
    Store(Path(folder) / "p.sqlite").save("Benchmark", made(count))
    blocks = app.launch(Store(Path(folder) / "p.sqlite"), None, quiet=True)  # a fresh one: nothing is in memory
    found: dict[str, str] = {}
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for name in ("first time, read from the file", "again"):
            page.goto(f"{blocks.local_url}?project=1")
            page.wait_for_selector("[data-ready='1'] .row")
            found[f"{count:,} rows shown, {name}"] = f"{page.evaluate(PAINTED) / 1000:.2f} s"
        size = page.evaluate("Math.round(performance.memory.usedJSHeapSize / 1e6)")
        found["nodes, heap"] = f"{page.evaluate('document.querySelectorAll(String.fromCharCode(42)).length'):,}, {size} MB"
        found["next doubtful row"] = spread([measured(page, "n", "document.querySelector('.reader .row.on')") for _ in range(40)])
        accept = []
        for _ in range(30):
            page.keyboard.press("j")
            accept.append(measured(page, "a", "document.querySelector('.reader .row.on').textContent.includes('accepted')"))
        found["accept until painted"] = spread(accept)
        edits = []
        for k in range(30):
            page.keyboard.press("j")
            page.keyboard.press("e")
            page.keyboard.type(f" edit{k}")
            edits.append(measured(page, "Enter", f"!document.querySelector('.reader textarea') && document.querySelector('.reader .row.on').textContent.includes('edit{k}')"))
        found["edit of a text until painted"] = spread(edits)
        merges = []
        for _ in range(10):
            last = page.evaluate("document.querySelector('.reader .row.on').nextSibling.dataset.key")
            merges.append(measured(page, "m", f"!document.querySelector(\".reader [data-key='{last}']\")"))
        found["merge until painted"] = spread(merges)
        undos = []
        for _ in range(10):
            seen = page.evaluate("document.querySelector('.reader .saved').textContent")
            undos.append(measured(page, "z", f"document.querySelector('.reader .saved').textContent !== {seen!r}"))
        found["undo until painted"] = spread(undos)
        worst = page.evaluate("""async () => { let last = performance.now(), worst = 0; for (let k = 0; k < 120; k++) { scrollBy(0, 160);
            const now = await new Promise(requestAnimationFrame); worst = Math.max(worst, now - last); last = now; } return worst; }""")
        found["scrolling, longest frame"] = f"{worst:.0f} ms"
        browser.close()
    blocks.close()
    shutil.rmtree(folder, ignore_errors=True)
    return found


def spread(values: list[float]) -> str:
    """Median and worst of milliseconds."""
    return f"median {statistics.median(values):.0f} ms, worst {max(values):.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("the page is measured in chromium: apt-get install chromium")
    for name, value in figures(given.rows, chromium).items():
        print(f"{name:<52}{value}")


if __name__ == "__main__":
    main()
