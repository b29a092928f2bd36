"""From States' counts to what may be told: rounding, merging, folding. Pure functions of counts.

Every decision is taken on figures that are published anyway, or adds an inequality that the attacker of
`attack.py` is told: what is decided must not tell more than what is printed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.enums import (
    GROUPS,
    HEMISPHERE,
    OTHERS,
    TOTAL,
    ReleaseTable,
    releases_of,
    subregion_of,
)

BASE = 10
SMALL_STATE = 30  # a State with a smaller yearly total appears in its sub-region only
SMALLEST_GROUP = 3  # of two, each could subtract itself
DOMINANT = 0.9
UNKNOWN = -1  # no count in this cell: not available, not applicable, held back, no return
Counts = NDArray[np.int64]


def round_base(count: int) -> int:
    """To the nearest 10, 5 upwards: 0-4 become 0, 5-14 become 10."""
    return (int(count) + BASE // 2) // BASE * BASE


def bounds_of(shown: int) -> tuple[int, int]:
    """The counts that are shown as this figure."""
    return max(shown - BASE // 2, 0), shown + BASE // 2 - 1


@dataclass(frozen=True)
class Block:
    """What all States counted of one measure in one year: per return table, State × row × column."""

    year: int
    measure: str
    states: tuple[str, ...]
    counts: Mapping[str, Counts]


@dataclass(frozen=True)
class Statement:
    """One published figure: the sum of these cells of a return table, rounded."""

    table: str
    area: str
    row: str
    column: str
    cells: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]  # States, rows, columns of the return
    shown: int


@dataclass(frozen=True)
class Escalation:
    """What the audit asked to be told less of.

    `kind`: merge (a table of an area), fold (a State), hide (a group, or the hemisphere), keep (nothing new at all).
    """

    kind: str
    area: str
    table: str = ""


@dataclass
class Publication:
    """What is told of a block."""

    placement: dict[str, str]  # State → its own code, a group's, or "" where only the hemisphere holds it
    statements: list[Statement] = field(default_factory=list)
    merged: dict[tuple[str, str], str] = field(default_factory=dict)  # (release table, area) → "rows", "columns", "all"

    @property
    def areas(self) -> list[str]:
        return list(dict.fromkeys(statement.area for statement in self.statements))

    @property
    def told_of(self) -> set[tuple[str, str]]:
        """Tables and areas of which anything is told."""
        return {(statement.table, statement.area) for statement in self.statements}


def known_sum(counts: Counts) -> int:
    return int(np.where(counts == UNKNOWN, 0, counts).sum())


def _reported(block: Block, state: int) -> list[str]:
    return [table for table, counts in block.counts.items() if (counts[state] != UNKNOWN).any()]


def totals(block: Block, states: Iterable[int]) -> list[int]:
    """The total of each return table that any of the States has filled in."""
    places = list(states)
    filled = [c[places] for c in block.counts.values() if places and (c[places] != UNKNOWN).any()]
    return [known_sum(counts) for counts in filled]


def _is_small(block: Block, states: Iterable[int]) -> bool:
    return min(totals(block, states), default=0) < SMALL_STATE


def place_states(block: Block, escalations: frozenset[Escalation] = frozenset()) -> dict[str, str]:
    """Where each reporting State's figures appear. Small States go to their sub-region, or one level further up."""
    reporting = [i for i in range(len(block.states)) if _reported(block, i)]
    folded_by_audit = {e.area for e in escalations if e.kind == "fold"}
    placement, folded = {}, []
    for state in reporting:
        iso2 = block.states[state]
        if _is_small(block, [state]) or iso2 in folded_by_audit:
            folded.append(state)
        else:
            placement[iso2] = iso2
    left = _fill_groups(block, placement, folded, escalations)
    group = OTHERS.code if _can_stand(block, left, OTHERS.code, escalations) else ""
    placement.update((block.states[state], group) for state in left)
    return placement


def _fill_groups(
    block: Block, placement: dict[str, str], folded: list[int], escalations: frozenset[Escalation]
) -> list[int]:
    """Put folded States into sub-regions that can stand; the others are returned."""
    members: dict[str, list[int]] = {}
    for state in folded:
        members.setdefault(subregion_of(block.states[state]).code, []).append(state)
    left: list[int] = []
    for code, states in sorted(members.items()):
        if _can_stand(block, states, code, escalations):
            placement.update((block.states[state], code) for state in states)
        else:
            left += states
    return left


