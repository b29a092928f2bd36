"""The portal attacks its own release: what could anybody compute from everything published so far?

The attacker knows the method, every figure of this and of all earlier releases, which State stands where and why
(the threshold), that tables of one measure share their margins, and which counts a later release left unchanged;
of those that changed, whether they rose or fell. Unknown are the counts. All of this is one system of linear
inequalities over integers, per measure and year: years share no unknown.

A count is safe when two complete sets of counts fit everything published and give it values at least three apart:
no attacker can then do better, whatever the method. HiGHS looks for such sets, for many counts at once, and asks
for each count left over what its least and greatest values are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack, vstack

from indicators.delivery.protect import (
    SMALL_STATE,
    SMALLEST_GROUP,
    UNKNOWN,
    Block,
    Escalation,
    Publication,
    Statement,
    area_members,
    bounds_of,
    totals,
)
from indicators.enums import CATALOGUE, GROUPS, OTHERS, SUBREGIONS, TOTAL, ReleaseTable, releases_of, tables_of

MIN_WIDTH = 3  # greatest less least value: a narrower interval tells the count, or nearly
SMALL_COUNT = 9  # the counts that must not be told
SWEEPS = 80
OPTIONS = {"time_limit": 60.0}
PATIENCE = 6  # rounds without a gain
NEARLY = 1e-6
SEED = 20120926
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Target:
    """A count somebody could want to know: a cell or a total of one State or group, in one release's version."""

    release: int
    table: str
    area: str
    row: str
    column: str


@dataclass(frozen=True)
class Finding:
    target: Target
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


@dataclass
class Outcome:
    """What an attack found. `cells`: how many true counts were from 1 to 9."""

    cells: int = 0
    findings: list[Finding] = field(default_factory=list)
    solved: int = 0  # calls of the solver

    @property
    def recovered(self) -> int:
        return sum(finding.is_exact for finding in self.findings)

    @property
    def narrow(self) -> int:
        return sum(not finding.is_exact for finding in self.findings)

    def add(self, other: "Outcome") -> None:
        self.cells += other.cells
        self.findings += other.findings
        self.solved += other.solved


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
        self.owner: list[int] = []  # State of each unknown
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.shares: list[Share] = []
        self._members: list[Ints] = []
        self._signs: list[Floats] = []
        self._seen: dict[bytes, int] = {}
        self.targets: dict[bytes, tuple[Target, Ints]] = {}

    def unknown(self, value: int, state: int) -> int:
        self.truth.append(value)
        self.owner.append(state)
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
        matrix = _matrix(self._members, self._signs, len(self.truth))
        return matrix, np.array(self.lower), np.array(self.upper)


def _matrix(members: Sequence[Ints], signs: Sequence[Floats], width: int) -> Any:
    starts = np.concatenate([[0], np.cumsum([len(row) for row in members])])
    indices = np.concatenate([*members, np.array([], dtype=np.int64)])
    data = np.concatenate([*signs, np.array([])])
    return csr_matrix((data, indices, starts), shape=(len(members), width))


# --- what the attacker knows -----------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """One measure and year as a release told it. `steps` are the audit's own, which nobody outside can tell apart."""

    release: int
    block: Block
    publication: Publication
    steps: frozenset[Escalation] = frozenset()


def build_system(versions: Sequence[Version]) -> System:
    """Everything known of one measure and year after these releases."""
    system = System()
    before: dict[tuple[str, str], tuple[Ints, Ints]] = {}
    for version in versions:
        view = _view(system, version, before)
        for statement in version.publication.statements:
            system.between(view.pick(statement), *bounds_of(statement.shown))
        _tell_margins(system, version.block, view)
        _tell_placement(system, version, view)
        _aim(system, version, view)
    return system


