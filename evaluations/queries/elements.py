"""Which elements of an evaluation there are, what each is called, and what stands in the way of a merge."""

import re
from collections.abc import Mapping

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from evaluations.enums import Suggestion
from evaluations.models import Element, Evaluation
from workplan.models import Activity

NEW_KEY = re.compile(r"^N[1-9][0-9]{0,2}$")
GONE = (Suggestion.CLOSE, Suggestion.MERGE)  # nothing is merged into what is not there itself


def is_new_key(key: str) -> bool:
    return NEW_KEY.match(key) is not None


def activities_of(evaluation: Evaluation) -> list[Activity]:
    """Of the version of the plan that is evaluated."""
    return list(evaluation.round.catalogue.activities.order_by("position"))


def counting_versions(evaluation: Evaluation) -> dict[str, list[Element]]:
    """By key the last version, and the one that documents print where that is another: a draft binds as what is
    printed does, or one of the two would contradict the other half of a merge. What is withdrawn is not there."""
    rows = Element.objects.filter(evaluation=evaluation)
    found = {row.key: [row] for row in rows.last_versions() if not row.is_withdrawn}
    for row in rows.printed():
        if row != found[row.key][0]:
            found[row.key].append(row)
    return found


def key_names(evaluation: Evaluation, counting: Mapping[str, list[Element]]) -> dict[str, str]:
    """What pages call each: activities in the order of the plan, then what is new."""
    new = sorted((key for key in counting if is_new_key(key)), key=lambda key: int(key[1:]))
    names = {activity.code: str(activity) for activity in activities_of(evaluation)}
    return names | {key: f"{key} {Truncator(counting[key][0].text).chars(60)}" for key in new}


def merge_targets(evaluation: Evaluation, key: str) -> list[tuple[str, str]]:
    """What an activity can be merged with; of what is closed or merged itself it is said."""
    counting = counting_versions(evaluation)
    names = key_names(evaluation, counting)
    return [(code, f"{name}{_marks(counting.get(code, ()))}") for code, name in names.items() if code != key]


def _marks(versions: "list[Element] | tuple[()]") -> str:
    words = [str(Suggestion(row.suggestion).label) for row in versions if row.suggestion in GONE]
    return f" ({words[0]})" if words else ""


def merge_fault(element: Element) -> str:
    """Why a version that is to be saved does not go with the others; empty where it does."""
    counting = counting_versions(element.evaluation)
    names = key_names(element.evaluation, counting)
    if element.suggestion == Suggestion.MERGE:
        return _target_fault(element, counting, names)
    stays = element.suggestion != Suggestion.CLOSE and not element.is_withdrawn
    return "" if stays else _left_behind(element, counting, names)


def _target_fault(element: Element, counting: Mapping[str, list[Element]], names: Mapping[str, str]) -> str:
    target = element.merge_into
    if target not in names or target == element.key:
        return _("Choose another activity of this plan, or a new one, to merge with.")
    versions, about = counting.get(target, []), {"activity": names[target]}
    if any(row.suggestion in GONE for row in versions):
        words = _("“%(activity)s” is itself to be closed or merged. Choose another, or change what is suggested there.")
        return words % about
    if is_new_key(target) and not element.is_draft and all(row.is_draft for row in versions):
        return _("“%(activity)s” is still a draft. Keep it for the documents first, or save this as a draft.") % about
    return _left_behind(element, counting, names)


def _left_behind(element: Element, counting: Mapping[str, list[Element]], names: Mapping[str, str]) -> str:
    """What others are to be merged with stays."""
    merged = [key for key, rows in counting.items() if any(row.merge_into == element.key for row in rows)]
    if not merged:
        return ""
    words = _("These are to be merged with this one: %(activities)s. Change what is suggested there first.")
    return words % {"activities": "; ".join(name for key, name in names.items() if key in merged)}
