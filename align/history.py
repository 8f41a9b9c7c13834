"""Undo and redo without limit: a history holds whole bitexts, which share the rows that did not change."""

from __future__ import annotations

from dataclasses import dataclass

from align.bitext import Bitext, OptionError

Step = tuple[str, Bitext]


@dataclass(frozen=True, slots=True)
class History:
    """`present` is the bitext as it is now. `past`: what was done, oldest first, each with the bitext before it; `future`: what was undone,
    next first, each with the bitext after it. A new history is History(bitext)."""

    present: Bitext
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    @property
    def can_undo(self) -> bool:
        return bool(self.past)

    @property
    def can_redo(self) -> bool:
        return bool(self.future)

    @property
    def names(self) -> tuple[str, ...]:
        """What was done and can be undone, oldest first."""
        return tuple(name for name, _ in self.past)

    def do(self, name: str, bitext: Bitext) -> History:
        """One more step; what was undone is forgotten. The very bitext that is present changes nothing and is no step."""
        if bitext is self.present:
            return self
        return History(bitext, (*self.past, (name, self.present)))

    def undo(self) -> History:
        """One step back. OptionError when there is none."""
        if not self.past:
            raise OptionError("nothing to undo: no step was made, or all were undone; ask can_undo first")
        name, before = self.past[-1]
        return History(before, self.past[:-1], ((name, self.present), *self.future))

    def redo(self) -> History:
        """One step forward again. OptionError when there is none."""
        if not self.future:
            raise OptionError("nothing to redo: no step was undone since the last one was made; ask can_redo first")
        name, after = self.future[0]
        return History(after, (*self.past, (name, self.present)), self.future[1:])
