"""Who has seen a record, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.models import AuditEvent
from victims.enums import FieldClass, Kind, Purpose, Question, Reason, SearchReason

_VERBS: dict[str, Promise] = {
    "case.opened": gettext_lazy("Began the case"),
    "case.read": gettext_lazy("Looked at it"),
    "case.changed": gettext_lazy("Changed"),
    "consent.recorded": gettext_lazy("Recorded a consent"),
    "consent.withdrawn": gettext_lazy("Recorded that a consent was withdrawn"),
    "search.answered": gettext_lazy("Found it in a search"),
    "identity.refused": gettext_lazy("Asked for the identity and was refused"),
    "team.joined": gettext_lazy("Joined a colleague to the team"),
    "team.refused": gettext_lazy("Tried to join the team and was refused"),
    "team.left": gettext_lazy("Ended a colleague’s work on the case"),
    "approval.asked": gettext_lazy("Asked for a decision"),
    "approval.decided": gettext_lazy("Decided"),
    "emergency.begun": gettext_lazy("Opened it in an emergency"),
    "emergency.refused": gettext_lazy("An emergency access was refused"),
}


def access_rows(events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
    return [
        {
            "title": f"{_VERBS.get(event.verb, event.verb)}{_what(event.data)}",
            "byline": str(event.actor or event.system),
            "at": event.at,
            "text": _why(event.data),
        }
        for event in events
    ]


def _what(data: Mapping[str, Any]) -> str:
    words = [str(FieldClass(data["class"]).label)] if data.get("class") in FieldClass.values else []
    if data.get("question") in Question.values:
        words.append(str(Question(data["question"]).label))
    if data.get("what") in Kind.values:
        words.append(str(Kind(data["what"]).label))
    return f" · {', '.join(words)}" if words else ""


def _why(data: Mapping[str, Any]) -> str:
    code = data.get("purpose") or data.get("reason")
    if code == Purpose.STATISTICS:
        return str(Purpose.STATISTICS.label)
    if code in SearchReason.values and code not in Reason.values:
        return str(SearchReason(code).label)
    return str(Reason(code).label) if code in Reason.values else ""
