"""The search: corners of the body of all counts that fit, until every target is settled."""

from collections.abc import Sequence

import numpy as np

from indicators.delivery.attack.outcome import Finding, SolverFailed
from indicators.delivery.attack.ranges import MIN_WIDTH, NEARLY, SMALL_COUNT, Shares, Sums
from indicators.delivery.attack.solver import Extra, Solver
from indicators.delivery.attack.system import Floats, System

SWEEPS = 80
ROOM = 50.0  # how far from the truth a count is looked for: far more than MIN_WIDTH, and less is the safe side
PATIENCE = 8  # rounds without a gain
SEED = 20120926


class Attacker:
    """Looks for the least and greatest value of each target; keeps the widest range seen."""

    def __init__(self, system: System) -> None:
        self.truth = np.array(system.truth, dtype=float)
        self.rows, self.lower, self.upper = system.rows()
        self.targets = Sums(system, len(self.truth))
        self.shares = Shares(system.shares, len(self.truth))
        self.solver = self._solver()
        self.seen: list[Floats] = []  # counts that fit everything
        self.chance = np.random.default_rng(SEED)
        self.solved = 0
        assert self._fits(self.truth)  # noqa: S101 - or the attack would be one on something else

    def _solver(self) -> Solver:
        """The solver looks for how far each count lies from the truth. These are small numbers, whatever the counts,
        so that its tolerances mean the same for five cases and for half a million."""
        sums = self.rows @ self.truth
        room = np.full(len(self.truth), ROOM)
        return Solver(self.rows, self.lower - sums, self.upper - sums, -np.minimum(self.truth, room), room)

    def recall(self, hints: Sequence[Floats]) -> None:
        """Counts that an attack on nearly the same figures found: where they fit these too, they need no search."""
        for counts in hints:
            if len(counts) == len(self.truth) and self._fits(counts):
                self._learn(counts)
                self.seen.append(counts)

    def _fits(self, counts: Floats) -> bool:
        sums = self.rows @ counts
        return bool((sums >= self.lower - NEARLY).all() and (sums <= self.upper + NEARLY).all())

    def sweep(self) -> None:
        """Push all open targets at once, each up or down by chance: one solution settles many."""
        for kind in (self.targets, self.shares):
            idle = 0
            for number in range(SWEEPS):
                still_open = kind.open()
                if not len(still_open) or idle == PATIENCE:
                    break
                self._solve(kind.push(still_open, number, self.chance))
                idle = 0 if len(kind.open()) < len(still_open) else idle + 1

    def settle(self, *, thorough: bool) -> list[Finding]:
        """Each target left by itself. Unless thorough, one finding per area is enough: it will be told less of in
        any case."""
        findings: list[Finding] = []
        areas: set[str] = set()
        for kind in (self.targets, self.shares):
            for number in kind.open():
                name = kind.names[number]
                if kind.is_safe(number) or (name.area in areas and not thorough):
                    continue
                low, high = self._extremes(kind, number)
                if high - low < MIN_WIDTH and high >= 1 and low <= SMALL_COUNT:
                    findings.append(Finding(name, low, high))
                    areas.add(name.area)
        return findings

    def _extremes(self, kind: Sums | Shares, number: int) -> tuple[int, int]:
        goal, extra = kind.single(number)
        if kind.low[number] > 0:
            self._solve(goal, extra)
        if not kind.is_safe(number):
            self._solve(-goal, extra)
        return kind.interval(number)

    def _solve(self, goal: Floats, extra: Extra | None = None) -> None:
        """Find counts that fit everything and make the goal least, and learn from them."""
        self.solved += 1
        if extra is None:
            distances = self.solver.minimize(goal)
        else:
            distances = self.solver.minimize_with(goal, extra, ROOM, self.truth)
        counts = np.maximum(self.truth + distances, 0)
        if not self._fits(counts):
            raise SolverFailed("The solver's answer breaks an inequality.")
        self._learn(counts)
        self.seen.append(counts)

    def _learn(self, counts: Floats) -> None:
        self.targets.learn(counts)
        self.shares.learn(counts)