@dataclass
class View:
    """Numbers of the unknowns in one version: per return table State × row × column as States publish them, and for
    tables that only the hemisphere publishes in finer columns, row × column of the sum of all States."""

    counts: dict[str, Ints] = field(default_factory=dict)
    states: dict[str, Ints] = field(default_factory=dict)
    hemisphere: dict[str, Ints] = field(default_factory=dict)

    def pick(self, statement: Statement) -> Ints:
        table = CATALOGUE[statement.table]
        members, rows, _columns = statement.cells
        numbers = self.hemisphere[table.source.code] if table.level == "hemisphere" else self.states[table.source.code]
        columns = _places(table, statement.column)
        index = (rows, columns) if table.level == "hemisphere" else (members, rows, columns)
        return _known(numbers[np.ix_(*index)])


def _known(numbers: Ints) -> Ints:
    flat = numbers.ravel()
    return np.asarray(flat[flat != UNKNOWN], dtype=np.int64)


def _places(table: ReleaseTable, column: str) -> list[int]:
    codes = table.columns.codes
    return list(range(len(codes))) if column == TOTAL else [codes.index(column)]


def _of_states(measure: str) -> Iterator[ReleaseTable]:
    """The one table by which the States' figures of each return table are published."""
    return (table for table in releases_of(measure) if table.level == "state")


def _view(system: System, version: Version, before: dict[tuple[str, str], tuple[Ints, Ints]]) -> View:
    view, block = View(), version.block
    for table in _of_states(block.measure):
        code = table.source.code
        if code in block.counts:
            view.counts[code] = _merge_columns(block.counts[code], table)
            names = [(code, iso2) for iso2 in block.states]
            view.states[code] = _unknowns(system, view.counts[code], names, before)
    for table in releases_of(block.measure):
        if table.level == "hemisphere" and table.source.code in view.states:
            _view_hemisphere(system, version, table, view, before)
    return view


def _merge_columns(counts: Ints, table: ReleaseTable) -> Ints:
    parts = [counts[:, :, table.source_columns(code)] for code in table.columns.codes]
    merged = [np.where((p != UNKNOWN).any(axis=2), np.where(p == UNKNOWN, 0, p).sum(axis=2), UNKNOWN) for p in parts]
    return np.stack(merged, axis=2)


def _view_hemisphere(
    system: System, version: Version, table: ReleaseTable, view: View, before: dict[tuple[str, str], tuple[Ints, Ints]]
) -> None:
    """The finer counts of the hemisphere add up to the States' coarser ones. A State's own finer count can be
    anything that both sums allow (it is the cell of a transport problem), so it needs no unknown of its own."""
    code, block, release = table.source.code, version.block, version.release
    fine = _merge_columns(block.counts[code], table)
    whole = np.where((fine != UNKNOWN).any(axis=0), np.where(fine == UNKNOWN, 0, fine).sum(axis=0), UNKNOWN)
    numbers = _unknowns(system, whole[None], [(table.code, "")], before)[0]
    view.hemisphere[code] = numbers
    coarse = next(t for t in _of_states(block.measure) if t.source.code == code)
    for row in range(len(table.rows.categories)):
        for place, column in enumerate(coarse.columns.codes):
            columns = coarse.source_columns(column)
            parts, sums = _known(numbers[row, columns]), _known(view.states[code][:, row, place])
            if len(parts) and len(sums):
                system.order(parts, sums, 0, 0)
                for state, column in product(range(len(block.states)), columns):
                    value = int(fine[state, row, column])
                    target = Target(release, table.code, block.states[state], *table.names(row, column))
                    own, part = int(view.states[code][state, row, place]), int(numbers[row, column])
                    if value != UNKNOWN:
                        system.shares.append(Share(target, value, own, part, sums))


def _unknowns(
    system: System, counts: Ints, names: Sequence[tuple[str, str]], before: dict[tuple[str, str], tuple[Ints, Ints]]
) -> Ints:
    """Numbers of the unknowns of a table. A count that did not change since the release before is the same unknown."""
    numbers = np.full(counts.shape, UNKNOWN, dtype=np.int64)
    for state, name in enumerate(names):
        owner = state if name[1] else UNKNOWN
        old = before.get(name)
        for row, column in np.argwhere(counts[state] != UNKNOWN):
            value = int(counts[state, row, column])
            known = old is not None and old[0][row, column] != UNKNOWN
            previous = (int(old[0][row, column]), int(old[1][row, column])) if old is not None and known else None
            numbers[state, row, column] = _unknown(system, owner, value, previous)
        before[name] = (counts[state], numbers[state])
    return numbers


