"""What of an evaluation needs translating: texts of States and of the Secretariat, as they were written."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from accounts.models import User
from contributions.enums import TranslationStatus as Reviewed
from contributions.models import ContributionTranslation
from core.i18n import LANGUAGES
from evaluations.enums import TranslationStatus, UnitKind
from evaluations.models import Element, Evaluation, StateComment, Translation
from evaluations.queries.figures import Quote, achieved, good_practice
from evaluations.queries.preview import contributions_in

Json = Mapping[str, Any]
WHOLE = "whole"  # in the key of a comment that is on no area


@dataclass(frozen=True)
class Unit:
    """One text with a key that stays the same from build to build.

    In the key of what a State wrote its code comes second: by it the text is given to that State alone
    (preview.own_translations) and kept from those who are told nothing of the State (consent.public_data).
    """

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
        return ", ".join(gettext("On the whole") if part == WHOLE else part for part in self.key.split(":")[1:])

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

    def says(self, text: str) -> bool:
        """Whether the last version is this translation of the present wording."""
        return self.last is not None and (self.last.text, self.last.source_sha256) == (text, self.unit.sha256)

    def waits_for(self, user: User) -> bool:
        """A draft of somebody else, which this person may review."""
        return self.last is not None and self.status == TranslationStatus.DRAFT and self.last.by_id != user.pk


def units_of(snapshot: Json) -> list[Unit]:
    return [unit for unit in _units(snapshot) if unit.source]


def _units(snapshot: Json) -> Iterator[Unit]:
    for area in snapshot["areas"]:
        for quote in (*achieved(snapshot, area["code"]), *good_practice(snapshot, area["code"])):
            yield Unit(quote_key(quote), quote.kind, quote.text, quote.language)
    for row in snapshot["elements"]:
        yield Unit(element_key(row["key"]), UnitKind.ELEMENT, row["text"], row["language"])
    for row in snapshot["excluded"]:
        yield Unit(f"exclusion:{row['iso2']}", UnitKind.EXCLUSION, row["reason"], row["language"])
    for key, reply in _replies(snapshot):
        yield Unit(key, UnitKind.REPLY, reply["text"], reply["language"])
    for row in snapshot.get("comments", []):  # data frozen before States could comment have none
        yield Unit(comment_key(row["state"], row["area"]), UnitKind.COMMENT, row["text"], row["language"])


def _replies(snapshot: Json) -> Iterator[tuple[str, Json]]:
    for row in contributions_in(snapshot):
        for reply in row["replies"]:
            yield reply_key(reply["state"], row["reference"]), reply


def quote_key(quote: Quote) -> str:
    return f"{quote.kind}:{quote.reporter}:{quote.activity}"


def element_key(key: str) -> str:
    return f"element:{key}"


def reply_key(iso2: str, reference: str) -> str:
    return f"reply:{iso2}:{reference}"


def comment_key(iso2: str, area: str) -> str:
    return f"comment:{iso2}:{area or WHOLE}"


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


def frozen_texts(evaluation: Evaluation, snapshot: Json) -> dict[str, dict[str, str]]:
    """All that a build freezes beside its data: what was reviewed at the desk, and where contributions are kept."""
    texts = reviewed_texts(evaluation, snapshot)
    references = [row["reference"] for row in contributions_in(snapshot)]
    rows = ContributionTranslation.objects.filter(contribution__reference__in=references, status=Reviewed.REVIEWED)
    for row in rows.select_related("contribution"):
        text, title = contribution_keys(row.contribution.reference)
        texts.get(row.language, {}).update({text: row.text, title: row.title})
    return texts


def contribution_keys(reference: str) -> tuple[str, str]:
    """Of its text, and of its title. They are translated with the contribution, not at the desk."""
    return f"contribution:{reference}", f"contribution:{reference}:title"


def _reviewed(pairs: Iterable[Pair]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        if pair.last is not None and pair.status == TranslationStatus.REVIEWED:
            yield pair.unit.key, pair.last.text


def reviewed_comments(said: Iterable[StateComment], evaluation: Evaluation) -> dict[str, dict[str, str]]:
    """By language and area, of comments as they stand now: a build may not hold them yet."""
    units = {
        row.area: Unit(comment_key(row.state.iso2, row.area), UnitKind.COMMENT, row.text, row.language) for row in said
    }
    last = last_translations(evaluation, key__in=[unit.key for unit in units.values()])
    found: dict[str, dict[str, str]] = {}
    for area, unit in units.items():
        for told in in_languages(unit, evaluation.languages, last):
            if told.text is not None:
                found.setdefault(told.language, {})[area] = told.text
    return found


Last = Mapping[tuple[str, str], Translation]  # by key and language


@dataclass(frozen=True)
class InLanguage:
    """How a text stands in a language that is not its own."""

    language: str
    status: TranslationStatus
    text: str | None  # only what is reviewed is told


def last_translations(evaluation: Evaluation, **of: Any) -> dict[tuple[str, str], Translation]:
    rows = Translation.objects.filter(evaluation=evaluation, **of).last_versions()
    return {(row.key, row.language): row for row in rows}


def element_in_languages(row: Element, languages: Sequence[str], last: Last) -> list[InLanguage]:
    """One that is kept as it is may have no text."""
    unit = Unit(element_key(row.key), UnitKind.ELEMENT, row.text, row.language)
    return in_languages(unit, languages, last) if unit.source else []


def in_languages(unit: Unit, languages: Sequence[str], last: Last) -> list[InLanguage]:
    """In each other language of the evaluation, as at the desk."""
    pairs = {code: Pair(unit, last.get((unit.key, code))) for code in _others(unit.language, languages)}
    return [InLanguage(code, pair.status, dict(_reviewed([pair])).get(unit.key)) for code, pair in pairs.items()]


def frozen_in_languages(language: str, languages: Sequence[str], texts: Mapping[str, str]) -> list[InLanguage]:
    """As documents print it: what is not reviewed is none."""
    known = {True: TranslationStatus.REVIEWED, False: TranslationStatus.MISSING}
    return [InLanguage(code, known[code in texts], texts.get(code)) for code in _others(language, languages)]


def _others(language: str, languages: Sequence[str]) -> list[str]:
    return [code for code in LANGUAGES if code in languages and code != language]


def count_unreviewed(evaluation: Evaluation, snapshot: Json) -> dict[str, int]:
    """By language, texts that documents will print in their original alone."""
    last = last_translations(evaluation)
    told = [one for unit in units_of(snapshot) for one in in_languages(unit, evaluation.languages, last)]
    waiting = Counter(one.language for one in told if one.status != TranslationStatus.REVIEWED)
    return {language: waiting[language] for language in LANGUAGES if language in evaluation.languages}
