"""What translators keep: versions by hand, or a whole file at once."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.exceptions import NotAllowed, StaleVersion, StepRefused
from evaluations import permissions
from evaluations.imports import read_xliff
from evaluations.models import Evaluation, Translation
from evaluations.queries.translations import Pair, pairs_of


@transaction.atomic
def save_translation(
    *, evaluation: Evaluation, key: str, language: str, text: str, is_reviewed: bool, seen: int, actor: User
) -> Translation:
    """Add a version. `seen` is the version that the page showed."""
    pair = next((pair for pair in _pairs(evaluation, language, actor) if pair.unit.key == key), None)
    if pair is None:
        raise StepRefused(_("This text is no longer in the evaluation."))
    if (pair.last.number if pair.last else 0) != seen:
        raise StaleVersion(_("Somebody else has saved this meanwhile. Read their version below before you save yours."))
    row = _keep(evaluation, pair, language, text, is_reviewed, actor)
    data = {"key": key, "language": language, "version": row.number, "reviewed": is_reviewed}
    audit.record(actor=actor, verb="translation.saved", obj=evaluation, data=data)
    return row


@transaction.atomic
def import_translations(*, evaluation: Evaluation, language: str, content: bytes, actor: User) -> int:
    """Every translation of a file that says something new, or nothing. Raises BadInterchange. Returns how many."""
    pairs = {pair.unit.key: pair for pair in _pairs(evaluation, language, actor)}
    targets = read_xliff(content, [pair.unit for pair in pairs.values()], language)
    new = [target for target in targets if not _is_kept(pairs[target.unit.key], target.text, target.is_reviewed)]
    for target in new:
        _keep(evaluation, pairs[target.unit.key], language, target.text, target.is_reviewed, actor)
    data = {"language": language, "texts": len(new)}
    audit.record(actor=actor, verb="translation.imported", obj=evaluation, data=data)
    return len(new)


def _is_kept(pair: Pair, text: str, is_reviewed: bool) -> bool:
    last = pair.last
    if last is None or last.source_sha256 != pair.unit.sha256:
        return False
    return (last.text, last.is_reviewed) == (text, is_reviewed)


def _pairs(evaluation: Evaluation, language: str, actor: User) -> list[Pair]:
    """Of the last build, with the evaluation locked: two who save wait for one another."""
    if not permissions.can_translate(actor):
        raise NotAllowed(_("Only translators and the Secretariat translate."))
    locked = Evaluation.objects.select_for_update(of=("self",)).select_related("snapshot").get(pk=evaluation.pk)
    if locked.snapshot is None:
        raise StepRefused(_("Generate the documents first: their texts are what is translated."))
    return pairs_of(locked, locked.snapshot.content, language)


def _keep(evaluation: Evaluation, pair: Pair, language: str, text: str, is_reviewed: bool, actor: User) -> Translation:
    row = Translation(
        evaluation=evaluation,
        key=pair.unit.key,
        language=language,
        number=pair.last.number + 1 if pair.last else 1,
        text=text,
        source_sha256=pair.unit.sha256,
        is_reviewed=is_reviewed,
        by=actor,
    )
    row.full_clean()
    row.save()
    return row
