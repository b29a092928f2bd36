"""What the translation desk shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from core.i18n import NATIVE_NAMES
from evaluations.delivery.content import told_status
from evaluations.enums import TranslationStatus, UnitKind
from evaluations.models import Evaluation, Snapshot
from evaluations.queries.translations import Pair, pairs_of


@dataclass(frozen=True)
class DeskRow:
    pair: Pair
    label: "str | Promise"
    of_original: str
    url: str


def desk_page(evaluation: Evaluation, snapshot: Snapshot, language: str) -> dict[str, Any]:
    """Source beside target; what was reviewed and has changed since comes first, then what is not done."""
    order = [TranslationStatus.STALE, TranslationStatus.MISSING, TranslationStatus.DRAFT, TranslationStatus.REVIEWED]
    pairs = sorted(pairs_of(evaluation, snapshot.content, language), key=lambda pair: order.index(pair.status))
    return {
        "rows": [_row(evaluation, pair, language) for pair in pairs],
        "counts": [(status.label, sum(pair.status == status for pair in pairs)) for status in order],
        "language": language,
        "language_name": NATIVE_NAMES[language],
        "languages": [(code, name, desk_url(evaluation, code)) for code, name in NATIVE_NAMES.items()],
    }


def desk_url(evaluation: Evaluation, language: str) -> str:
    return reverse("translation_desk", args=[evaluation.public_id, language])


def _row(evaluation: Evaluation, pair: Pair, language: str) -> DeskRow:
    url = reverse("translation_edit", args=[evaluation.public_id, language, pair.unit.key])
    return DeskRow(pair, UnitKind(pair.unit.kind).label, told_status(pair.unit.language), url)


def find_pair(pairs: Sequence[Pair], key: str) -> Pair | None:
    return next((pair for pair in pairs if pair.unit.key == key), None)