def _unknown(system: System, owner: int, value: int, previous: tuple[int, int] | None) -> int:
    if previous is None:
        return system.unknown(value, owner)
    value_before, number_before = previous
    if value == value_before:
        return number_before
    number = system.unknown(value, owner)
    low, high = (1, np.inf) if value > value_before else (-np.inf, -1)
    system.order(np.array([number]), np.array([number_before]), low, high)
    return number


def _tell_margins(system: System, block: Block, view: View) -> None:
    """Tables of one measure count the same people: their margins agree. Told wherever it is true."""
    tables = [table for table in tables_of(block.measure) if table.code in view.states]
    for one, other in zip(tables, tables[1:], strict=False):
        for state in range(len(block.states)):
            _tell_equal(system, view.states[one.code][state], view.states[other.code][state])
            if one.rows is other.rows:
                for row in range(len(one.rows.categories)):
                    _tell_equal(system, view.states[one.code][state, row], view.states[other.code][state, row])


def _tell_equal(system: System, one: Ints, other: Ints) -> None:
    plus, minus = _known(one), _known(other)
    if len(plus) and len(minus) and system.true_sum(plus) == system.true_sum(minus):
        system.order(plus, minus, 0, 0)


def _tell_placement(system: System, version: Version, view: View) -> None:
    """A State or group that stands alone has 30 or more in each table; one that does not has fewer."""
    block, placement = version.block, version.publication.placement
    for area in {area for area in placement.values() if area}:
        _tell_size(system, block, area_members(block, placement, area), view, stands=True)
    moved = {step.area for step in version.steps}
    for state, iso2 in enumerate(block.states):
        if iso2 in placement and placement[iso2] != iso2 and iso2 not in moved:
            _tell_size(system, block, [state], view, stands=False)
    for group in _groups_that_failed(block, placement):
        _tell_size(system, block, group, view, stands=False)


def _groups_that_failed(block: Block, placement: dict[str, str]) -> Iterator[list[int]]:
    homeless = [i for i, iso2 in enumerate(block.states) if placement.get(iso2) in ("", OTHERS.code)]
    for area in SUBREGIONS:
        members = [i for i in homeless if block.states[i] in area.states]
        if len(members) >= SMALLEST_GROUP:
            yield members
    nowhere = [i for i in homeless if placement[block.states[i]] == ""]
    if len(nowhere) >= SMALLEST_GROUP:
        yield nowhere


def _tell_size(system: System, block: Block, states: list[int], view: View, *, stands: bool) -> None:
    """Told only where it is true: the audit itself may have moved a State or hidden a group."""
    is_small = min(totals(block, states), default=0) < SMALL_STATE
    if stands == is_small:
        return
    for numbers in view.states.values():
        members = _known(numbers[states])
        if stands:
            system.between(members, SMALL_STATE, np.inf)
        elif system.true_sum(members) < SMALL_STATE:
            system.between(members, 0, SMALL_STATE - 1)


def _aim(system: System, version: Version, view: View) -> None:
    """Every count and total of every State at the detail of the catalogue, and every published sum."""
    for statement in version.publication.statements:
        target = Target(version.release, statement.table, statement.area, statement.row, statement.column)
        system.aim(target, view.pick(statement))
    for table in _of_states(version.block.measure):
        if table.source.code in view.states:
            numbers = view.states[table.source.code]
            for row, column in product([*table.rows.codes, TOTAL], [*table.columns.codes, TOTAL]):
                part = numbers[:, table.source_rows(row)][:, :, _places(table, column)]
                for state, iso2 in enumerate(version.block.states):
                    system.aim(Target(version.release, table.code, iso2, row, column), _known(part[state]))


