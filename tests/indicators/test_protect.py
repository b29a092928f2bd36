"""Rounding, merging and folding; the worked table of the design."""

import numpy as np
import pytest

from indicators.delivery.attack import Attacker, System, Target
from indicators.delivery.protect import Block, bounds_of, place_states, protect, round_base
from indicators.enums import TABLES

WORKED = np.array([[42, 7, 3], [6, 15, 8]])


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (4, 0), (5, 10), (14, 10), (15, 20), (94, 90), (95, 100)])
def test_base_ten(count: int, shown: int) -> None:
    assert round_base(count) == shown


def test_bounds_are_those_of_the_rounding() -> None:
    for count in range(500):
        low, high = bounds_of(round_base(count))
        assert low <= count <= high
        assert {round_base(other) for other in range(low, high + 1)} == {round_base(count)}


# --- the worked table -----------------------------------------------------------------------------


def worked(hidden: set[tuple[int, int]] | None) -> Attacker:
    """The table with its margins: rounded, or exact with some cells hidden."""
    system = System()
    cells = np.array([[system.unknown(int(value)) for value in row] for row in WORKED])
    sums = [cells[[r], :].ravel() for r in range(2)] + [cells[:, [c]].ravel() for c in range(3)] + [cells.ravel()]
    for (row, column), number in np.ndenumerate(cells):
        value = int(WORKED[row, column])
        system.aim(Target(1, "worked", "", str(row), str(column)), np.array([number]))
        if hidden is None:
            system.between(np.array([number]), *bounds_of(round_base(value)))
        elif (row, column) not in hidden:
            system.between(np.array([number]), value, value)
    for members in sums:
        total = system.true_sum(members)
        system.between(members, *(bounds_of(round_base(total)) if hidden is None else (total, total)))
    return Attacker(system)


def interval(attacker: Attacker, row: int, column: int) -> tuple[int, int]:
    place = [(name.row, name.column) for name in attacker.targets.names].index((str(row), str(column)))
    goal, _extra = attacker.targets.single(place)
    attacker._solve(goal)
    attacker._solve(-goal)
    return attacker.targets.interval(place)


def test_hiding_one_cell_or_three_in_a_corner_fails() -> None:
    assert interval(worked({(0, 2)}), 0, 2) == (3, 3)
    assert interval(worked({(0, 2), (0, 1), (1, 2)}), 0, 2) == (3, 3)


def test_hiding_the_rectangle_holds() -> None:
    assert interval(worked({(0, 1), (0, 2), (1, 1), (1, 2)}), 0, 2) == (0, 10)


def test_rounded_table_is_the_one_computed_by_hand() -> None:
    rounded = [[round_base(int(value)) for value in [*row, row.sum()]] for row in [*WORKED, WORKED.sum(axis=0)]]
    assert rounded == [[40, 10, 0, 50], [10, 20, 10, 30], [50, 20, 10, 80]]


def test_what_an_attacker_can_still_deduce_from_the_rounded_table() -> None:
    attacker = worked(None)
    found = [[interval(attacker, row, column) for column in range(3)] for row in range(2)]
    assert found == [[(35, 44), (5, 9), (0, 4)], [(5, 14), (15, 19), (5, 14)]]


# --- small States, dominant categories ------------------------------------------------------------


def block(**totals: int) -> Block:
    """Convicted persons, women and men, one State per name."""
    rows = [[[total - total // 3], [total // 3], [0]] for total in totals.values()]
    return Block(2013, "CON", tuple(totals), {"CON_SEX": np.array(rows)})


def test_a_state_stands_alone_from_thirty() -> None:
    placed = place_states(block(AG=29, BB=29, BS=29, CA=30))
    assert placed == {"AG": "O029", "BB": "O029", "BS": "O029", "CA": "CA"}


def test_two_small_states_are_no_group() -> None:
    """Of two, each could subtract itself; they go one level up, and nowhere if that is too small as well."""
    assert place_states(block(AG=29, BB=29, AR=29)) == {"AG": "O019", "BB": "O019", "AR": "O019"}
    assert place_states(block(AG=29, BB=29)) == {"AG": "", "BB": ""}
    assert place_states(block(AG=2, BB=3, BS=4)) == {"AG": "", "BB": "", "BS": ""}


def test_states_without_a_return_are_in_no_area() -> None:
    empty = block(AG=50, BB=50)
    empty.counts["CON_SEX"][1] = -1
    assert place_states(empty) == {"AG": "AG"}


def exploitation(rows: list[list[int]]) -> dict[tuple[str, str, str], int]:
    counts = {"VIC_SEX_EXP": np.array([rows])}
    told = protect(Block(2013, "VIC", ("AR",), counts))
    return {(s.area, s.row, s.column): s.shown for s in told.statements}


def test_a_category_that_holds_nearly_all_is_not_told() -> None:
    told = exploitation([[96, 2, 1, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    assert {column for area, _row, column in told if area == "AR"} == {"_T"}
    assert told["AR", "F", "_T"] == 100


def test_where_only_one_row_is_dominated_the_rows_are_merged() -> None:
    told = exploitation([[60, 40, 10, 10, 10], [0, 30, 1, 0, 0], [0, 0, 0, 0, 0]])
    assert {row for area, row, _column in told if area == "AR"} == {"_T"}
    assert told["AR", "_T", "LAB"] == 70


def test_nothing_is_merged_where_nobody_dominates() -> None:
    told = exploitation([[60, 40, 10, 10, 10], [20, 30, 10, 10, 5], [0, 0, 0, 0, 0]])
    cells = len(TABLES["VIC_SEX_EXP"].rows.codes) + 1
    assert len([1 for area, _r, _c in told if area == "AR"]) == cells * 6


def test_everything_told_is_a_multiple_of_ten() -> None:
    from indicators.management.simulation import count, simulate

    states = ("AR", "BR", "CL", "CO", "EC", "PE", "PY")
    told = protect(count(simulate(700, len(states), np.random.default_rng(3)), states, 2013))
    assert told.statements
    assert {s.shown % 10 for s in told.statements} == {0}
