"""python -m align ... is the command bitext."""

from align.cli import main

main()