# --- the attack ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """Inequalities to be added to a system, perhaps with further unknowns."""

    matrix: Any
    lower: Floats
    upper: Floats

    def below(self, matrix: Any, lower: Floats, upper: Floats) -> tuple[Any, Floats, Floats]:
        more = self.matrix.shape[1] - matrix.shape[1]
        padded = hstack([matrix, csr_matrix((matrix.shape[0], more))]) if more else matrix
        return vstack([padded, self.matrix]).tocsr(), np.append(lower, self.lower), np.append(upper, self.upper)


class Attacker:
    """Looks for the least and greatest value of each target; keeps the widest range seen."""

    def __init__(self, system: System) -> None:
        self.names = [target for target, _members in system.targets.values()]
        members = [numbers for _target, numbers in system.targets.values()]
        self.matrix = _matrix(members, [np.ones(len(numbers)) for numbers in members], len(system.truth))
        self.truth = np.array(system.truth, dtype=float)
        self.owner = np.array(system.owner)
        self.true = self.matrix @ self.truth
        self.low, self.high = self.true.copy(), self.true.copy()
        self.rows, self.lower, self.upper = system.rows()
        self.columns = self.rows.tocsc()
        self.shares = SharedCounts(system.shares, len(system.truth))
        self.chance = np.random.default_rng(SEED)
        self.solved = 0
        assert self.fits(self.truth)  # noqa: S101 - or the attack would be one on something else

    def fits(self, counts: Floats) -> bool:
        sums = self.rows @ counts
        return bool(((sums >= self.lower) & (sums <= self.upper)).all() and counts.min(initial=0) >= 0)

    def open_targets(self) -> Ints:
        return _open(self.true, self.low, self.high)

    def solve(self, goal: Floats, *, integers: bool, extra: Rows | None = None) -> Floats | None:
        """The counts that fit everything, and the extra rows, and make the goal least."""
        self.solved += 1
        matrix, lower, upper = extra.below(self.rows, self.lower, self.upper) if extra else (
            self.rows, self.lower, self.upper
        )  # fmt: skip
        return _least(goal, matrix, lower, upper, integers=integers)

    def solve_near(self, goal: Floats, free: Ints) -> Floats | None:
        """As `solve` in whole numbers, where all but the free unknowns keep their true value: a small problem, whose
        solutions are solutions of the whole."""
        self.solved += 1
        part = self.columns[:, free].tocsr()
        touched = np.flatnonzero(np.diff(part.indptr))
        fixed = (self.rows @ self.truth - part @ self.truth[free])[touched]
        result = _least(
            goal[free], part[touched], self.lower[touched] - fixed, self.upper[touched] - fixed, integers=True
        )
        if result is None:
            return None
        counts = self.truth.copy()
        counts[free] = result
        return counts

    def learn(self, counts: Floats | None) -> None:
        """Counts that fit widen the range of every target. Those of a solver that are not whole prove nothing."""
        if counts is None or np.abs(counts - counts.round()).max() > NEARLY or not self.fits(counts.round()):
            return
        values = self.matrix @ counts.round()
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)
        self.shares.learn(counts.round())

    def sweep(self) -> None:
        """Push all open targets at once, each up or down by chance: one solution settles many. Most vertices of these
        systems are whole, so that linear programming is enough at first."""
        for integers in (False, True):
            self._push(self.open_targets, self._directions, integers=integers)
            self._push(self.shares.open, self._share_directions, integers=integers)

    def _push(self, targets: Callable[[], Ints], directions: Callable[[Ints, int], Floats], *, integers: bool) -> None:
        idle = 0
        for number in range(SWEEPS):
            still_open = targets()
            if not len(still_open) or idle == PATIENCE:
                return
            self.learn(self.solve(directions(still_open, number), integers=integers))
            idle = 0 if len(targets()) < len(still_open) else idle + 1

    def _directions(self, targets: Ints, number: int) -> Floats:
        """All up, all down, then by chance."""
        weights = np.full(len(targets), 2.0 * number - 1)
        if number > 1:
            weights = self.chance.choice([-1.0, 1.0], len(targets)) * self.chance.exponential(1, len(targets))
        return np.asarray(weights @ self.matrix[targets], dtype=float)

    def _share_directions(self, targets: Ints, number: int) -> Floats:
        """Up: both sums around some of the finer counts. Their least value is 0 nearly everywhere."""
        goal = np.zeros(len(self.truth))
        some = targets[self.chance.random(len(targets)) < 2.0 ** -(number % 4)]
        np.subtract.at(goal, self.shares.own[some], self.chance.exponential(1, len(some)))
        np.subtract.at(goal, self.shares.fine[some], self.chance.exponential(1, len(some)))
        return goal

    def settle(self) -> list[Finding]:
        """Each target left by itself: a pair of fitting counts near the truth, or else its least and greatest value."""
        findings = []
        for target in self.open_targets():
            if self._is_safe(target) or self._look_nearby(target):
                continue
            low, high = self._extremes(target)
            if _is_harmful(low, high):
                findings.append(Finding(self.names[target], round(low), round(high)))
        return findings

    def _is_safe(self, target: int) -> bool:
        return bool(self.high[target] - self.low[target] >= MIN_WIDTH)

    def _look_nearby(self, target: int) -> bool:
        """Counts that differ from the truth in the target's own States and in two large ones, which take up what the
        sums of all allow."""
        goal = self._goal(target)
        owners = np.unique(self.owner[np.flatnonzero(goal)])
        weights = np.bincount(self.owner + 1, self.truth)[1:]
        free = np.flatnonzero(np.isin(self.owner, [UNKNOWN, *owners, *np.argsort(-weights)[:2]]))
        for sign in (-1, 1):
            self.learn(self.solve_near(sign * goal, free))
            if self._is_safe(target):
                return True
        return False

    def _goal(self, target: int) -> Floats:
        return np.asarray(self.matrix[target].toarray().ravel(), dtype=float)

    def _extremes(self, target: int) -> tuple[float, float]:
        """Least and greatest value by linear programming; where these are apart, in whole numbers."""
        goal = self._goal(target)
        low = 0.0 if self.low[target] == 0 else self._value(goal, 1, integers=False)
        high = self._value(goal, -1, integers=False)
        if high - low < MIN_WIDTH - NEARLY:
            return float(np.ceil(low - NEARLY)), float(np.floor(high + NEARLY))
        if not self._is_safe(target):
            self._ask(goal, self.low[target] + MIN_WIDTH, np.inf)
        if not self._is_safe(target) and self.low[target] > 0:
            self._ask(goal, 0, self.high[target] - MIN_WIDTH)
        if self._is_safe(target):
            return float(self.low[target]), float(self.high[target])
        return self._value(goal, 1, integers=True), self._value(goal, -1, integers=True)

    def _ask(self, goal: Floats, low: float, high: float) -> None:
        """Is there any fitting set of whole numbers that gives the target a value in this range?"""
        extra = Rows(csr_matrix(goal[None]), np.array([low]), np.array([high]))
        self.learn(self.solve(np.zeros_like(goal), integers=True, extra=extra))

    def _value(self, goal: Floats, sign: int, *, integers: bool) -> float:
        counts = self.solve(sign * goal, integers=integers)
        self.learn(counts)
        if counts is None:  # no end in that direction
            return sign * -np.inf
        return float(goal @ counts)

    def settle_shares(self) -> list[Finding]:
        """The finer counts left: each as one more unknown between its bounds."""
        findings = []
        for number in self.shares.open():
            if self.shares.high[number] - self.shares.low[number] >= MIN_WIDTH:
                continue  # settled by a solution for another
            low, high = self._share_extremes(number)
            if _is_harmful(low, high):
                findings.append(Finding(self.shares.shares[number].target, round(low), round(high)))
        return findings

    def _share_extremes(self, number: int) -> tuple[float, float]:
        low = 0.0 if self.shares.low[number] == 0 else self._share_value(number, 1, integers=False)
        high = self._share_value(number, -1, integers=False)
        if high - low < MIN_WIDTH - NEARLY:
            return float(np.ceil(low - NEARLY)), float(np.floor(high + NEARLY))
        return low, self._share_value(number, -1, integers=True)

    def _share_value(self, number: int, sign: int, *, integers: bool) -> float:
        width = len(self.truth)
        goal = np.zeros(width + 1)
        goal[width] = sign
        counts = self.solve(goal, integers=integers, extra=self.shares.rows(number))
        if counts is None:
            return sign * -np.inf
        self.learn(counts[:width])
        return float(counts[width])


