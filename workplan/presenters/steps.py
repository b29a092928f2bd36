"""What happened to a report, and what a person may do with it."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from workplan import permissions
from workplan.enums import (
    ReportStatus,
    Step,
)
from workplan.models import (
    Report,
    ReportEntry,
    StatusChange,
)
from workplan.queries import is_open_at_review

# Steps between the State and its reviewer; the others stay inside the State.
STEPS_BETWEEN = (
    Step.APPROVE,
    Step.RETURN,
    Step.ACCEPT,
    Step.WITHDRAW,
    Step.ASK_RETURN,
    Step.REOPEN,
    Step.FILE_FOR_STATE,
)
STEP_DONE_WORDS = {
    Step.SEND_TO_COORDINATOR: gettext_lazy("Sent to the coordinator"),
    Step.TAKE_BACK: gettext_lazy("Taken back"),
    Step.RETURN_TO_AUTHOR: gettext_lazy("Returned to the author"),
    Step.APPROVE: gettext_lazy("Approved and sent to the Secretariat"),
    Step.RETURN: gettext_lazy("Returned to the State"),
    Step.ACCEPT: gettext_lazy("Accepted"),
    Step.WITHDRAW: gettext_lazy("Taken back before the review began"),
    Step.ASK_RETURN: gettext_lazy("The State asked for the report’s return"),
    Step.REOPEN: gettext_lazy("Reopened for a new version"),
    Step.FILE_FOR_STATE: gettext_lazy("Filed by the Secretariat for the State"),
}
# The Secretariat reports on the same pages; those who review it are the officers of the Meeting.
SECRETARIATS_OWN_WORDS = {
    Step.APPROVE: gettext_lazy("Approved and sent to the officers of the Meeting"),
    Step.RETURN: gettext_lazy("Returned to the Secretariat"),
    Step.ASK_RETURN: gettext_lazy("The Secretariat asked for the report’s return"),
}


def step_done(step: str, report: Report) -> str:
    own = SECRETARIATS_OWN_WORDS.get(Step(step)) if report.state_id is None else None
    return str(own or STEP_DONE_WORDS[Step(step)])


@dataclass(frozen=True)
class Event:
    title: str
    at: Any
    byline: str
    text: str = ""
    url: str = ""


def history(
    changes: Iterable[StatusChange], readable: Container[int] | None = None, *, with_notes: bool = True
) -> list[Event]:
    """Steps newest first. `readable` are the versions that the reader may open; None: all of them."""
    return [_event(change, readable, with_notes) for change in changes][::-1]


def _event(change: StatusChange, readable: Container[int] | None, with_notes: bool) -> Event:
    version = change.version
    opens = version is not None and (readable is None or version.pk in readable)
    return Event(
        title=step_done(change.step, change.report),
        at=change.at,
        byline=str(change.by),
        text=change.note if with_notes else "",
        url=reverse("report_version", args=[change.report.reference, version.number]) if version and opens else "",
    )


def entry_history(entry: ReportEntry, user: User) -> list[Event]:
    """What happened to this entry lately, and to its report for whoever reads the whole of it."""
    reads_all = permissions.can_read_answers(user, entry.report)
    events = history(entry.report.changes.select_related("by", "report", "version"))[:4] if reads_all else []
    if entry.updated_by is None:
        return events
    saved = Event(title=_("This answer was saved"), at=entry.updated_at, byline=str(entry.updated_by))
    return sorted([saved, *events], key=lambda event: event.at, reverse=True)


@dataclass(frozen=True)
class Steps:
    """Booleans for the templates."""

    edit: bool
    send: bool
    take_back: bool
    approve: bool
    own_approval: bool  # would approve, but sent it: another person must
    review: bool
    withdraw: bool
    ask_return: bool
    reopen: bool
    more_time: bool
    import_file: bool
    publish: bool


def steps_for(user: User, report: Report) -> Steps:
    def can(step: str) -> bool:
        return permissions.can_take_step(user, report, step)

    waits = report.status == ReportStatus.WITH_COORDINATOR
    return Steps(
        edit=permissions.can_edit_report(user, report),
        send=can(Step.SEND_TO_COORDINATOR),
        take_back=can(Step.TAKE_BACK),
        approve=can(Step.APPROVE),
        own_approval=waits and permissions.can_approve(user, report) and permissions.approves_own(user, report),
        review=report.submitted_at is not None and permissions.can_review(user, report),
        withdraw=can(Step.WITHDRAW) and not is_open_at_review(report),
        ask_return=can(Step.ASK_RETURN) and is_open_at_review(report),
        reopen=can(Step.REOPEN),
        more_time=permissions.can_ask_for_time(user, report),
        import_file=permissions.can_import(user, report),
        publish=report.accepted_version_id is not None and permissions.can_publish(user, report),
    )


def reason_words(step: str, report: Report) -> dict[str, str]:
    """Heading, explanation and button of a step that asks for a reason."""
    words = {"reference": report.reference}
    if step == Step.REOPEN:
        return {
            "title": _("Reopen %(reference)s") % words,
            "text": _(
                "The reporter can write again and sends a new version. The accepted version and its ratings can "
                "still be read; until a new one is accepted, the report counts as sent and not as accepted."
            ),
            "button": _("Reopen the report"),
        }
    return {
        "title": _("Ask for the return of %(reference)s") % words,
        "text": _("The review has begun, so the reviewer decides and sees your reason at the top of the review."),
        "button": _("Ask for return"),
    }
