"""Values that several pages print: links, rows, dates and codes in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from victims import queries
from victims.models import Case


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool = False
    note: str = ""
    kind: str = ""

    @property
    def text(self) -> str:
        return self.label


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    status: str = ""


@dataclass(frozen=True)
class Row:
    key: str
    value: str
    url: str = ""
    action: str = ""
    note: str = ""


def approximate(text: str) -> str:
    """2013-05 as May 2013, in the language of the page."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date_format(date(*parts), "DATE_FORMAT")
    return f"{MONTHS[parts[1]]} {parts[0]}" if len(parts) == 2 else text


def shown(field: queries.Field, value: Any) -> str:
    if field.kind in {"choice", "multi"}:
        codes = value if isinstance(value, list) else [value]
        return ", ".join(queries.label_of(field.codes, code) for code in codes)
    if field.kind in {"country", "countries"}:
        return ", ".join(queries.country_name(code) for code in ([value] if isinstance(value, str) else value))
    return approximate(value) if field.kind == "date" else str(value)


def fact_rows(facts: Mapping[str, Any], fields: Sequence[queries.Field]) -> list[Row]:
    """Every field, also those without an answer: not asked is something to know."""
    declined = facts.get(queries.OWN_WORDS, [])
    return [
        Row(f.label, shown(f, facts[f.name]) if f.name in facts else _unanswered(f.name in declined)) for f in fields
    ]


def _unanswered(declined: bool) -> str:
    return _("Preferred not to say") if declined else _("Not asked yet")


def page_of(name: str, case: Case, **words: Any) -> str:
    return reverse(name, kwargs={"token": case.token, **words})


def moment_words(at: Any) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def day_words(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