class SharedCounts:
    """States' finer counts, whose ranges follow from the counts around them."""

    def __init__(self, shares: Sequence[Share], width: int) -> None:
        self.shares, self.width = shares, width
        self.true = np.array([share.true for share in shares], dtype=float)
        self.low, self.high = self.true.copy(), self.true.copy()
        self.own = np.array([share.own for share in shares], dtype=np.int64)
        self.fine = np.array([share.fine for share in shares], dtype=np.int64)
        everything = {id(share.everything): share.everything for share in shares}
        order = {key: place for place, key in enumerate(everything)}
        self.group = np.array([order[id(share.everything)] for share in shares], dtype=np.int64)
        self.sums = _matrix(list(everything.values()), [np.ones(len(e)) for e in everything.values()], width)

    def learn(self, counts: Floats) -> None:
        if not len(self.shares):
            return
        own, fine, whole = counts[self.own], counts[self.fine], (self.sums @ counts)[self.group]
        self.low = np.minimum(self.low, np.maximum(0, own + fine - whole))
        self.high = np.maximum(self.high, np.minimum(own, fine))

    def open(self) -> Ints:
        return _open(self.true, self.low, self.high)

    def rows(self, number: int) -> Rows:
        """One more unknown, at most both sums and at least what cannot lie elsewhere."""
        share = self.shares[number]
        matrix = np.zeros((3, self.width + 1))
        matrix[:, self.width] = 1
        matrix[0, share.own] = matrix[1, share.fine] = -1
        matrix[2, share.everything] = 1
        matrix[2, [share.own, share.fine]] -= 1
        return Rows(csr_matrix(matrix), np.array([-np.inf, -np.inf, 0]), np.array([0, 0, np.inf]))


