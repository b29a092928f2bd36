"""Fictitious cases and what thirty-four States would count of them: for demonstrations, tests and benchmarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.delivery.protect import Block
from indicators.enums import TABLES, tables_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Shares of the categories, in the order of the code lists; invented, with the skew such statistics have.
SEX = (0.70, 0.27, 0.03)
AGE = (0.04, 0.22, 0.15, 0.12, 0.10, 0.09, 0.13, 0.06, 0.03, 0.06)
EXPLOITATION = ((0.66, 0.14, 0.06, 0.08, 0.06), (0.10, 0.68, 0.10, 0.05, 0.07), (0.45, 0.25, 0.10, 0.08, 0.12))
CITIZENSHIP = (0.58, 0.37, 0.05)
MOVEMENT = ((0.80, 0.14, 0.06), (0.12, 0.82, 0.06), (0.35, 0.35, 0.30))
OTHER_MEASURES = {"ASS": 0.7, "REP": 0.12, "OFF": 0.5, "SUS": 0.6, "PRO": 0.35, "CON": 0.15}


@dataclass
class People:
    """One row per case: State, and the place of its category in each code list."""

    state: Ints
    sex: Ints
    age: Ints
    exploitation: Ints
    citizenship: Ints
    movement: Ints
    lot: Floats  # drawn once per case: decides of which other measures it is part

    def __len__(self) -> int:
        return len(self.state)

    def joined(self, other: "People") -> "People":
        return People(*(np.concatenate([mine, theirs]) for mine, theirs in zip(self._all(), other._all(), strict=True)))

    def chosen(self, keep: NDArray[np.bool_]) -> "People":
        return People(*(column[keep] for column in self._all()))

    def _all(self) -> tuple[Any, ...]:
        return (self.state, self.sex, self.age, self.exploitation, self.citizenship, self.movement, self.lot)


def simulate(size: int, states: int, rng: np.random.Generator, spread: float = 1.3) -> People:
    """Cases spread unevenly over States, in every year alike: a few have most, many have few."""
    weights = np.random.default_rng(states).lognormal(0.0, spread, states)
    sex = rng.choice(3, size, p=SEX)
    citizenship = rng.choice(3, size, p=CITIZENSHIP)
    return People(
        state=rng.choice(states, size, p=weights / weights.sum()),
        sex=sex,
        age=rng.choice(10, size, p=AGE),
        exploitation=_given(rng, EXPLOITATION, sex),
        citizenship=citizenship,
        movement=_given(rng, MOVEMENT, citizenship),
        lot=rng.random(size),
    )


def _given(rng: np.random.Generator, shares: Sequence[Sequence[float]], of: Ints) -> Ints:
    """A category drawn by the shares of another's."""
    edges = np.cumsum(np.array(shares), axis=1)[of]
    places = (rng.random(len(of))[:, None] > edges).sum(axis=1).clip(0, edges.shape[1] - 1)
    return np.asarray(places, dtype=np.int64)


def count(people: People, states: Sequence[str], year: int, measure: str = "VIC") -> Block:
    """What the States would report of these cases."""
    counts = {table.code: _table(people, table.code, len(states)) for table in tables_of(measure)}
    return Block(year, measure, tuple(states), counts)


def _table(people: People, code: str, states: int) -> Ints:
    table = TABLES[code]
    shape = (states, len(table.rows.categories), len(table.columns.categories))
    result = np.zeros(shape, dtype=np.int64)
    np.add.at(result, (people.state, _column(people, table.rows.code), _column(people, table.columns.code)), 1)
    return result


def _column(people: People, dimension: str) -> Ints:
    columns: Mapping[str, Ints] = {
        "sex": people.sex,
        "age": people.age,
        "age_broad": np.where(people.age < 2, 0, np.where(people.age < 9, 1, 2)),
        "exploitation": people.exploitation,
        "citizenship": people.citizenship,
        "movement": people.movement,
        "one": np.zeros(len(people), dtype=np.int64),
    }
    return columns[dimension]


def part_of(people: People, measure: str) -> People:
    """Those of whom another measure speaks: assisted, repatriated and so on."""
    return people.chosen(people.lot < OTHER_MEASURES.get(measure, 1.0))
