"""Unknown counts, and what is known of them: linear inequalities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from indicators.delivery.attack.outcome import Target

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """A State's finer count: at most its coarser count and the hemisphere's finer one, and at least what of both
    cannot lie elsewhere."""

    target: Target
    true: int
    own: int  # unknowns: the State's coarser count, the hemisphere's finer one, all States' coarser ones
    fine: int
    everything: Ints


class System:
    """Unknown counts, and the inequalities between them."""

    def __init__(self) -> None:
        self.truth: list[int] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.shares: list[Share] = []
        self._members: list[Ints] = []
        self._signs: list[Floats] = []
        self._seen: dict[bytes, int] = {}
        self.targets: dict[bytes, tuple[Target, Ints]] = {}

    def unknown(self, value: int) -> int:
        self.truth.append(value)
        return len(self.truth) - 1

    def true_sum(self, members: Ints) -> int:
        return sum(self.truth[number] for number in members)

    def between(self, members: Ints, low: float, high: float) -> None:
        """The sum of these unknowns lies between; the same sum stated twice is one row."""
        if not len(members):
            return
        key = np.sort(members).tobytes()
        if key in self._seen:
            row = self._seen[key]
            self.lower[row], self.upper[row] = max(self.lower[row], low), min(self.upper[row], high)
            return
        self._seen[key] = len(self.lower)
        self._add(members, np.ones(len(members)), low, high)

    def order(self, plus: Ints, minus: Ints, low: float, high: float) -> None:
        """The difference of two sums lies between."""
        signs = np.concatenate([np.ones(len(plus)), -np.ones(len(minus))])
        self._add(np.concatenate([plus, minus]), signs, low, high)

    def _add(self, members: Ints, signs: Floats, low: float, high: float) -> None:
        self._members.append(members)
        self._signs.append(signs)
        self.lower.append(low)
        self.upper.append(high)

    def aim(self, target: Target, members: Ints) -> None:
        if len(members):
            self.targets.setdefault(np.sort(members).tobytes(), (target, members))

    def rows(self) -> tuple[Any, Floats, Floats]:
        """The inequalities: matrix, least and greatest sums."""
        matrix = matrix_of(self._members, self._signs, len(self.truth))
        return matrix, np.array(self.lower), np.array(self.upper)


def matrix_of(members: Sequence[Ints], signs: Sequence[Floats], width: int) -> Any:
    starts = np.concatenate([[0], np.cumsum([len(row) for row in members])])
    indices = np.concatenate([*members, np.array([], dtype=np.int64)])
    data = np.concatenate([*signs, np.array([])])
    return csr_matrix((data, indices, starts), shape=(len(members), width))
