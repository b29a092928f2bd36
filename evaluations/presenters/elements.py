"""What the pages of elements for a second Work Plan show: the list, one with its versions, two of them compared."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.enums import Language
from evaluations.models import Element, Evaluation
from workplan.delivery.wording import Part, Wording, changed_parts
from workplan.models import Activity

NEW_KEY = re.compile(r"^N[1-9][0-9]?$")


@dataclass(frozen=True)
class ElementRow:
    key: str
    number: str
    title: str
    element: Element | None


def element_page(evaluation: Evaluation, elements: Iterable[Element]) -> dict[str, Any]:
    """Every activity of the catalogue with its last version, then what would be new, and the next free key."""
    found = {element.key: element for element in elements}
    rows = [ElementRow(a.code, a.number, a.title, found.get(a.code)) for a in _catalogue(evaluation)]
    new = sorted((key for key in found if is_new_key(key)), key=lambda key: int(key[1:]))
    rows += [ElementRow(key, key, _("New activity"), found[key]) for key in new]
    return {"rows": rows, "next_key": f"N{len(new) + 1}"}


def _catalogue(evaluation: Evaluation) -> Iterable[Activity]:
    return evaluation.round.catalogue.activities.order_by("position")


def is_new_key(key: str) -> bool:
    return NEW_KEY.match(key) is not None


def element_title(evaluation: Evaluation, key: str) -> str | None:
    """None where the key names nothing."""
    if is_new_key(key):
        return _("New activity")
    activity = evaluation.round.catalogue.activities.filter(code=key).first()
    return str(activity) if activity else None


def element_initial(last: Element | None) -> dict[str, Any]:
    if last is None:
        return {"seen": 0, "language": get_language()}
    return {"seen": last.number, "suggestion": last.suggestion, "text": last.text, "language": last.language}


# --- versions -----------------------------------------------------------------------------------


def version_page(versions: Sequence[Element], number: int, compared: str) -> dict[str, Any]:
    """One version, newest first among `versions`, and what changed in it since another; by itself the one before.
    Raises Http404 for what is none of them."""
    by_number = {version.number: version for version in versions}
    if number not in by_number or (compared and compared not in map(str, by_number)):
        raise Http404
    version, other = by_number[number], by_number.get(int(compared or number - 1))
    first, second = sorted((other or version, version), key=lambda row: row.number)
    return {
        "version": version,
        "last": versions[0],
        "versions": versions,
        "first": first,
        "second": second,
        "changes": version_changes(first, second),
    }


def version_changes(before: Element, after: Element) -> Wording:
    """As changes in answers of reports are shown."""
    return Wording(
        code=after.key,
        number="",
        title="",
        language=after.language,
        language_before=before.language,
        changes=changed_parts(_parts(before), _parts(after)),
    )


def _parts(version: Element) -> list[Part]:
    return [
        Part(_("Suggestion"), [str(version.get_suggestion_display())]),
        Part(_("Text"), [version.text] if version.text else [], is_prose=True),
        Part(_("Language of the text"), [str(Language(version.language).label)]),
        Part(_("Status"), [_("Draft") if version.is_draft else _("For the documents")]),
    ]
