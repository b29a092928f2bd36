"""Differences word by word: both texts can be read out of them, and they are the fewest there are."""

import random
import time
from collections.abc import Sequence

import pytest

from core.differences import ADDED, MAX_CHANGES, REMOVED, SAME, TOKENS, Run, line_changes, word_changes

SOME_WORDS = ("la", "red", "nacional", "Ñandú", " ", "  ", "\n", ",", ".", "120", "—")


def read(runs: Sequence[Run], *kinds: str) -> str:
    return "".join(run.text for run in runs if run.kind in kinds)


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """By the textbook, for comparison: slow and surely right."""
    table = [[0] * (len(other) + 1) for _row in range(len(one) + 1)]
    for i, left in enumerate(one):
        for j, right in enumerate(other):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def test_both_texts_stay_whole_and_no_change_is_shown_that_is_none() -> None:
    chance = random.Random(4)
    for _time in range(1500):
        before, after = ("".join(chance.choices(SOME_WORDS, k=chance.randint(0, 12))) for _text in range(2))
        runs = word_changes(before, after)
        assert (read(runs, SAME, REMOVED), read(runs, SAME, ADDED)) == (before, after)
        assert all(run.text for run in runs)
        assert (before == after) == all(run.kind == SAME for run in runs)


def test_lines_are_matched_as_well_as_can_be() -> None:
    chance = random.Random(4)
    for _time in range(500):
        before, after = ([chance.choice("abcd") for _line in range(chance.randint(0, 9))] for _list in range(2))
        lines = line_changes(before, after)
        assert [read(line, SAME, REMOVED) for line in lines if read(line, SAME, REMOVED)] == before
        assert [read(line, SAME, ADDED) for line in lines if read(line, SAME, ADDED)] == after
        assert sum(line[0].kind == SAME for line in lines) == longest_common(before, after)


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("Igual.", "Igual.", [Run(SAME, "Igual.")]),
        ("", "Nuevo.", [Run(ADDED, "Nuevo.")]),
        ("Viejo.", "", [Run(REMOVED, "Viejo.")]),
        (
            "Se formaron 120 fiscales.",
            "Se formaron 145 fiscales.",
            [Run(SAME, "Se formaron "), Run(REMOVED, "120"), Run(ADDED, "145"), Run(SAME, " fiscales.")],
        ),
        # The blank between two changed words belongs to the change.
        (
            "En la capital hubo diez cursos para jueces.",
            "En la capital hubo doce talleres para jueces.",
            [
                Run(SAME, "En la capital hubo "),
                Run(REMOVED, "diez cursos"),
                Run(ADDED, "doce talleres"),
                Run(SAME, " para jueces."),
            ],
        ),
        # With nothing in common but a word, nobody reads a patchwork.
        (
            "El refugio cerró de noche.",
            "Se abrió otro de madrugada ayer mismo.",
            [Run(REMOVED, "El refugio cerró de noche."), Run(ADDED, "Se abrió otro de madrugada ayer mismo.")],
        ),
    ],
)
def test_what_a_reader_sees(before: str, after: str, runs: list[Run]) -> None:
    assert word_changes(before, after) == runs


def test_a_list_in_which_one_line_changed() -> None:
    lines = line_changes(["Semana, Limón", "Curso"], ["Semana, Limón y Heredia", "Curso", "Ley"])
    assert lines == [
        [Run(SAME, "Semana, Limón"), Run(ADDED, " y Heredia")],
        [Run(SAME, "Curso")],
        [Run(ADDED, "Ley")],
    ]


def test_texts_that_differ_everywhere_are_shown_whole_and_cost_little() -> None:
    """As long as a form takes them, and as unlike and as repetitive as one can make them."""
    chance = random.Random(4)
    before, after = (" ".join(chance.choices("ab", k=2000)) for _text in range(2))
    began = time.process_time()
    assert word_changes(before, after) == [Run(REMOVED, before), Run(ADDED, after)]
    assert time.process_time() - began < 1
    assert len(TOKENS.findall(before)) > MAX_CHANGES
