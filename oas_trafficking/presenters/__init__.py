"""How an audit event reads to a person, and what the start page says is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.models import AuditEvent
from core.templatetags.portal import month_date
from evaluations.delivery.content import name_key
from networks.models import Desk as Contact
from networks.presenters import request_tag
from oas_trafficking.queries import Desk
from workplan.models import Report
from workplan.presenters import PROGRESS_WORDS, day_due, due_words, handed_words, ready_words, report_tag

EVENT_LABELS: dict[str, str | Promise] = {
    "accreditation.applied": _("Asked for accreditation"),
    "accreditation.granted": _("Accredited an organization"),
    "accreditation.refused": _("Refused an accreditation"),
    "accreditation.vetted": _("Vetted an organization"),
    "report.published": _("Published a report"),
    "report.unpublished": _("Stopped publishing a report"),
    "report.reminded": _("Reminded the State of a report"),
    "api_key.issued": _("Made a key to the API"),
    "api_key.revoked": _("Ended a key to the API"),
    "view.changed": _("Changed a saved view"),
    "view.removed": _("Removed a saved view"),
    "view.restored": _("Brought a saved view back"),
    "view.saved": _("Saved a view"),
    "webhook.added": _("Added a system to be told"),
    "webhook.paused": _("Paused the notices to a system"),
    "webhook.removed": _("Removed a system that was told"),
    "webhook.resumed": _("Switched the notices to a system on again"),
    "webhook.secret_replaced": _("Replaced the secret of a system"),
    "webhook.stopped": _("Notices to a system were switched off after failures"),
    "webhook.tested": _("Sent a test to a system"),
    "api_token.issued": _("Issued a key of an organization"),
    "api_token.revoked": _("Revoked a key of an organization"),
    "attachment.checked": _("Checked a file of a contribution"),
    "contribution.accept": _("Accepted a contribution"),
    "contribution.answered": _("Answered a question on a contribution"),
    "contribution.asked": _("Asked a question on a contribution"),
    "contribution.bulk_read": _("Handed in a workbook of contributions"),
    "contribution.bulk_sent": _("Sent the contributions of a workbook"),
    "contribution.cited": _("Cited a contribution in a summary"),
    "contribution.drafted": _("Drafted a contribution"),
    "contribution.file_attached": _("Attached a file to a contribution"),
    "contribution.file_downloaded": _("Downloaded a file of a contribution"),
    "contribution.file_removed": _("Removed a file from a contribution"),
    "contribution.not_use": _("Decided not to use a contribution"),
    "contribution.receive": _("Confirmed receipt of a contribution"),
    "contribution.replied": _("Replied to a contribution"),
    "contribution.review": _("Began the review of a contribution"),
    "contribution.revised": _("Changed the draft of a contribution"),
    "contribution.send": _("Sent a contribution"),
    "contribution.translated": _("Translated a contribution"),
    "contribution.translation_reviewed": _("Reviewed the translation of a contribution"),
    "contribution.withdraw": _("Withdrew a contribution"),
    "network.announced": _("Announced something in a network"),
    "network.changed": _("Changed the details of a network"),
    "network.decision_followed_up": _("Followed up a decision of a network"),
    "network.decision_recorded": _("Recorded a decision of a network"),
    "network.file_shared": _("Shared a file in a network"),
    "network.founded": _("Founded a network"),
    "network.guest_let_in": _("Let a guest into a room"),
    "network.guest_shown_out": _("Closed a room to a guest"),
    "network.meeting_recorded": _("Recorded a meeting of a network"),
    "network.seat_ended": _("Ended a seat in a network"),
    "network.seat_given": _("Gave a seat in a network"),
    "report.form_made": _("Made the printable form of a report"),
    "report.paper_made": _("Made a document of a report"),
    "report.paper_taken": _("Downloaded a document of a report"),
    "access.refused": _("Was refused a page"),
    "access.reviewed": _("Went through who has access"),
    "agreement.recorded": _("Recorded an agreement"),
    "national_plan.changed": _("Changed a national plan in the register"),
    "national_plan.recorded": _("Entered a national plan in the register"),
    "national_plan.removed": _("Removed a national plan from the register"),
    "national_plan.restored": _("Put a national plan back into the register"),
    "ratification.changed": _("Changed a signature or ratification in the register"),
    "ratification.recorded": _("Entered a signature or ratification in the register"),
    "ratification.removed": _("Removed a signature or ratification from the register"),
    "ratification.restored": _("Put a signature or ratification back into the register"),
    "dashboard.exported": _("Exported the figures of a period"),
    "directory.exported": _("Exported the directory"),
    "document.checked": _("Checked a file"),
    "network.guest_ended": _("The room was closed to a guest at the end"),
    "network.seat_taken": _("Took a seat in a network"),
    "release.built": _("Made a release of statistics"),
    "release.downloaded": _("Downloaded a file of a release"),
    "release.published": _("Published a release of statistics"),
    "release.requested": _("Asked for a release of statistics"),
    "release.stopped": _("Stopped a release of statistics at its audit"),
    "referral.proposed": _("Prepared a referral to another State"),
    "referral.sent": _("Approved and sent a referral to another State"),
    "referral.withdrawn": _("Withdrew a referral to another State"),
    "referral.accepted": _("Accepted a referral of another State"),
    "referral.refused": _("Refused a referral of another State"),
    "referral.question": _("Asked the other State about a referral"),
    "referral.answer": _("Answered the other State about a referral"),
    "referral.feedback": _("Sent the other State feedback on a referral"),
    "report.exported": _("Took the spreadsheet of a report"),
    "request.changed": _("Changed the draft of a request"),
    "request.drafted": _("Drafted a request"),
    "request.translated": _("Translated part of a request"),
    "request.translation_reviewed": _("Reviewed the translation of part of a request"),
    "request.escalated": _("Told the next in line of a late request"),
    "report.withdraw": _("Took a report back before its review"),
    "request.file_attached": _("Attached a file to a request"),
    "return.proposal_declined": _("Declined counted cases for a table"),
    "return.proposal_taken": _("Took counted cases into a draft"),
    "return.proposed": _("Proposed counted cases for a table"),
    "return.saved": _("Saved a table of statistics"),
    "return.sent": _("Sent a table of statistics for signature"),
    "return.signed": _("Signed off a table of statistics"),
    "return.taken_back": _("Took a table of statistics back"),
    "round.frozen": _("Froze a reporting period"),
    "route.reported": _("Reported a route"),
    "account.password_changed": _("Changed the password"),
    "account.password_reset": _("Set a new password by mail"),
    "account.recovery_codes_generated": _("Made new recovery codes"),
    "account.totp_activated": _("Added an authenticator app"),
    "account.totp_deactivated": _("Removed the authenticator app"),
    "account.webauthn_added": _("Added a passkey"),
    "account.webauthn_removed": _("Removed a passkey"),
    "audit.exported": _("Exported the audit trail"),
    "catalogue.imported": _("Imported a catalogue of activities"),
    "document.downloaded": _("Downloaded a document"),
    "extension.granted": _("Granted more time"),
    "extension.refused": _("Refused more time"),
    "extension.requested": _("Asked for more time"),
    "entry.grant_ended": _("An entry handed out came back at its end"),
    "entry.handed_out": _("Handed an entry to somebody"),
    "entry.saved": _("Saved an entry"),
    "entry.taken_back": _("Took an entry back"),
    "evaluation.build_cancelled": _("Cancelled the making of a summary"),
    "evaluation.build_requested": _("Asked for a summary to be made"),
    "evaluation.build_tried_again": _("Had the making of a summary go on"),
    "evaluation.built": _("Made a summary"),
    "evaluation.created": _("Created a summary"),
    "conclusion.followed_up": _("Noted what became of a conclusion"),
    "consultation.opened": _("Opened the consultation on an evaluation"),
    "consultation.moved": _("Moved the end of a consultation"),
    "consultation.commented": _("Commented on an evaluation"),
    "translation.saved": _("Saved a translation of an evaluation"),
    "translation.imported": _("Imported translations of an evaluation"),
    "evaluation.element_saved": _("Saved an element for a second Work Plan"),
    "evaluation.element_withdrawn": _("Withdrew a new element for a second Work Plan"),
    "evaluation.element_brought_back": _("Brought a new element for a second Work Plan back"),
    "evaluation.element_restored": _("Restored an earlier version of an element for a second Work Plan"),
    "evaluation.published": _("Published a summary"),
    "job.gave_up": _("Gave up a piece of work"),
    "job.tried_again": _("Had work that was given up tried again"),
    "backup.made": _("Made a backup"),
    "backup.recovered": _("Went back to a moment before"),
    "backup.restored": _("Came back from a backup"),
    "evaluation.state_excluded": _("Left a State out of a summary"),
    "evaluation.state_included": _("Took a State into a summary again"),
    "evaluation.state_reminded": _("Reminded a State of its report"),
    "evidence.attached": _("Attached evidence"),
    "evidence.clean": _("Checked a file: no virus found"),
    "evidence.downloaded": _("Downloaded evidence"),
    "evidence.infected": _("Checked a file: virus found"),
    "evidence.not_scanned": _("Checked a file, without a virus scanner"),
    "evidence.refused": _("Refused a file"),
    "evidence.removed": _("Removed evidence"),
    "approval.asked": _("Asked for a decision about a case"),
    "approval.decided": _("Decided about a case"),
    "case.changed": _("Changed a case record"),
    "case.imported": _("Took a case over from a spreadsheet"),
    "case.erased": _("Erased a case"),
    "case.erased_again": _("Erased a case again that a backup brought back"),
    "case.opened": _("Began a case"),
    "case.read": _("Opened a case record"),
    "consent.recorded": _("Recorded a consent"),
    "consent.withdrawn": _("Recorded that a consent was withdrawn"),
    "emergency.begun": _("Opened a case in an emergency"),
    "emergency.refused": _("Was refused emergency access to a case"),
    "factor_reset.applied": _("Removed a lost second factor"),
    "factor_reset.confirmed": _("Confirmed the reset of a second factor"),
    "factor_reset.requested": _("Asked for the reset of a second factor"),
    "factor_reset.stopped": _("Stopped the reset of a second factor"),
    "focal_point.appointed": _("Recorded the appointment of a focal point"),
    "hold.lifted": _("Lifted a legal hold"),
    "hold.set": _("Set a legal hold on a case"),
    "identity.refused": _("Asked for an identity and was refused"),
    "invitation.accepted": _("Accepted an invitation"),
    "invitation.confirmed": _("Confirmed a role that two people give"),
    "invitation.revoked": _("Revoked an invitation"),
    "invitation.sent_again": _("Sent an invitation again"),
    "job.cancelled": _("Cancelled work in the background"),
    "keys.swept": _("Destroyed keys that nothing needed"),
    "keys.rotated": _("Changed the State’s keys"),
    "note.attached": _("Attached a note verbale"),
    "note.clean": _("Checked a note verbale: no virus found"),
    "note.downloaded": _("Downloaded a note verbale"),
    "note.infected": _("Checked a note verbale: virus found"),
    "note.not_scanned": _("Checked a note verbale, without a virus scanner"),
    "note.refused": _("Refused the file of a note verbale"),
    "person.deactivated": _("Closed an account"),
    "person.handed_over": _("Handed over the work of somebody who leaves"),
    "person.invited": _("Invited a person"),
    "person.reactivated": _("Opened an account again"),
    "profile.saved": _("Changed their details"),
    "question.answered": _("Answered a question"),
    "question.asked": _("Asked a question"),
    "question.resolved": _("Resolved a question"),
    "import.confirmed": _("Imported answers from a file"),
    "import.read": _("Handed in a file of answers"),
    "import.undone": _("Undid an import"),
    "report.accept": _("Accepted a report"),
    "report.approve": _("Approved a report"),
    "report.ask_return": _("Asked for a report’s return"),
    "report.file_for_state": _("Filed a report for a State"),
    "report.opened": _("Opened a report for review"),
    "report.reopen": _("Reopened a report"),
    "report.return": _("Returned a report to the State"),
    "report.return_to_author": _("Returned a report to its author"),
    "report.send_to_coordinator": _("Sent a report to the coordinator"),
    "report.take_back": _("Took a report back"),
    "role.ended": _("Ended a role"),
    "role.given": _("Gave a role"),
    "round.closed": _("Closed a reporting period"),
    "round.created": _("Prepared a reporting period"),
    "round.opened": _("Opened a reporting period"),
    "state.exported": _("Exported the figures of a State"),
    "retention.asked": _("Asked for a case to be erased"),
    "retention.declined": _("Declined to erase a case"),
    "retention.kept": _("Decided to keep a case longer"),
    "retention.proposed": _("Proposed a case for a decision on keeping it"),
    "retention.rule": _("Changed how long cases are kept"),
    "retention.taken_back": _("Took back the request to erase a case"),
    "search.answered": _("Was told of cases found by a search"),
    "search.asked": _("Searched the records of the State"),
    "search.refused": _("Searched too often and was refused"),
    "session.closed": _("Signed out"),
    "session.opened": _("Signed in"),
    "session.others_ended": _("Ended the other sessions"),
    "session.refused": _("A sign-in failed"),
    "factor.refused": _("A second factor was refused"),
    "team.joined": _("Joined a colleague to the team of a case"),
    "team.refused": _("Tried to join the team of a case and was refused"),
    "team.left": _("Ended a colleague’s work on a case"),
}
OBJECT_LABELS: dict[str, str | Promise] = {
    "victims.referral": _("Referral between States"),
    "contributions.accreditation": _("Accreditation"),
    "contributions.contribution": _("Contribution"),
    "contributions.attachment": _("File of a contribution"),
    "accounts.apikey": _("Key to the API"),
    "contributions.apitoken": _("Key of an organization"),
    "indicators.release": _("Release of statistics"),
    "indicators.releasefile": _("File of a release"),
    "indicators.returnproposal": _("Counted cases"),
    "indicators.statisticalreturn": _("Statistical return"),
    "networks.agreement": _("Agreement"),
    "networks.assistanceitem": _("Technical assistance"),
    "networks.cooperationrequest": _("Cooperation request"),
    "networks.desk": _("Contact"),
    "networks.instrumentact": _("Signature or ratification"),
    "networks.nationalplan": _("National plan"),
    "networks.document": _("File"),
    "networks.network": _("Network"),
    "accounts.factorreset": _("Reset of a second factor"),
    "accounts.focalpointappointment": _("Appointment of a focal point"),
    "accounts.institution": _("Institution"),
    "accounts.invitation": _("Invitation"),
    "accounts.roleassignment": _("Role"),
    "accounts.user": _("Person"),
    "accounts.state": _("State"),
    "core.job": _("Work in the background"),
    "accounts.accessreview": _("Access review"),
    "evaluations.evaluation": _("Evaluation summary"),
    "dashboard": _("Dashboard"),
    "route": _("Page"),
    "trail": _("Audit trail"),
    "workplan.catalogue": _("Catalogue"),
    "workplan.extension": _("Request for more time"),
    "workplan.importrun": _("Import"),
    "workplan.evidence": _("Evidence"),
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
        # The address beside the name: people can change their name, and with it every line they left before.
        who=f"{event.actor} ({event.actor.email})" if event.actor else event.system,
        what=EVENT_LABELS.get(event.verb, event.verb),
        about=OBJECT_LABELS.get(event.object_type, event.object_type),
        reference=str(data.pop("reference", "") or event.object_id),
        details=", ".join(f"{name}: {_plain(value)}" for name, value in data.items()),
    )


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# --- what is due ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class DueItem:
    """A line of the start page. `due` orders the list; items without a date come last."""

    title: str
    url: str
    note: str
    status: str
    status_label: str
    due: date | None = None


def due_items(desk: Desk) -> list[DueItem]:
    """What waits for this person in all their roles, oldest deadline first."""
    items = [
        *_reports_due(desk),
        *_entries_due(desk),
        *_reviews_due(desk),
        *_rounds_due(desk),
        *_summaries_due(desk),
        *_requests_due(desk),
        *_returns_due(desk),
        *_proposals_due(desk),
    ]
    return sorted(items, key=lambda item: (item.due is None, item.due or date.max))


def _requests_due(desk: Desk) -> Iterable[DueItem]:
    """What other States ask, and by when: it is seen at once."""
    for request in desk.to_answer:
        code, word = request_tag(request)
        words = {"state": request.sender_state, "subject": request.subject}
        title = gettext("Request from %(state)s: %(subject)s") % words
        due = day_due(request.answer_by, timezone.localdate()) if request.answer_by else ""
        yield DueItem(title, request.get_absolute_url(), due, code, word, request.answer_by)


def _returns_due(desk: Desk) -> Iterable[DueItem]:
    for filled in desk.to_sign:
        words = {"table": filled.definition.title, "year": filled.year}
        title = gettext("Statistics: %(table)s, %(year)s: to sign off") % words
        url = reverse("return_sign", args=[filled.state.iso2, filled.year, filled.table])
        sender = gettext("sent to you by %(person)s") % {"person": filled.sent_by}
        yield DueItem(title, url, sender, "with_coordinator", gettext("To sign off"))


def _proposals_due(desk: Desk) -> Iterable[DueItem]:
    for proposal in desk.counted:
        words = {"table": proposal.definition.title, "year": proposal.year}
        title = gettext("Statistics: %(table)s, %(year)s: counted from your cases") % words
        note = gettext("counted on %(date)s") % {"date": month_date(timezone.localdate(proposal.counted_at))}
        yield DueItem(title, proposal.get_absolute_url(), note, "draft", gettext("To confirm"))


def _report_title(report: Report) -> str:
    words = {"round": report.round.code}
    return gettext("Report %(round)s") % words if report.state else gettext("Secretariat’s report %(round)s") % words


def _reports_due(desk: Desk) -> Iterable[DueItem]:
    for report in desk.to_write:
        code, word = report_tag(report)
        ready = ready_words(report.ready_count, report.entry_count)  # type: ignore[attr-defined]
        yield DueItem(
            f"{_report_title(report)}: {ready}",
            report.get_absolute_url(),
            due_words(report),
            code,
            word,
            report.due_on,
        )
        if report.open_questions:  # type: ignore[attr-defined]
            yield _questions_due(report, report.open_questions)  # type: ignore[attr-defined]
    for report in desk.to_approve:
        yield _approval_due(report)


def _questions_due(report: Report, count: int) -> DueItem:
    words = ngettext("%(count)d question to answer", "%(count)d questions to answer", count) % {"count": count}
    url = f"{report.get_absolute_url()}#questions"
    return DueItem(
        f"{_report_title(report)}: {words}",
        url,
        due_words(report),
        "returned",
        gettext("Returned"),
        report.due_on,
    )


def _approval_due(report: Report) -> DueItem:
    title = gettext("%(report)s: to approve") % {"report": _report_title(report)}
    url = reverse("report_approve", args=[report.reference])
    sender = gettext("sent to you by %(person)s") % {"person": report.sent_by}
    note = f"{sender}, {due_words(report)}"
    return DueItem(title, url, note, "with_coordinator", gettext("To approve"), report.due_on)


def _entries_due(desk: Desk) -> Iterable[DueItem]:
    for entry in desk.handed:
        yield DueItem(
            f"{entry.activity.number} {entry.activity.title}",
            entry.get_absolute_url(),
            f"{_report_title(entry.report)}, {handed_words(entry)}",
            entry.progress,
            str(PROGRESS_WORDS[entry.progress]),
            entry.due,  # type: ignore[attr-defined]
        )


def _reviews_due(desk: Desk) -> Iterable[DueItem]:
    if not desk.waiting:
        return
    count, since = len(desk.waiting), desk.waiting[0]
    title = ngettext("%(count)d report to review", "%(count)d reports to review", count) % {"count": count}
    note = gettext("the first was sent on %(date)s") % {"date": month_date(since)}
    yield DueItem(title, reverse("review_queue"), note, "submitted", gettext("Submitted"), timezone.localdate(since))


def _rounds_due(desk: Desk) -> Iterable[DueItem]:
    for round_ in desk.open_rounds:
        title = gettext("Period %(round)s: %(arrived)d of %(total)d reports have arrived") % {
            "round": round_.code,
            "arrived": round_.arrived,  # type: ignore[attr-defined]
            "total": round_.total,  # type: ignore[attr-defined]
        }
        note = day_due(round_.due_on, timezone.localdate())
        url = reverse("submission_matrix", args=[round_.code])
        yield DueItem(title, url, note, "due", gettext("Open"), round_.due_on)


def _summaries_due(desk: Desk) -> Iterable[DueItem]:
    for evaluation in desk.evaluations:
        title = gettext("Evaluation summary %(symbol)s") % {"symbol": evaluation.symbol}
        note = gettext("not made yet") if evaluation.job is None else evaluation.job.get_state_display()
        state = "draft" if evaluation.job is None else evaluation.job.state
        yield DueItem(title, evaluation.get_absolute_url(), note, state, gettext("Draft"))


# --- public pages --------------------------------------------------------------------------------


def by_state_name(desks: Iterable[Contact]) -> list[Contact]:
    """In the alphabet of the page; those of no State first."""
    return sorted(desks, key=lambda desk: name_key(desk.institution.state.name if desk.institution.state else ""))
