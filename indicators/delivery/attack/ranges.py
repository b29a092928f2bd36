"""Counts that somebody could want to know, each with the least and greatest value that was seen of it."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from indicators.delivery.attack.outcome import Target
from indicators.delivery.attack.solver import Extra
from indicators.delivery.attack.system import Floats, Ints, Share, System, matrix_of

MIN_WIDTH = 3  # greatest less least value: a narrower interval tells the count, or nearly
SMALL_COUNT = 9  # the counts that must not be told
NEARLY = 1e-6


class Ranges:
    """Targets of one kind, with the least and greatest value that was seen of each."""

    names: list[Target]
    true: Floats
    low: Floats
    high: Floats

    def interval(self, number: int) -> tuple[int, int]:
        """The whole numbers in the range seen."""
        return math.ceil(self.low[number] - NEARLY), math.floor(self.high[number] + NEARLY)

    def is_safe(self, number: int) -> bool:
        low, high = self.interval(number)
        return high - low >= MIN_WIDTH

    def open(self) -> Ints:
        """Not known to be safe yet. Only an interval that reaches a small count and is narrow can harm, so a true
        value beyond 11 cannot."""
        width = np.floor(self.high + NEARLY) - np.ceil(self.low - NEARLY)
        return np.flatnonzero((self.true < SMALL_COUNT + MIN_WIDTH) & (width < MIN_WIDTH))

    def widen(self, low: Floats, high: Floats) -> None:
        self.low, self.high = np.minimum(self.low, low), np.maximum(self.high, high)


class Sums(Ranges):
    """Counts and totals: sums of unknowns."""

    def __init__(self, system: System, width: int) -> None:
        self.names = [target for target, _members in system.targets.values()]
        members = [numbers for _target, numbers in system.targets.values()]
        self.matrix = matrix_of(members, [np.ones(len(numbers)) for numbers in members], width)
        self.true = self.matrix @ np.array(system.truth, dtype=float)
        self.low, self.high = self.true, self.true

    def learn(self, counts: Floats) -> None:
        values = self.matrix @ counts
        self.widen(values, values)

    def push(self, targets: Ints, number: int, chance: np.random.Generator) -> Floats:
        """A goal: all up, all down, then each by chance."""
        weights = np.full(len(targets), 2.0 * number - 1)
        if number > 1:
            weights = chance.choice([-1.0, 1.0], len(targets)) * chance.exponential(1, len(targets))
        return np.asarray(weights @ self.matrix[targets], dtype=float)

    def single(self, number: int) -> tuple[Floats, None]:
        return np.asarray(self.matrix[number].toarray().ravel(), dtype=float), None


class Shares(Ranges):
    """States' finer counts, whose ranges follow from the counts around them."""

    def __init__(self, shares: Sequence[Share], width: int) -> None:
        self.shares, self.width = shares, width
        self.names = [share.target for share in shares]
        self.true = np.array([share.true for share in shares], dtype=float)
        self.low, self.high = self.true, self.true
        self.own = np.array([share.own for share in shares], dtype=np.int64)
        self.fine = np.array([share.fine for share in shares], dtype=np.int64)
        groups = {id(share.everything): share.everything for share in shares}
        order = {key: place for place, key in enumerate(groups)}
        self.group = np.array([order[id(share.everything)] for share in shares], dtype=np.int64)
        self.sums = matrix_of(list(groups.values()), [np.ones(len(group)) for group in groups.values()], width)

    def learn(self, counts: Floats) -> None:
        own, fine, whole = counts[self.own], counts[self.fine], (self.sums @ counts)[self.group]
        self.widen(np.maximum(0, own + fine - whole), np.minimum(own, fine))

    def push(self, targets: Ints, number: int, chance: np.random.Generator) -> Floats:
        """Up: both sums around some of the finer counts. Their least value is 0 nearly everywhere."""
        goal = np.zeros(self.width)
        some = targets[chance.random(len(targets)) < 2.0 ** -(number % 4)]
        np.subtract.at(goal, self.own[some], chance.exponential(1, len(some)))
        np.subtract.at(goal, self.fine[some], chance.exponential(1, len(some)))
        return goal

    def single(self, number: int) -> tuple[Floats, Extra]:
        """One more unknown, at most both sums and at least what cannot lie elsewhere."""
        share = self.shares[number]
        rows = np.zeros((3, self.width + 1))
        rows[:, self.width] = 1
        rows[0, share.own] = rows[1, share.fine] = -1
        rows[2, share.everything] = 1
        rows[2, [share.own, share.fine]] -= 1
        goal = np.zeros(self.width + 1)
        goal[self.width] = 1
        low, high = np.array([-np.inf, -np.inf, 0]), np.array([0, 0, np.inf])
        return goal, Extra(share.true, csr_matrix(rows), low, high)
