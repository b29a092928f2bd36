"""Codes of the statistics. Tables, categories and areas are data files, titled in four languages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

DATA = Path(__file__).resolve().parent / "data"
TOTAL = "_T"  # SDMX: all categories of a dimension
Titles = Mapping[str, str]


class Marker(TextChoices):
    """What a State says of one cell. Blank is no answer: the cell is still to be filled in."""

    VALUE = "value", _("Count")
    ZERO = "zero", _("Zero")
    NOT_AVAILABLE = "not_available", _("Not available")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    SUPPRESSED = "suppressed", _("Held back by the State")


class CellStatus(TextChoices):
    """What a released cell says. A cell without a figure always says why."""

    ROUNDED = "rounded", _("Rounded to the nearest 10")
    MERGED = "merged", _("Merged with the other categories")
    SUPPRESSED = "suppressed", _("Suppressed")
    NOT_REPORTED = "not_reported", _("Not reported")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


SIGNS = {
    CellStatus.MERGED: "m",
    CellStatus.SUPPRESSED: "s",
    CellStatus.NOT_REPORTED: "–",
    CellStatus.NOT_APPLICABLE: "n/a",
}


def legend() -> list[tuple[str, str]]:
    """What stands in a released cell instead of an exact count."""
    return [("0", gettext("0 to 4")), *((sign, str(status.label)) for status, sign in SIGNS.items())]


class ReturnStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Waiting for signature")
    SIGNED = "signed", _("Signed off")


class CoverageCitizenship(TextChoices):
    OWN = "own", _("Own nationals")
    FOREIGN = "foreign", _("Foreign citizens")
    BOTH = "both", _("Both own nationals and foreign citizens")


class CoverageMovement(TextChoices):
    INTERNAL = "internal", _("Internal trafficking")
    CROSS_BORDER = "cross_border", _("Cross-border trafficking")
    BOTH = "both", _("Both internal and cross-border trafficking")


class ReleaseStatus(TextChoices):
    BUILDING = "building", _("In preparation")
    STOPPED = "stopped", _("Stopped by the audit")
    READY = "ready", _("Ready to publish")
    PUBLISHED = "published", _("Published")


class FileFormat(TextChoices):
    CSV = "csv", "CSV"
    JSON = "json", "JSON"
    XLSX = "xlsx", "XLSX"


class Stage(TextChoices):
    """Steps of a release, in their order."""

    READ = "read", _("Reading the signed returns")
    PROTECT = "protect", _("Rounding and merging")
    AUDIT = "audit", _("Attacking the release")
    WRITE = "write", _("Writing the files")


def localized(titles: Titles) -> str:
    return titles[get_language() or "en"]


@dataclass(frozen=True)
class Category:
    code: str
    titles: Titles
    broad: str = ""  # code in the dimension's broader list

    @property
    def title(self) -> str:
        return localized(self.titles)


@dataclass(frozen=True)
class Dimension:
    code: str
    titles: Titles
    standard: str
    categories: tuple[Category, ...]

    @property
    def title(self) -> str:
        return localized(self.titles)

    @property
    def codes(self) -> list[str]:
        return [category.code for category in self.categories]


@dataclass(frozen=True)
class Table:
    """A table that States fill in once a year."""

    code: str
    measure: str
    rows: Dimension
    columns: Dimension
    titles: Titles

    @property
    def title(self) -> str:
        return localized(self.titles)

    def cells(self) -> Iterator[tuple[str, str]]:
        return ((row, column) for row in self.rows.codes for column in self.columns.codes)


@dataclass(frozen=True)
class ReleaseTable:
    """A table of the closed catalogue: what leaves a State's area, and nothing else does."""

    code: str
    source: Table
    columns: Dimension
    level: str  # "state": a row per State; "hemisphere": one sum of all
    sensitive: bool  # a group that falls nearly whole into one column must not be told
    audience: str
    titles: Titles

    @property
    def title(self) -> str:
        return localized(self.titles)

    @property
    def rows(self) -> Dimension:
        return self.source.rows

    @property
    def is_flat(self) -> bool:
        """One figure per row: the columns have a single category that is no category."""
        return self.columns.code == "one"

    def source_columns(self, code: str) -> list[int]:
        """Places of the return's columns that make up one column of the release."""
        if code == TOTAL:
            return list(range(len(self.source.columns.categories)))
        return [i for i, c in enumerate(self.source.columns.categories) if code in (c.code, c.broad)]

    def names(self, row: int, column: int) -> tuple[str, str]:
        return self.rows.codes[row], self.columns.codes[column]

    def source_rows(self, code: str) -> list[int]:
        codes = self.rows.codes
        return list(range(len(codes))) if code == TOTAL else [codes.index(code)]


@dataclass(frozen=True)
class Area:
    code: str
    titles: Titles
    states: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return localized(self.titles)


def _read(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _dimension(code: str, data: Mapping[str, Any]) -> Dimension:
    categories = tuple(Category(c["code"], c["title"], c.get("broad", "")) for c in data["codes"])
    return Dimension(code, data["title"], data["standard"], categories)


DIMENSIONS = {code: _dimension(code, data) for code, data in _read("codes").items()}
TABLES = {
    t["code"]: Table(t["code"], t["measure"], DIMENSIONS[t["rows"]], DIMENSIONS[t["columns"]], t["title"])
    for t in _read("return_tables")
}
CATALOGUE = {
    t["code"]: ReleaseTable(
        t["code"],
        TABLES[t["source"]],
        DIMENSIONS[t["columns"]],
        t["level"],
        t["sensitive"],
        t["audience"],
        t["title"],
    )
    for t in _read("release_catalogue")
}
MEASURES = tuple(dict.fromkeys(table.measure for table in TABLES.values()))
TABLE_CHOICES = [(code, code) for code in TABLES]

_AREAS = _read("areas")
HEMISPHERE = Area(_AREAS["hemisphere"]["code"], _AREAS["hemisphere"]["title"])
OTHERS = Area(_AREAS["others"]["code"], _AREAS["others"]["title"])
SUBREGIONS = tuple(Area(a["code"], a["title"], frozenset(a["states"].split())) for a in _AREAS["subregions"])
GROUPS = {area.code: area for area in (*SUBREGIONS, OTHERS, HEMISPHERE)}


def subregion_of(iso2: str) -> Area:
    return next(area for area in SUBREGIONS if iso2 in area.states)


def tables_of(measure: str) -> list[Table]:
    return [table for table in TABLES.values() if table.measure == measure]


def releases_of(measure: str) -> list[ReleaseTable]:
    return [table for table in CATALOGUE.values() if table.source.measure == measure]
