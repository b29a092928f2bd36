"""Who works with whom, as a table of States and as a drawing around one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from accounts.models import State
from networks.queries import Pair


@dataclass(frozen=True)
class MapCell:
    count: int
    url: str
    label: str


@dataclass(frozen=True)
class MapRow:
    state: State
    cells: list[MapCell | None]


def map_rows(states: Sequence[State], pairs: Mapping[tuple[int, int], Pair], what: str) -> list[MapRow]:
    return [MapRow(one, [_map_cell(one, other, pairs, what) for other in states]) for one in states]


def _map_cell(one: State, other: State, pairs: Mapping[tuple[int, int], Pair], what: str) -> MapCell | None:
    pair = pairs.get((one.pk, other.pk))
    count = getattr(pair, what) if pair else 0
    if not count:
        return None
    url = reverse("cooperation_pair", args=[one.iso2.lower(), other.iso2.lower()])
    return MapCell(count, url, f"{one.name} – {other.name}")


@dataclass(frozen=True)
class Node:
    x: float
    y: float
    label: str
    anchor: str
    text_x: float
    weight: float = 0
    width: float = 1


@dataclass(frozen=True)
class Drawing:
    """A star: what all are connected with in the middle, the others around, in the order of the table."""

    center: str
    nodes: list[Node] = field(default_factory=list)
    size: int = 460

    @property
    def middle(self) -> int:
        return self.size // 2

    @property
    def view_box(self) -> str:
        """Room for the names on both sides."""
        return f"-200 0 {self.size + 400} {self.size}"


def drawing(center: str, around: Sequence[tuple[str, int]]) -> Drawing:
    """Down the right side and up the left, at even heights, so that no name lies over another."""
    half = (len(around) + 1) // 2
    size = max(Drawing.size, 40 + 23 * half)
    heaviest = max((weight for _label, weight in around), default=1)
    nodes = []
    for number, (label, weight) in enumerate(around):
        right = number < half
        row = number if right else len(around) - 1 - number
        y = 20 + (size - 40) * (row + 0.5) / half
        reach = max(60.0, math.sqrt(max(0.0, (size * 0.42) ** 2 - (y - size / 2) ** 2)))
        x, shift = (size / 2 + reach, 12) if right else (size / 2 - reach, -12)
        anchor = "start" if right else "end"
        width = _width(weight, heaviest)
        nodes.append(Node(round(x, 1), round(y, 1), label, anchor, round(x + shift, 1), weight, width))
    return Drawing(center, nodes, size)


def _width(weight: int, heaviest: int) -> float:
    return round(1 + 5 * weight / heaviest, 1) if heaviest else 1


@dataclass(frozen=True)
class Connection:
    state: State
    pair: Pair
    url: str

    @property
    def total(self) -> int:
        return self.pair.agreements + self.pair.networks + self.pair.requests


def connection_rows(state: State, found: Mapping[int, Pair], states: Mapping[int, State]) -> list[Connection]:
    rows = [
        Connection(states[pk], pair, reverse("cooperation_pair", args=[state.iso2.lower(), states[pk].iso2.lower()]))
        for pk, pair in found.items()
    ]
    return sorted(rows, key=lambda row: row.state.sort_key)
