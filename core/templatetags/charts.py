"""Drawings of figures, for pages and documents alike: a distribution as a bar, the hemisphere as a map of tiles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from core.templatetags.portal import thousands

register = template.Library()

# --- bars -----------------------------------------------------------------


@dataclass(frozen=True)
class BarPart:
    """One step of a distribution. The fill is for documents; a page's stylesheet draws `portal-bar__<name>` itself."""

    name: str
    label: str | Promise
    value: int
    fill: str


@register.simple_tag
def bar_cell(parts: Iterable[BarPart]) -> SafeString:
    """A distribution as one bar. Parts differ by lightness and hatch, and the title says them in words."""
    shown = [part for part in parts if part.value]
    if not shown:
        return format_html('<span class="portal-muted">{}</span>', gettext("Nothing recorded yet"))
    return format_html(
        '<svg class="portal-bar" width="100%" height="18" role="img" focusable="false"><title>{}</title>{}</svg>',
        ", ".join(f"{part.label}: {thousands(part.value)}" for part in shown),
        _rectangles(shown),
    )


def _rectangles(parts: list[BarPart]) -> SafeString:
    start, total, rows = 0, sum(part.value for part in parts), []
    for part in parts:
        x, width = (f"{100 * value / total:.3f}%" for value in (start, part.value))
        rows.append((part.name, x, width, part.fill))
        start += part.value
    return format_html_join(
        "",
        '<rect class="portal-bar__{}" x="{}" y="0" width="{}" height="100%" fill="{}" stroke="#0b3c5d"/>',
        rows,
    )


# --- tile map -------------------------------------------------------------

# Rows of the hemisphere, north to south; each State by its code and its column of eight.
TILE_ROWS = (
    "CA1",
    "US1",
    "MX1 BS4",
    "GT1 BZ2 JM4 HT5 DO6 KN7 AG8",
    "SV1 HN2 DM8",
    "NI2 VC7 LC8",
    "CR2 PA3 GD7 BB8",
    "CO3 VE4 GY5 SR6 TT7",
    "EC3 PE4 BR5",
    "BO4 PY5",
    "CL4 AR5 UY6",
)
TILE_POSITIONS = {
    cell[:2]: (row, int(cell[2:])) for row, cells in enumerate(TILE_ROWS, start=1) for cell in cells.split()
}
TILE_CLASSES = ((25, 1), (50, 2), (75, 3))


@dataclass(frozen=True)
class Tile:
    code: str
    name: str
    url: str
    figure: str
    words: str
    css: str


def tile_step(value: float | None) -> str:
    """The class of a tile by how much has arrived: below 25, 50, 75 per cent, or above; "none" without report."""
    if value is None:
        return "none"
    return str(next((step for limit, step in TILE_CLASSES if value < limit), 4))


def _tile(state: Mapping[str, Any]) -> Tile:
    value = state.get("value")
    row, column = TILE_POSITIONS[state["code"]]
    return Tile(
        code=state["code"],
        name=str(state["name"]),
        url=str(state["url"]),
        figure="—" if value is None else str(round(value)),
        words=gettext("no report") if value is None else gettext("per cent of the report has arrived"),
        css=f"portal-tile--r{row} portal-tile--c{column} portal-tile--{tile_step(value)}",
    )


@register.inclusion_tag("components/tile_map.html")
def tile_map(states: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """The map of the hemisphere as links; `states` are mappings with code, name, url and value (per cent or None).

    A State without a place on the grid is left out of the picture; the table beside it has them all.
    """
    known = [state for state in states if state["code"] in TILE_POSITIONS]
    tiles = [_tile(state) for state in sorted(known, key=lambda state: TILE_POSITIONS[state["code"]])]
    return {"tiles": tiles, "label": label or gettext("States by how much of the report has arrived")}
