"""What the Secretariat writes of elements for a second Work Plan: each time another version."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.exceptions import NotAllowed, StaleVersion, StepRefused
from evaluations import permissions
from evaluations.enums import Suggestion
from evaluations.models import Element, Evaluation
from evaluations.queries.elements import merge_fault


@transaction.atomic
def save_element(
    *,
    evaluation: Evaluation,
    key: str,
    seen: int,
    suggestion: str,
    text: str,
    language: str,
    is_draft: bool,
    actor: User,
    merge_into: str = "",
) -> Element:
    """Add a version. `seen` is the version that the page showed: what somebody else wrote since is not passed over.

    `merge_into` is for a merge: the key of an activity of the plan evaluated, or of one that is new.
    """
    locked = _locked(evaluation, actor)
    last = _last(locked, key)
    if (last.number if last else 0) != seen:
        raise StaleVersion(_("Somebody else has saved this meanwhile. Read their version below before you save yours."))
    _require_standing(last)
    element = Element(evaluation=locked, key=key, number=seen + 1, by=actor, text=text, language=language)
    element.suggestion, element.merge_into, element.is_draft = suggestion, merge_into, is_draft
    _add(element)
    _audit("evaluation.element_saved", element)
    return element


@transaction.atomic
def restore_element(*, evaluation: Evaluation, key: str, number: int, seen: int, actor: User) -> Element:
    """Add a version that says what an earlier one said, a draft again or for the documents again."""
    locked = _locked(evaluation, actor)
    last = _last_read(locked, key, seen)
    _require_standing(last)
    if number == last.number:
        raise StepRefused(_("This is the last version already."))
    earlier = Element.objects.get(evaluation=locked, key=key, number=number)
    if earlier.suggestion == Suggestion.MERGE and not earlier.merge_into:
        raise StepRefused(_("This version does not say with what to merge. Write a new one with its text, and choose."))
    element = _repeat(earlier, seen + 1, actor, restored_from=earlier.number)
    _audit("evaluation.element_restored", element, restored=str(earlier.number))
    return element


@transaction.atomic
def withdraw_element(*, evaluation: Evaluation, key: str, seen: int, actor: User) -> Element:
    """Take back what was entered as new by mistake, with a version that says so. Its key is not used again."""
    last = _last_read(_locked(evaluation, actor), key, seen)
    _require_standing(last)
    if last.suggestion != Suggestion.NEW:
        raise StepRefused(_("Only what is suggested as new can be withdrawn."))
    element = _repeat(last, seen + 1, actor, is_withdrawn=True)
    _audit("evaluation.element_withdrawn", element)
    return element


@transaction.atomic
def bring_back_element(*, evaluation: Evaluation, key: str, seen: int, actor: User) -> Element:
    """Have it stand again as it did before it was withdrawn, for the documents or as a draft."""
    last = _last_read(_locked(evaluation, actor), key, seen)
    if not last.is_withdrawn:
        raise StepRefused(_("This is not withdrawn."))
    element = _repeat(last, seen + 1, actor, restored_from=last.number - 1)
    _audit("evaluation.element_brought_back", element)
    return element


def _locked(evaluation: Evaluation, actor: User) -> Evaluation:
    """One person at a time writes elements of an evaluation."""
    if not permissions.can_prepare(actor):
        raise NotAllowed(_("Only the Secretariat prepares evaluations."))
    return Evaluation.objects.select_for_update().get(pk=evaluation.pk)


def _last(evaluation: Evaluation, key: str) -> Element | None:
    return Element.objects.filter(evaluation=evaluation, key=key).last_versions().first()


def _last_read(evaluation: Evaluation, key: str, seen: int) -> Element:
    last = _last(evaluation, key)
    if last is None or last.number != seen:
        raise StaleVersion(_("Somebody else has saved this meanwhile. Read their version first."))
    return last


def _require_standing(last: Element | None) -> None:
    if last is not None and last.is_withdrawn:
        raise StepRefused(_("This was withdrawn. Bring it back first."))


def _repeat(earlier: Element, number: int, actor: User, **more: Any) -> Element:
    said = {name: getattr(earlier, name) for name in Element.SAID}
    element = Element(evaluation=earlier.evaluation, key=earlier.key, number=number, by=actor, **said, **more)
    _add(element)
    return element


def _add(element: Element) -> None:
    if fault := merge_fault(element):
        raise StepRefused(fault)
    element.full_clean()
    element.save()


def _audit(verb: str, element: Element, **more: str) -> None:
    evaluation = element.evaluation
    data = {"symbol": evaluation.symbol, "element": element.key, "version": str(element.number), **more}
    audit.record(actor=element.by, verb=verb, obj=evaluation, data=data)
