"""What translators keep: versions by hand, or a whole file at once."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.exceptions import NotAllowed, StaleVersion, StepRefused
from evaluations import permissions
from evaluations.imports import Target, read_xliff
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
    if is_reviewed and _author(pair, text, actor) == actor.pk:
        raise StepRefused(_("Somebody else than its author reviews a translation."))
    row = _keep(evaluation, pair, language, text, is_reviewed, actor)
    data = {"key": key, "language": language, "version": row.number, "reviewed": is_reviewed}
    audit.record(actor=actor, verb="translation.saved", obj=evaluation, data=data)
    return row


@transaction.atomic
def import_translations(*, evaluation: Evaluation, language: str, content: bytes, actor: User) -> int:
    """Every translation of a file that says something new, or nothing. Raises BadInterchange. Returns how many.

    What the file calls final is reviewed where somebody else had brought in the same words, and otherwise a draft.
    """
    pairs = {pair.unit.key: pair for pair in _pairs(evaluation, language, actor)}
    targets = read_xliff(content, [pair.unit for pair in pairs.values()], language)
    found = [(pairs[target.unit.key], target) for target in targets]
    new = [(pair, target) for pair, target in found if not _is_kept(pair, target, actor)]
    for pair, target in new:
        _keep(evaluation, pair, language, target.text, _is_review(pair, target, actor), actor)
    data = {"language": language, "texts": len(new)}
    audit.record(actor=actor, verb="translation.imported", obj=evaluation, data=data)
    return len(new)


def _is_kept(pair: Pair, target: Target, actor: User) -> bool:
    """Nothing new is in it: the same words, and no more said of them. A file that was taken along before somebody
    reviewed them takes nothing from that review."""
    if not pair.says(target.text) or pair.last is None:
        return False
    return pair.last.is_reviewed or not target.is_reviewed or pair.last.by_id == actor.pk


def _is_review(pair: Pair, target: Target, actor: User) -> bool:
    return target.is_reviewed and _author(pair, target.text, actor) != actor.pk


def _author(pair: Pair, text: str, actor: User) -> int:
    """Key of whose words these are: of whoever brought them in first, however often they were saved since."""
    return pair.last.by_id if pair.last is not None and pair.says(text) else actor.pk


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
        by_id=_author(pair, text, actor),
        reviewed_by=actor if is_reviewed else None,
    )
    row.full_clean()
    row.save()
    return row
