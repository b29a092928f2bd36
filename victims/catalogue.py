"""The fields and code lists of HTCDS 2.0, read from victims/data/htcds.json (docs/adr/0085)."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

SOURCE = json.loads((Path(__file__).parent / "data" / "htcds.json").read_text(encoding="utf-8"))


def _in_language(labels: Mapping[str, str]) -> str:
    return labels.get(get_language() or "en", labels["en"])


in_language = lazy(_in_language, str)


def folded(text: str) -> str:
    """The text without case, accents, spaces and punctuation: `Threatens children/family` is found in any spelling."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


@dataclass(frozen=True)
class Choice:
    """A code of the standard, spelled as the standard spells it."""

    code: str
    labels: Mapping[str, str]
    also: tuple[str, ...] = ()  # the standard's own label where the English one here differs

    @property
    def label(self) -> Any:
        return in_language(self.labels)

    def words(self) -> set[str]:
        return {folded(word) for word in (self.code, *self.labels.values(), *self.also)}


@dataclass(frozen=True)
class Field:
    """One field of the standard: `prs_FirstName`. The name is the key under which a record keeps its value."""

    name: str
    group: str
    kind: str
    field_class: str
    labels: Mapping[str, str]
    standard_label: str
    list_name: str = ""
    most: int = 0
    core: bool = False
    deprecated: bool = False

    @property
    def label(self) -> Any:
        return in_language(self.labels)

    @property
    def many(self) -> bool:
        return self.kind in {"choices", "countries"}

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(choice.code for choice in LISTS.get(self.list_name, ()))

    def choices(self) -> list[tuple[str, Any]]:
        return [(choice.code, choice.label) for choice in LISTS.get(self.list_name, ())]


LISTS = {
    name: tuple(Choice(one["code"], one["labels"], tuple(one.get("also", ()))) for one in choices)
    for name, choices in SOURCE["lists"].items()
}
FIELDS = {
    one["name"]: Field(
        name=one["name"],
        group=one["group"],
        kind=one["kind"],
        field_class=one["class"],
        labels=one["labels"],
        standard_label=one["standard_label"],
        list_name=one.get("list", ""),
        most=one.get("most", 0),
        core=one.get("core", False),
        deprecated=one.get("deprecated", False),
    )
    for one in SOURCE["fields"]
}
COUNTRIES: Mapping[str, str] = SOURCE["countries"]
ALIASES: Mapping[str, str] = SOURCE["aliases"]
# The columns of the official sheet: system names as they stand there, with labels.
TEMPLATE: tuple[tuple[str, str], ...] = tuple((name, label) for name, label in SOURCE["template"])
OWN_NOTE = "#"  # begins what the portal's own export says about itself, below the records


def fields_of(field_class: str) -> tuple[Field, ...]:
    return tuple(field for field in FIELDS.values() if field.field_class == field_class)


def shown(field: Field, value: Any) -> str:
    """A kept value in the words of the reader. A code nobody knows is shown as it is."""
    if isinstance(value, list):
        return ", ".join(shown(field, one) for one in value)
    words = {choice.code: str(choice.label) for choice in LISTS.get(field.list_name, ())}
    if field.kind in {"country", "countries"}:
        words = dict(COUNTRIES)
    return words.get(value, str(value)) if isinstance(value, str) else str(value)
