"""One release, put together: the newest counts, told as the catalogue says, attacked, and told less of where the
attack found something. Pure: counts in, what may be told out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indicators.delivery.attack import Finding, Outcome, Version, attack, escalate
from indicators.delivery.protect import UNKNOWN, Block, Escalation, Publication, as_figures, everything_hidden, protect
from indicators.enums import CATALOGUE, TOTAL, CellStatus, Marker, releases_of, tables_of

ROUNDS = 5  # the audit asks for less this many times; then nothing new is told
KEPT = Escalation("keep", "")
Cells = Mapping[tuple[str, str], tuple[str, int | None]]
Filled = Mapping[tuple[str, str], Cells]  # State and return table → cells


class Stopped(Exception):
    """The attack still finds counts; nothing may be released."""

    def __init__(self, year: int, findings: Sequence[Finding]) -> None:
        super().__init__(f"{len(findings)} findings in {year}")
        self.year, self.findings = year, list(findings)


@dataclass
class Told:
    """What a release tells of one measure and year, and what the attack on it found before."""

    version: Version
    outcome: Outcome = field(default_factory=Outcome)


def tell(block: Block, history: Sequence[Version], release: int) -> Told:
    """Protect and attack in turn, until the attack on this and all earlier releases finds nothing.

    Where telling less is not enough, nothing new is told: a correction waits for the next release, and a year that
    was never told stays untold. Raises Stopped where even that leaves a count open.
    """
    steps: frozenset[Escalation] = frozenset()
    outcome = Outcome()
    for _round in range(ROUNDS):
        version = Version(release, block, protect(block, steps), steps)
        outcome = attack([*history, version], thorough=False, hints=outcome.seen)
        if not outcome.findings:
            return Told(version, outcome)
        more = steps | escalate(outcome.findings, version.publication)
        if more == steps:
            break
        steps = more
    return _tell_nothing_new(block, history, release)


def _tell_nothing_new(block: Block, history: Sequence[Version], release: int) -> Told:
    if history:
        last = history[-1]
        version = Version(release, last.block, last.publication, last.steps | {KEPT})
    else:
        steps = everything_hidden(block)
        version = Version(release, block, protect(block, steps), steps)
    outcome = attack([*history, version])
    if outcome.findings:
        raise Stopped(block.year, outcome.findings)
    return Told(version, outcome)


def block_of(year: int, measure: str, states: Sequence[str], filled: Filled) -> Block:
    """Counts of all States as arrays; a cell without a count is UNKNOWN."""
    counts = {}
    for table in tables_of(measure):
        cells = [filled.get((iso2, table.code), {}) for iso2 in states]
        shape = (len(states), len(table.rows.categories), len(table.columns.categories))
        values = [_count(of_state.get(place)) for of_state in cells for place in table.cells()]
        counts[table.code] = np.array(values, dtype=np.int64).reshape(shape)
    return Block(year, measure, tuple(states), counts)


def _count(cell: tuple[str, int | None] | None) -> int:
    return cell[1] if cell is not None and cell[1] is not None else UNKNOWN


def as_told(block: Block, publication: Publication, filled: Filled) -> dict[str, Any]:
    return {**as_figures(publication), "gaps": [list(gap) for gap in _gaps(block, publication, filled)]}


def _gaps(block: Block, publication: Publication, filled: Filled) -> Iterator[tuple[str, str, str, str, str]]:
    """Cells of States shown by themselves in which no count stands, and why."""
    shown = {(s.table, s.area, s.row, s.column) for s in publication.statements}
    for iso2, place in publication.placement.items():
        for table in releases_of(block.measure) if place == iso2 else ():
            if table.level != "state" or (table.code, iso2) in publication.merged:
                continue
            cells = filled.get((iso2, table.source.code), {})
            for row in [*table.rows.codes, TOTAL]:
                for column in [TOTAL] if table.is_flat else [*table.columns.codes, TOTAL]:
                    if (table.code, iso2, row, column) not in shown:
                        yield table.code, iso2, row, column, _reason(cells, table.code, row, column)


def _reason(cells: Cells, code: str, row: str, column: str) -> str:
    table = CATALOGUE[code]
    rows = [table.rows.codes[i] for i in table.source_rows(row)]
    columns = [table.source.columns.codes[i] for i in table.source_columns(column)]
    markers = {cells[r, c][0] for r in rows for c in columns if (r, c) in cells}
    if Marker.SUPPRESSED in markers:
        return CellStatus.SUPPRESSED
    return CellStatus.NOT_APPLICABLE if markers == {Marker.NOT_APPLICABLE} else CellStatus.NOT_REPORTED


def steps_as_data(steps: Iterable[Escalation]) -> list[list[str]]:
    return sorted([step.kind, step.area, step.table] for step in steps)


def steps_from_data(data: Iterable[Sequence[str]]) -> frozenset[Escalation]:
    return frozenset(Escalation(*step) for step in data)