def _can_stand(block: Block, states: list[int], code: str, escalations: frozenset[Escalation]) -> bool:
    hidden = Escalation("hide", code) in escalations
    return not hidden and len(states) >= SMALLEST_GROUP and not _is_small(block, states)


def area_members(block: Block, placement: Mapping[str, str], area: str) -> list[int]:
    if area == HEMISPHERE.code:
        return [i for i, iso2 in enumerate(block.states) if iso2 in placement]
    return [i for i, iso2 in enumerate(block.states) if placement.get(iso2) == area]


def protect(block: Block, escalations: frozenset[Escalation] = frozenset()) -> Publication:
    """Every figure of the catalogue for this block."""
    publication = Publication(place_states(block, escalations))
    shown = {area for area in publication.placement.values() if area}
    hemisphere = [] if Escalation("hide", HEMISPHERE.code) in escalations else [HEMISPHERE.code]
    for area in [*sorted(shown - GROUPS.keys()), *sorted(shown & GROUPS.keys()), *hemisphere]:
        members = area_members(block, publication.placement, area)
        for table in releases_of(block.measure):
            if members and (table.level == "state" or area == HEMISPHERE.code):
                _protect_table(block, publication, table, area, members, escalations)
    return publication


def _protect_table(
    block: Block,
    publication: Publication,
    table: ReleaseTable,
    area: str,
    members: list[int],
    escalations: frozenset[Escalation],
) -> None:
    figures = list(_figures(block, table, area, members))
    merged = "all" if Escalation("merge", area, table.code) in escalations else _dominated(table, figures)
    if merged:
        publication.merged[table.code, area] = merged
    publication.statements += [f for f in figures if _is_told(f, merged)]


def _is_told(figure: Statement, merged: str) -> bool:
    told = {
        "": True,
        "columns": figure.column == TOTAL,
        "rows": figure.row == TOTAL,
        "all": figure.row == figure.column == TOTAL,
    }
    return told[merged]


def _figures(block: Block, table: ReleaseTable, area: str, members: list[int]) -> Iterator[Statement]:
    """Each cell and each total, rounded by itself; those that nobody reported are left out."""
    counts = block.counts.get(table.source.code)
    if counts is None:
        return
    columns = [TOTAL] if table.is_flat else [*table.columns.codes, TOTAL]
    for row in [*table.rows.codes, TOTAL]:
        for column in columns:
            cells = (tuple(members), tuple(table.source_rows(row)), tuple(table.source_columns(column)))
            part = counts[np.ix_(*cells)]
            if (part != UNKNOWN).any():
                yield Statement(table.code, area, row, column, cells, round_base(known_sum(part)))


def _dominated(table: ReleaseTable, figures: list[Statement]) -> str:
    """Which categories to merge where one holds (nearly) a whole group: judged on the rounded figures alone."""
    if not table.sensitive or table.is_flat:
        return ""
    shown = {(f.row, f.column): f.shown for f in figures}
    rows = {row for row in [*table.rows.codes, TOTAL] if _is_dominated(shown, row, table.columns.codes)}
    if TOTAL in rows:
        return "columns"
    return "rows" if rows else ""


def _is_dominated(shown: Mapping[tuple[str, str], int], row: str, columns: list[str]) -> bool:
    whole = shown.get((row, TOTAL), 0)
    return whole > 0 and max(shown.get((row, column), 0) for column in columns) >= DOMINANT * whole


def everything_hidden(block: Block) -> frozenset[Escalation]:
    """All that can be asked: every State moved, every group and the hemisphere hidden."""
    states = {Escalation("fold", iso2) for iso2 in block.states}
    return frozenset(states | {Escalation("hide", code) for code in GROUPS})


def as_figures(publication: Publication) -> dict[str, Any]:
    """What is told, without how it was made: the content of a release."""
    return {
        "placement": publication.placement,
        "merged": [[table, area, kind] for (table, area), kind in sorted(publication.merged.items())],
        "figures": [[s.table, s.area, s.row, s.column, s.shown] for s in publication.statements],
    }
