"""Draws docs/table.svg, the README's picture: python docs/picture.py"""

import io
from pathlib import Path

from rich.console import Console

import align
from align.terminal import table_of


def main() -> None:
    here = Path(__file__).parent
    bitext = align.files(here.parent / "samples/seed-vault.en.html", here.parent / "samples/seed-vault.ru.docx")
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(table_of(bitext, 4, 20))
    console.save_svg(str(here / "table.svg"), title="bitext align seed-vault.en.html seed-vault.ru.docx")


if __name__ == "__main__":
    main()
