"""The portal attacks its own release: what could anybody compute from everything published so far?

The attacker knows the method, every figure of this and of all earlier releases, which State stands where and why
(the threshold), that tables of one measure share their margins, and which counts a correction left as they were;
of the others, whether they may have risen or fallen. Unknown are the counts. All of this is one system of linear
inequalities per measure and year: years share no unknown.

A count's interval runs from its least to its greatest whole value that fits everything (linear programming, HiGHS).
Asking twice for each of thousands of counts is slow, and seldom needed: every solution fits everything, so it shows
a value that each count can have. Solutions that push many counts at once settle nearly all; the rest are asked for
one by one, and only those can turn out to be narrow.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
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
from indicators.enums import (
    CATALOGUE,
    GROUPS,
    HEMISPHERE,
    OTHERS,
    SUBREGIONS,
    TOTAL,
    ReleaseTable,
    releases_of,
    tables_of,
)

MIN_WIDTH = 3  # greatest less least value: a narrower interval tells the count, or nearly
SMALL_COUNT = 9  # the counts that must not be told
SWEEPS = 80
ROOM = 50  # how far from the truth a count is looked for: far more than MIN_WIDTH, and a smaller range is the safe side
PATIENCE = 8  # rounds without a gain
NEARLY = 1e-6
SEED = 20120926
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class SolverFailed(Exception):
    """No answer is no proof of anything: neither of safety nor of a leak. The release is tried again."""


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
                for state, fine_place in product(range(len(block.states)), columns):
                    value = int(fine[state, row, fine_place])
                    target = Target(release, table.code, block.states[state], *table.names(row, fine_place))
                    own, part = int(view.states[code][state, row, place]), int(numbers[row, fine_place])
                    if value != UNKNOWN:
                        system.shares.append(Share(target, value, own, part, sums))


def _unknowns(
    system: System, counts: Ints, names: Sequence[tuple[str, str]], before: dict[tuple[str, str], tuple[Ints, Ints]]
) -> Ints:
    """Numbers of the unknowns of a table. A count that did not change since the release before is the same unknown."""
    numbers = np.full(counts.shape, UNKNOWN, dtype=np.int64)
    for state, name in enumerate(names):
        old = before.get(name)
        for row, column in np.argwhere(counts[state] != UNKNOWN):
            value = int(counts[state, row, column])
            known = old is not None and old[0][row, column] != UNKNOWN
            previous = (int(old[0][row, column]), int(old[1][row, column])) if old is not None and known else None
            numbers[state, row, column] = _unknown(system, value, previous)
        before[name] = (counts[state], numbers[state])
    return numbers


def _unknown(system: System, value: int, previous: tuple[int, int] | None) -> int:
    if previous is None:
        return system.unknown(value)
    value_before, number_before = previous
    if value == value_before:
        return number_before
    number = system.unknown(value)
    low, high = (0, np.inf) if value > value_before else (-np.inf, 0)
    system.order(np.array([number]), np.array([number_before]), low, high)
    return number


def _tell_margins(system: System, block: Block, view: View) -> None:
    """Tables of one measure count the same people: their margins agree. Told wherever it is true."""
    tables = [table for table in tables_of(block.measure) if table.code in view.states]
    for one, other in pairwise(tables):
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


class Attacker:
    """Looks for the least and greatest value of each target; keeps the widest range seen."""

    def __init__(self, system: System) -> None:
        self.truth = np.array(system.truth, dtype=float)
        self.rows, self.lower, self.upper = system.rows()
        sums = self.rows @ self.truth
        self.room_below, self.room_above = self.lower - sums, self.upper - sums
        self.targets = Sums(system, len(self.truth))
        self.shares = Shares(system.shares, len(self.truth))
        self.chance = np.random.default_rng(SEED)
        self.solved = 0
        assert self._fits(self.truth)  # noqa: S101 - or the attack would be one on something else

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

    def _extremes(self, kind: "Sums | Shares", number: int) -> tuple[int, int]:
        goal, extra = kind.single(number)
        if kind.low[number] > 0:
            self._solve(goal, extra)
        if not kind.is_safe(number):
            self._solve(-goal, extra)
        return kind.interval(number)

    def _solve(self, goal: Floats, extra: "Extra | None" = None) -> None:
        """Find counts that fit everything and make the goal least, and learn from them.

        The solver looks for how far each count lies from the truth. These are small numbers, whatever the counts,
        so that its tolerances mean the same for five cases and for half a million.
        """
        self.solved += 1
        truth, matrix, below, above = self.truth, self.rows, self.room_below, self.room_above
        if extra is not None:
            truth = np.append(truth, extra.true)
            padded = hstack([matrix, csr_matrix((matrix.shape[0], 1))])
            matrix = vstack([padded, extra.rows]).tocsr()
            sums = extra.rows @ truth
            below, above = np.append(below, extra.low - sums), np.append(above, extra.high - sums)
        bounds = Bounds(-np.minimum(truth, ROOM), np.full(len(truth), float(ROOM)))
        result = milp(goal, bounds=bounds, constraints=LinearConstraint(matrix, below, above))
        if result.x is None:
            raise SolverFailed(result.message)
        counts = np.maximum(self.truth + result.x[: len(self.truth)], 0)
        if not self._fits(counts):
            raise SolverFailed("The solver's answer breaks an inequality.")
        self.targets.learn(counts)
        self.shares.learn(counts)


@dataclass(frozen=True)
class Extra:
    """One more unknown, after all others, and what is known of it."""

    true: float
    rows: Any
    low: Floats
    high: Floats


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
        self.matrix = _matrix(members, [np.ones(len(numbers)) for numbers in members], width)
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
        self.sums = _matrix(list(groups.values()), [np.ones(len(group)) for group in groups.values()], width)

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


def attack(versions: Sequence[Version], *, thorough: bool = True) -> Outcome:
    """Everything that could be computed of one measure and year after these releases."""
    attacker = Attacker(build_system(versions))
    attacker.sweep()
    findings = attacker.settle(thorough=thorough)
    true = np.concatenate([attacker.targets.true, attacker.shares.true])
    return Outcome(int(((true >= 1) & (true <= SMALL_COUNT)).sum()), findings, attacker.solved)


def escalate(findings: Iterable[Finding], publication: Publication) -> frozenset[Escalation]:
    """What to tell less of: first merge the table of that area, then move the State, then hide the group."""
    return frozenset(_next_step(finding.target, publication) for finding in findings)


def _next_step(target: Target, publication: Publication) -> Escalation:
    """A step that tells less than this publication does; one without an effect would be asked for again and again."""
    area = publication.placement.get(target.area, target.area) or HEMISPHERE.code
    for place in (HEMISPHERE.code, area) if CATALOGUE[target.table].level == "hemisphere" else (area,):
        is_merged = publication.merged.get((target.table, place)) == "all"
        if (target.table, place) in publication.told_of and not is_merged:
            return Escalation("merge", place, target.table)
    if area in GROUPS and area not in publication.areas:
        area = HEMISPHERE.code  # the group is hidden already
    return Escalation("hide" if area in GROUPS else "fold", area)
