"""How an audit event reads to a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import AuditEvent

EVENT_LABELS: dict[str, str | Promise] = {
    "access.refused": _("Was refused a page"),
    "audit.exported": _("Exported the audit trail"),
    "catalogue.imported": _("Imported a catalogue of activities"),
    "document.downloaded": _("Downloaded a document"),
    "entry.saved": _("Saved an entry"),
    "evaluation.build_cancelled": _("Cancelled the making of a summary"),
    "evaluation.build_requested": _("Asked for a summary to be made"),
    "evaluation.built": _("Made a summary"),
    "evaluation.created": _("Created a summary"),
    "question.answered": _("Answered a question"),
    "question.asked": _("Asked a question"),
    "question.resolved": _("Resolved a question"),
    "report.accept": _("Accepted a report"),
    "report.approve": _("Approved a report"),
    "report.return": _("Returned a report to the State"),
    "report.return_to_author": _("Returned a report to its author"),
    "report.send_to_coordinator": _("Sent a report to the coordinator"),
    "report.take_back": _("Took a report back"),
    "round.closed": _("Closed a reporting period"),
    "round.opened": _("Opened a reporting period"),
    "session.closed": _("Signed out"),
    "session.opened": _("Signed in"),
    "session.refused": _("A sign-in failed"),
}
OBJECT_LABELS: dict[str, str | Promise] = {
    "accounts.institution": _("Institution"),
    "accounts.invitation": _("Invitation"),
    "accounts.roleassignment": _("Role"),
    "accounts.user": _("Person"),
    "core.job": _("Work in the background"),
    "evaluations.evaluation": _("Evaluation summary"),
    "route": _("Page"),
    "trail": _("Audit trail"),
    "workplan.catalogue": _("Catalogue"),
    "workplan.question": _("Question"),
    "workplan.report": _("Report"),
    "workplan.reportentry": _("Entry"),
    "workplan.round": _("Reporting period"),
}


@dataclass(frozen=True)
class AuditRow:
    number: int
    at: datetime
    who: str
    what: str | Promise
    about: str | Promise
    reference: str
    details: str


def audit_row(event: AuditEvent) -> AuditRow:
    data: dict[str, Any] = dict(event.data)
    return AuditRow(
        number=event.seq,
        at=event.at,
        who=str(event.actor) if event.actor else event.system,
        what=EVENT_LABELS.get(event.verb, event.verb),
        about=OBJECT_LABELS.get(event.object_type, event.object_type),
        reference=str(data.pop("reference", "") or event.object_id),
        details=", ".join(f"{name}: {_plain(value)}" for name, value in data.items()),
    )


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