def _open(true: Floats, low: Floats, high: Floats) -> Ints:
    """Not known to be safe yet. Only an interval that reaches a small count and is narrow can harm, so a true value
    beyond 11 cannot."""
    return np.flatnonzero((true <= SMALL_COUNT + MIN_WIDTH - 1) & (high - low < MIN_WIDTH))


def _is_harmful(low: float, high: float) -> bool:
    return high - low < MIN_WIDTH and high >= 1 and low <= SMALL_COUNT


def _least(goal: Floats, matrix: Any, lower: Floats, upper: Floats, *, integers: bool) -> Floats | None:
    limits = LinearConstraint(matrix, lower, upper)
    whole = np.ones(len(goal)) if integers else None
    result = milp(goal, integrality=whole, bounds=Bounds(0, np.inf), constraints=limits, options=OPTIONS)
    return None if result.x is None else np.asarray(result.x, dtype=float)


def attack(versions: Sequence[Version]) -> Outcome:
    """Everything that could be computed of one measure and year after these releases."""
    attacker = Attacker(build_system(versions))
    attacker.sweep()
    findings = [*attacker.settle(), *attacker.settle_shares()]
    true = np.concatenate([attacker.true, attacker.shares.true])
    return Outcome(int(((true >= 1) & (true <= SMALL_COUNT)).sum()), findings, attacker.solved)


def escalate(findings: Iterable[Finding], publication: Publication) -> frozenset[Escalation]:
    """What to tell less of: first merge the table of that area, then move the State, then hide the group."""
    return frozenset(_next_step(finding.target, publication) for finding in findings)


def _next_step(target: Target, publication: Publication) -> Escalation:
    area = publication.placement.get(target.area, target.area) or OTHERS.code
    is_merged = publication.merged.get((target.table, area)) == "all"
    if not is_merged:
        return Escalation("merge", area, target.table)
    return Escalation("hide" if area in GROUPS else "fold", area)
