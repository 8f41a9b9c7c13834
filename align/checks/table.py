"""What a check is: a function from a bitext to hits, and a line in the table of `align.checks`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from align.bitext import Bitext, Span

if TYPE_CHECKING:
    import numpy as np

    from models import Encoder


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found in a row: `score`, how sure it is, in [0, 1]; the rest as in `Finding`."""

    row: int
    score: float
    reason: str
    source_spans: tuple[Span, ...] = ()
    target_spans: tuple[Span, ...] = ()
    other: int | None = None


@dataclass(slots=True)
class Context:
    """What checks share while they look at one bitext: an encoder (None = checks that need one find nothing), the glossary as (source term, target term), vectors once made, moved
    passages once looked for."""

    encoder: Encoder | None = None
    glossary: Sequence[tuple[str, str]] = ()
    known: dict[str, np.ndarray] = field(default_factory=dict)
    moved: list[Any] | None = None  # (Place, Place, sureness) of `passages`

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of texts, each text encoded once; ValueError without an encoder."""
        import numpy as np

        from align.vectors import encode

        if self.encoder is None:
            raise ValueError("this check needs an encoder")
        new = [t for t in dict.fromkeys(texts) if t not in self.known]
        if new:
            self.known.update(zip(new, encode(new, self.encoder), strict=True))
        return np.stack([self.known[t] for t in texts]) if texts else np.zeros((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class Check:
    """`find` in `module`; a score of `error` or more is an error, of `warning` or more a warning, below that a piece of information."""

    module: str
    find: str
    warning: float
    error: float
    about: str


Find = Callable[[Bitext, Context], Iterator[Hit]]
