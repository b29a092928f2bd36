"""Dates in words, figures, bars and the tile map."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.paginator import Paginator
from django.template import Context
from django.test import RequestFactory
from django.utils import timezone, translation

from core.templatetags import charts, portal
from tests.frontend.gallery import TILES, bar_parts
from tests.frontend.markup import elements

DAY = dt.date(2014, 10, 24)
FIRST = dt.date(2014, 3, 1)


@pytest.mark.parametrize(
    ("language", "full", "short", "first"),
    [
        ("es", "24 de octubre de 2014", "24 oct. 2014", "1 de marzo de 2014"),
        ("en", "24 October 2014", "24 Oct. 2014", "1 March 2014"),
        ("fr", "24 octobre 2014", "24 oct. 2014", "1er mars 2014"),
        ("pt-br", "24 de outubro de 2014", "24 out. 2014", "1º de março de 2014"),
    ],
)
def test_month_is_always_in_words(language: str, full: str, short: str, first: str) -> None:
    with translation.override(language):
        assert portal.month_date(DAY).lower() == full.lower()
        assert portal.month_date(DAY, "short") == short
        assert portal.month_date(FIRST).lower() == first.lower()


def test_no_date_prints_nothing() -> None:
    assert (portal.month_date(None), portal.month_moment(None)) == ("", "")


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Bogota", "24 October 2014, 16:40 (GMT−5)"),
        ("America/Caracas", "24 October 2014, 17:10 (GMT−4:30)"),
        ("UTC", "24 October 2014, 21:40 (GMT)"),
    ],
)
def test_a_moment_carries_its_zone(zone: str, words: str) -> None:
    with translation.override("en"), timezone.override(ZoneInfo(zone)):
        assert portal.month_moment(dt.datetime(2014, 10, 24, 21, 40, tzinfo=dt.UTC)) == words


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt-br"])
def test_thousands_are_grouped_by_a_no_break_space(language: str) -> None:
    with translation.override(language):
        assert [portal.thousands(n) for n in (0, 938, 1938, 1_234_567)] == [
            "0",
            "938",
            "1\u00a0938",
            "1\u00a0234\u00a0567",
        ]


@pytest.mark.parametrize(
    ("language", "text"), [("es", "37\u00a0%"), ("fr", "37\u00a0%"), ("en", "37%"), ("pt-br", "37%")]
)
def test_percentages_are_whole(language: str, text: str) -> None:
    with translation.override(language):
        assert portal.percent(36.98) == text
        assert portal.share(717, 1938) == text
        assert portal.share(3, 0) == "—"


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_parts_of_a_bar_fill_it_in_every_language(language: str) -> None:
    with translation.override(language):
        svg = charts.bar_cell(bar_parts(1, 2, 3, 1))
    bars = [e for e in elements(svg) if e.tag == "rect"]
    assert [next(iter(bar.classes)) for bar in bars] == [
        "portal-bar__full",
        "portal-bar__under_way",
        "portal-bar__not_started",
        "portal-bar__no_information",
    ]
    # A comma as decimal sign would be no width at all for the browser.
    widths = [float((bar.attributes["width"] or "").rstrip("%")) for bar in bars]
    assert sum(widths) == pytest.approx(100, abs=0.01)
    assert "style=" not in svg


def test_a_bar_says_its_parts_in_words_and_skips_empty_ones() -> None:
    with translation.override("en"):
        svg = charts.bar_cell(bar_parts(1200, 0, 3, 0))
    assert "<title>Full: 1\u00a0200, Not started: 3</title>" in svg
    assert svg.count("<rect") == 2


def test_a_bar_of_nothing_is_a_sentence() -> None:
    with translation.override("en"):
        assert "Nothing recorded yet" in charts.bar_cell(bar_parts(0, 0, 0, 0))


def test_the_map_has_thirty_four_places_and_no_two_share_one() -> None:
    assert len(charts.TILE_POSITIONS) == 34
    assert len(set(charts.TILE_POSITIONS.values())) == 34
    assert max(column for _row, column in charts.TILE_POSITIONS.values()) == 8
    assert set(charts.TILE_POSITIONS) == set(TILES)


@pytest.mark.parametrize(
    ("value", "step"), [(None, "none"), (0, "1"), (24.9, "1"), (25, "2"), (49, "2"), (50, "3"), (75, "4"), (100, "4")]
)
def test_tile_steps(value: float | None, step: str) -> None:
    assert charts.tile_step(value) == step


def test_tiles_come_from_north_to_south_and_strangers_are_left_out() -> None:
    states = [{"code": c, "name": c, "url": "#", "value": 10} for c in ("UY", "CA", "XX", "MX")]
    assert [tile.code for tile in charts.tile_map(states)["tiles"]] == ["CA", "MX", "UY"]


@pytest.mark.parametrize(
    ("path", "code", "target"),
    [
        ("/es/reports/CR-2014-1/", "pt-br", "/pt-br/reports/CR-2014-1/"),
        ("/pt-br/plan/", "es", "/es/plan/"),
        ("/health/live/", "fr", "/fr/"),
        ("/", "en", "/en/"),
    ],
)
def test_another_language_of_the_same_page(gallery: Any, path: str, code: str, target: str) -> None:
    assert portal.swap_language(path, code) == target


def test_language_links_keep_the_query(gallery: Any) -> None:
    request = RequestFactory().get("/es/list/?q=a%26b&page=2")
    with translation.override("es"):
        links = portal.language_links(Context({"request": request}))["links"]
    assert [(link.name, link.current) for link in links] == [
        ("English", False),
        ("Español", True),
        ("Français", False),
        ("Português", False),
    ]
    assert links[0].url == "/en/list/?q=a%26b&page=2"


def test_sorting_keeps_filters_turns_round_and_goes_back_to_page_one() -> None:
    def head(query: str) -> tuple[str, str]:
        context = Context({"request": RequestFactory().get(f"/es/list/{query}")})
        shown = portal.sort_header(context, "name", "Name")
        return shown["url"], shown["direction"]

    assert head("?q=x&page=3") == ("?q=x&sort=name", "none")
    assert head("?sort=name") == ("?sort=-name", "ascending")
    assert head("?sort=-name") == ("?sort=name", "descending")


def test_page_numbers_leave_gaps() -> None:
    assert portal.page_numbers(Paginator(range(400), 10).page(12)) == [1, None, 11, 12, 13, None, 40]


@pytest.mark.parametrize(
    ("status", "style"), [("submitted", "blue"), ("OVERDUE", "red"), ("no_information", "hatched"), ("else", "grey")]
)
def test_tag_styles(status: str, style: str) -> None:
    assert portal.tag_style(status) == style


def test_every_tag_style_is_in_the_style_sheet() -> None:
    from tests.frontend.conftest import ROOT

    css = (ROOT / "static/css/portal.css").read_text()
    assert set(portal.TAG_STYLES.values()) <= set(re.findall(r"\.portal-tag--(\w+)", css))
