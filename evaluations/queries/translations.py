"""What of an evaluation needs translating: quotations, elements and reasons, as people wrote them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import LANGUAGES
from evaluations.enums import TranslationStatus, UnitKind
from evaluations.models import Evaluation, Translation
from evaluations.queries.figures import achieved

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Unit:
    """One text with a key that stays the same from build to build."""

    key: str
    kind: str
    source: str
    language: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source.encode()).hexdigest()

    @property
    def place(self) -> str:
        """Its activity, its State: N1, or CR, PRV-02."""
        return ", ".join(self.key.split(":")[1:])

    @property
    def name(self) -> str:
        return f"{UnitKind(self.kind).label} · {self.place}"


@dataclass(frozen=True)
class Pair:
    """A unit beside the last version of its translation."""

    unit: Unit
    last: Translation | None

    @property
    def status(self) -> TranslationStatus:
        if self.last is None:
            return TranslationStatus.MISSING
        if self.last.source_sha256 != self.unit.sha256:
            return TranslationStatus.STALE
        return TranslationStatus.REVIEWED if self.last.is_reviewed else TranslationStatus.DRAFT


def units_of(snapshot: Json) -> list[Unit]:
    return [unit for unit in _units(snapshot) if unit.source]


def _units(snapshot: Json) -> Iterator[Unit]:
    for area in snapshot["areas"]:
        for quote in achieved(snapshot, area["code"]):
            yield Unit(f"quote:{quote.reporter}:{quote.activity}", UnitKind.QUOTE, quote.text, quote.language)
    for row in snapshot["elements"]:
        yield Unit(f"element:{row['key']}", UnitKind.ELEMENT, row["text"], row["language"])
    for row in snapshot["excluded"]:
        yield Unit(f"exclusion:{row['iso2']}", UnitKind.EXCLUSION, row["reason"], row["language"])


def pairs_of(evaluation: Evaluation, snapshot: Json, language: str) -> list[Pair]:
    """Every text that is in another language, with what there is of it in this one."""
    rows = Translation.objects.filter(evaluation=evaluation, language=language).last_versions()
    last = {row.key: row for row in rows}
    return [Pair(unit, last.get(unit.key)) for unit in units_of(snapshot) if unit.language != language]


def reviewed_texts(evaluation: Evaluation, snapshot: Json) -> dict[str, dict[str, str]]:
    """What documents may print, by language: reviewed, and of the wording that the source has."""
    return {
        language: dict(_reviewed(pairs_of(evaluation, snapshot, language)))
        for language in LANGUAGES
        if language in evaluation.languages
    }


def _reviewed(pairs: Iterable[Pair]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        if pair.last is not None and pair.status == TranslationStatus.REVIEWED:
            yield pair.unit.key, pair.last.text


def count_unreviewed(evaluation: Evaluation, snapshot: Json) -> dict[str, int]:
    """By language, texts that documents will print in their original alone."""
    return {
        language: sum(pair.status != TranslationStatus.REVIEWED for pair in pairs_of(evaluation, snapshot, language))
        for language in LANGUAGES
        if language in evaluation.languages
    }
