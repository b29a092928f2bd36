"""What the attacker knows: every figure told so far, and how releases are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np

from indicators.delivery.attack.outcome import Target
from indicators.delivery.attack.system import Ints, Share, System
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
from indicators.enums import CATALOGUE, OTHERS, SUBREGIONS, TOTAL, ReleaseTable, releases_of, tables_of


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
