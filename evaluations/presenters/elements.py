"""What the pages of elements for a second Work Plan show: the list, one with its versions, two of them compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.enums import Language
from evaluations.enums import Suggestion
from evaluations.models import Element, Evaluation
from evaluations.queries.elements import activities_of, is_new_key
from workplan.delivery.wording import Part, Wording, changed_parts


@dataclass(frozen=True)
class ElementRow:
    key: str
    number: str
    title: str
    element: Element | None
    merged_with: str  # number of the activity, key of what is new


def element_page(evaluation: Evaluation, elements: Iterable[Element]) -> dict[str, Any]:
    """Every activity of the catalogue with its last version, then what would be new, and the next free key."""
    found = {element.key: element for element in elements}
    numbers = {activity.code: activity.number for activity in activities_of(evaluation)}
    rows = [_row(a.code, a.number, a.title, found.get(a.code), numbers) for a in activities_of(evaluation)]
    new = sorted((key for key in found if is_new_key(key)), key=lambda key: int(key[1:]))
    rows += [_row(key, key, _("New activity"), found[key], numbers) for key in new]
    # What was withdrawn keeps its key, and gaps are not filled.
    return {"rows": rows, "next_key": f"N{max((int(key[1:]) for key in new), default=0) + 1}"}


def _row(key: str, number: str, title: str, element: Element | None, numbers: Mapping[str, str]) -> ElementRow:
    target = numbers.get(element.merge_into, element.merge_into) if element else ""
    return ElementRow(key, number, title, element, target)


def element_title(evaluation: Evaluation, key: str) -> str | None:
    """None where the key names nothing."""
    if is_new_key(key):
        return _("New activity")
    activity = evaluation.round.catalogue.activities.filter(code=key).first()
    return str(activity) if activity else None


def element_initial(last: Element | None) -> dict[str, Any]:
    if last is None:
        return {"seen": 0, "language": get_language()}
    return {"seen": last.number, **{name: getattr(last, name) for name in Element.SAID if name != "is_draft"}}


# --- versions -----------------------------------------------------------------------------------


def version_page(versions: Sequence[Element], number: int, compared: str, names: Mapping[str, str]) -> dict[str, Any]:
    """One version, newest first among `versions`, and what changed in it since another; by itself the one before, of
    the first one what came of it.
    Raises Http404 for what is none of them. `names`: of activities, by key."""
    by_number = {version.number: version for version in versions}
    if number not in by_number or (compared and compared not in map(str, by_number)):
        raise Http404
    version, other = by_number[number], by_number.get(int(compared or number - 1), versions[0])
    first, second = sorted((other, version), key=lambda row: row.number)
    return {
        "shown": version,  # the foot of each page says the version of the portal
        "last": versions[0],
        "versions": versions,
        "first": first,
        "second": second,
        "merged_with": merged_with(version, names),
        "changes": version_changes(first, second, names),
    }


def merged_with(version: Element, names: Mapping[str, str]) -> str:
    """With what, in words; empty where nothing is merged."""
    if version.suggestion != Suggestion.MERGE:
        return ""
    return names.get(version.merge_into, version.merge_into) or _("with which one is not recorded")


def version_changes(before: Element, after: Element, names: Mapping[str, str]) -> Wording:
    """As changes in answers of reports are shown."""
    return Wording(
        code=after.key,
        number="",
        title="",
        language=after.language,
        language_before=before.language,
        changes=changed_parts(_parts(before, names), _parts(after, names)),
    )


def _parts(version: Element, names: Mapping[str, str]) -> list[Part]:
    target = merged_with(version, names)
    return [
        Part(_("Suggestion"), [str(version.get_suggestion_display())]),
        Part(_("Merge with"), [target] if target else []),
        Part(_("Text"), [version.text] if version.text else [], is_prose=True),
        Part(_("Language of the text"), [str(Language(version.language).label)]),
        Part(_("Status"), [_status(version)]),
    ]


def _status(version: Element) -> str:
    if version.is_withdrawn:
        return _("Withdrawn")
    return _("Draft") if version.is_draft else _("For the documents")
