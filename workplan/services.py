"""What people do with rounds and reports. Every function is atomic, audited and says who acts."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm

from accounts.enums import Language
from accounts.models import State, User
from accounts.permissions import has_role_in
from accounts.services import OpenWork
from core import audit
from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.files import store_once
from core.jobs import enqueue
from core.models import OutboxMessage
from core.sanitize import Refused, check
from workplan import permissions
from workplan.enums import (
    TRANSITIONS,
    ImplementationStatus,
    QuestionStatus,
    Refusal,
    ReportStatus,
    RoundStatus,
    ScanState,
    Step,
    Visibility,
)
from workplan.imports import read_catalogue
from workplan.models import (
    Action,
    Activity,
    Catalogue,
    EntryUserObjectPermission,
    Evidence,
    Plan,
    Question,
    Rating,
    Reply,
    Report,
    ReportEntry,
    ReportVersion,
    Round,
    StatusChange,
)
from workplan.queries import report_content


@dataclass(frozen=True)
class ActionData:
    kind: str
    title: str
    starts_on: date
    ends_on: date | None = None
    place: str = ""


@dataclass(frozen=True)
class EntryData:
    """A validated answer; `actions` replaces those there were."""

    status: str
    reason: str = ""
    narrative: str = ""
    results: str = ""
    obstacles: str = ""
    obstacle_kinds: Sequence[str] = ()
    language: str = Language.EN
    is_ready: bool = False
    actions: Sequence[ActionData] = field(default_factory=tuple)


@dataclass(frozen=True)
class RatingData:
    status: str
    reason: str = ""


# --- catalogue ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CatalogueChange:
    """What an import did, or with `dry_run` would do, by code of activity."""

    catalogue: Catalogue | None  # the new version; none where nothing changed or nothing was written
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    changed: Sequence[str] = ()
    is_new: bool = False


@transaction.atomic
def import_catalogue(
    *,
    plan: Plan,
    content: bytes,
    name: str,
    actor: User | None = None,
    is_official: bool = False,
    source: str = "",
    dry_run: bool = False,
) -> CatalogueChange:
    """Read a file of activities as the plan's new current catalogue; rounds keep the one they were made with.

    The current catalogue's own file, or one that says the same, changes nothing. Raises FaultyFile, with
    every fault, before anything is written.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)  # two imports at once would take the same number
    current = plan.catalogues.filter(is_current=True).first()
    digest = hashlib.sha256(content).hexdigest()
    if current and (current.sha256, current.is_official) == (digest, is_official):
        return CatalogueChange(None)
    areas = {area.code: area for area in plan.areas.all()}
    rows = read_catalogue(content, name, areas, is_official)
    change = _catalogue_change(current, rows, is_official)
    if dry_run or not change.is_new:
        return change
    catalogue = _next_catalogue(plan, is_official=is_official, source=source or name, sha256=digest)
    Activity.objects.bulk_create(
        Activity(catalogue=catalogue, position=position, **{**row, "area": areas[row["area"]]})
        for position, row in enumerate(rows, start=1)
    )
    audit.record(
        actor=actor,
        system="" if actor else "import_catalogue",
        verb="catalogue.imported",
        obj=catalogue,
        data={"number": catalogue.number, "sha256": digest, "activities": len(rows), "official": is_official},
    )
    return replace(change, catalogue=catalogue)


def _next_catalogue(plan: Plan, **fields: Any) -> Catalogue:
    last = plan.catalogues.aggregate(last=Max("number"))["last"] or 0
    plan.catalogues.filter(is_current=True).update(is_current=False)
    return Catalogue.objects.create(plan=plan, number=last + 1, is_current=True, **fields)


def _catalogue_change(current: Catalogue | None, rows: Sequence[dict[str, Any]], is_official: bool) -> CatalogueChange:
    names = [name for name in rows[0] if name != "area"]
    activities = current.activities.select_related("area") if current else []
    before = {a.code: {"area": a.area.code, **{name: getattr(a, name) for name in names}} for a in activities}
    after = {row["code"]: row for row in rows}
    return CatalogueChange(
        None,
        added=[code for code in after if code not in before],
        removed=[code for code in before if code not in after],
        changed=[code for code in after if code in before and before[code] != after[code]],
        is_new=current is None or current.is_official != is_official or list(before.items()) != list(after.items()),
    )


# --- rounds -------------------------------------------------------------------------------------


@transaction.atomic
def create_round(
    *, catalogue: Catalogue, code: str, period_start: date, period_end: date, due_on: date, actor: User
) -> Round:
    """Prepare a round with the catalogue given; nobody but the Secretariat sees it until it opens."""
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat prepares a period."))
    plan = Plan.objects.select_for_update().get(pk=catalogue.plan_id)
    if not plan.start_date <= period_start < period_end <= plan.end_date:
        raise PortalError(_("The period must lie within the years of the Work Plan."))
    if plan.rounds.filter(period_start__lte=period_end, period_end__gte=period_start).exists():
        raise PortalError(_("These dates overlap with another period."))
    if due_on < period_end:
        raise PortalError(_("Reports cannot be due before the period ends."))
    if Round.objects.filter(code=code).exists():
        raise PortalError(_("There is a period with this code already."))
    round_ = Round.objects.create(
        plan=plan, catalogue=catalogue, code=code, period_start=period_start, period_end=period_end, due_on=due_on
    )
    audit.record(actor=actor, verb="round.created", obj=round_, data={"code": code})
    return round_


@transaction.atomic
def open_round(*, round: Round, actor: User) -> list[Report]:  # noqa: A002 - the field's own word
    """Open a round: one report per participating State and one for the Secretariat, an entry per activity.

    Raises StepRefused unless the round is a draft.
    """
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat opens a round."))
    locked = Round.objects.select_for_update().get(pk=round.pk)
    if locked.status != RoundStatus.DRAFT:
        raise StepRefused(_("This round is already open or over."))
    Round.objects.filter(pk=locked.pk).update(status=RoundStatus.OPEN, opened_at=timezone.now())
    reports = [_create_report(locked, state) for state in State.objects.participating()]
    reports.append(_create_report(locked, None))
    audit.record(actor=actor, verb="round.opened", obj=locked, data={"code": locked.code, "reports": len(reports)})
    round.refresh_from_db()
    return reports


def _create_report(round_: Round, state: State | None) -> Report:
    code, language = (state.iso2, state.language) if state else ("SG", Language.ES.value)
    report = Report.objects.create(round=round_, state=state, reference=f"{code}-{round_.code}", language=language)
    addressed = round_.catalogue.activities.all()
    addressed = addressed.addressed_to_states() if state else addressed.addressed_to_secretariat()
    ReportEntry.objects.bulk_create(
        ReportEntry(report=report, activity=activity, language=language) for activity in addressed
    )
    return report


@transaction.atomic
def close_round(*, round: Round, actor: User) -> None:  # noqa: A002
    """Close an open round; reports that were not submitted stay as they are and count as not submitted."""
    if not permissions.can_manage_rounds(actor):
        raise NotAllowed(_("Only the Secretariat closes a round."))
    changed = Round.objects.filter(pk=round.pk, status=RoundStatus.OPEN).update(
        status=RoundStatus.CLOSED, closed_at=timezone.now()
    )
    if not changed:
        raise StepRefused(_("Only an open round can be closed."))
    audit.record(actor=actor, verb="round.closed", obj=round, data={"code": round.code})
    round.refresh_from_db()


# --- entries ------------------------------------------------------------------------------------


@transaction.atomic
def save_entry(*, entry: ReportEntry, version: int, data: EntryData, actor: User) -> ReportEntry:
    """Write an answer if nobody saved since `version` was read.

    Raises StaleVersion (nothing is written), NotAllowed, or PortalError where the answer breaks a rule.
    """
    # Report before entry, as submitting does: the same order everywhere, so that nobody deadlocks.
    report = _locked(entry.report_id)
    entry = ReportEntry.objects.select_for_update(of=("self",)).select_related("activity").get(pk=entry.pk)
    entry.report = report
    if not permissions.can_edit_entry(actor, entry):
        raise NotAllowed(_("This entry cannot be changed now."))
    if entry.version != version:
        raise StaleVersion(_("Somebody else saved this entry while you were writing."))
    _check_entry(report.round, data)
    _write_entry(entry, data, actor)
    audit.record(
        actor=actor,
        verb="entry.saved",
        obj=entry,
        chain=report.chain,
        data={"activity": entry.activity.code, "version": entry.version, "ready": entry.is_ready},
    )
    return entry


def _check_entry(round_: Round, data: EntryData) -> None:
    if data.status == ImplementationStatus.NO_INFORMATION:
        raise PortalError(_("“No information” is set by the portal, never chosen."))
    if data.status == ImplementationStatus.NOT_APPLICABLE and not data.reason.strip():
        raise PortalError(_("Say why the activity does not apply."))
    if data.is_ready and not data.status:
        raise PortalError(_("Choose a status before you mark the entry as completed."))
    for action in data.actions:
        _check_dates(round_, action)


def _check_dates(round_: Round, action: ActionData) -> None:
    end = action.ends_on or action.starts_on
    if end < action.starts_on:
        raise PortalError(_("An action cannot end before it starts."))
    if not round_.period_start <= action.starts_on <= end <= round_.period_end:
        raise PortalError(_("The dates of an action must fall in the period of the round."))


def _write_entry(entry: ReportEntry, data: EntryData, actor: User) -> None:
    for name in ("status", "reason", "narrative", "results", "obstacles", "language", "is_ready"):
        setattr(entry, name, getattr(data, name))
    entry.obstacle_kinds = list(data.obstacle_kinds)
    entry.version += 1
    entry.updated_by = actor
    entry.save()
    entry.actions.all().delete()
    Action.objects.bulk_create(
        Action(
            entry=entry,
            kind=action.kind,
            title=action.title,
            starts_on=action.starts_on,
            ends_on=action.ends_on,
            place=action.place,
        )
        for action in data.actions
    )


# --- steps of a report --------------------------------------------------------------------------


def _locked(report_id: int) -> Report:
    return Report.objects.select_for_update(of=("self",)).select_related("round", "state").get(pk=report_id)


def _lock_for_step(report: Report, step: str, actor: User) -> Report:
    """Lock the report and refuse what the table of transitions or the person's roles do not allow."""
    locked = _locked(report.pk)
    if locked.status not in TRANSITIONS[step].sources:
        raise StepRefused(_("The report is no longer at this step. Reload the page to see where it stands."))
    if not permissions.round_takes(locked):
        raise StepRefused(_("The round is closed: this report can no longer be changed."))
    if not permissions.can_take_step(actor, locked, step):
        raise NotAllowed(_("You cannot take this step."))
    return locked


def _move(report: Report, step: str, actor: User, note: str = "") -> None:
    target = TRANSITIONS[step].target
    before, report.status = report.status, target
    report.save()
    StatusChange.objects.create(report=report, step=step, from_status=before, to_status=target, note=note, by=actor)
    audit.record(
        actor=actor,
        verb=f"report.{step}",
        obj=report,
        chain=report.chain,
        data={"from": before, "to": target, "reference": report.reference},
    )


@transaction.atomic
def send_to_coordinator(*, report: Report, actor: User) -> Report:
    report = _lock_for_step(report, Step.SEND_TO_COORDINATOR, actor)
    report.sent_by, report.approved_by = actor, None
    _move(report, Step.SEND_TO_COORDINATOR, actor)
    return report


@transaction.atomic
def take_back(*, report: Report, actor: User) -> Report:
    report = _lock_for_step(report, Step.TAKE_BACK, actor)
    _move(report, Step.TAKE_BACK, actor)
    return report


@transaction.atomic
def return_to_author(*, report: Report, actor: User, note: str) -> Report:
    """Raises PortalError without a note: the author must learn what to change."""
    report = _lock_for_step(report, Step.RETURN_TO_AUTHOR, actor)
    if not note.strip():
        raise PortalError(_("Write to the author what is to be changed."))
    _move(report, Step.RETURN_TO_AUTHOR, actor, note)
    return report


@transaction.atomic
def approve(*, report: Report, actor: User, seen: str | None = None) -> ReportVersion:
    """Approve and send to the Secretariat: writes an immutable version of exactly what is sent.

    `seen` is the hash of what the approver read. Raises StaleVersion where the answers changed since.
    """
    report = _lock_for_step(report, Step.APPROVE, actor)
    content = report_content(report)
    if seen is not None and seen != content_hash(content):
        raise StaleVersion(_("The answers changed while you were reading. Read them again before you approve."))
    report.approved_by = actor
    report.one_person_office = bool(report.state and report.state.one_person_office)
    report.submitted_at = report.submitted_at or timezone.now()
    version = ReportVersion.objects.create(
        report=report,
        number=report.versions.count() + 1,
        content=content,
        sha256=content_hash(content),
        submitted_by=actor,
    )
    sent = Evidence.objects.filter(entry__report=report, first_version=None).to_be_sent()
    sent.update(first_version=version)
    _move(report, Step.APPROVE, actor)
    return version


@transaction.atomic
def return_report(*, report: Report, actor: User, note: str, version: int | None = None) -> Report:
    """Send the report back to the State, with the questions asked on its fields and a cover note."""
    report = _lock_for_step(report, Step.RETURN, actor)
    _version_under_review(report, version)
    if not note.strip() and not report.questions.filter(status=QuestionStatus.OPEN).exists():
        raise PortalError(_("Ask at least one question or write a note before you return the report."))
    _move(report, Step.RETURN, actor, note)
    return report


def _version_under_review(report: Report, read: int | None) -> ReportVersion:
    """The last version; raises StaleVersion where the reviewer read another one."""
    version = report.versions.latest("number")
    if read is not None and read != version.number:
        raise StaleVersion(_("A newer version arrived while you were reading. Read it before you decide."))
    return version


@transaction.atomic
def accept(*, report: Report, actor: User, ratings: Mapping[str, RatingData], version: int | None = None) -> Report:
    """Accept the last version and fix the Secretariat's rating of each activity (by code).

    An activity without a rating keeps the self-rating. Raises PortalError while a question is open, or
    where a rating differs without a reason; StaleVersion where `version`, the number of the one that was
    read, is not the last.
    """
    report = _lock_for_step(report, Step.ACCEPT, actor)
    under_review = _version_under_review(report, version)
    if report.questions.exclude(status=QuestionStatus.RESOLVED).exists():
        raise PortalError(_("Resolve every question before you accept the report."))
    Rating.objects.bulk_create(_ratings(under_review, ratings, actor))
    report.accepted_version, report.accepted_at = under_review, timezone.now()
    _move(report, Step.ACCEPT, actor)
    return report


def _ratings(version: ReportVersion, ratings: Mapping[str, RatingData], actor: User) -> list[Rating]:
    entries = {entry["activity"]: entry["status"] for entry in version.content["entries"]}
    if ratings.keys() - entries.keys():
        raise PortalError(_("A rating names an activity that is not in the report."))
    activities = {activity.code: activity for activity in version.report.round.catalogue.activities.all()}
    return [
        _rating(version, activities[code], own, ratings.get(code, RatingData(status=own)), actor)
        for code, own in entries.items()
    ]


def _rating(version: ReportVersion, activity: Activity, own: str, given: RatingData, actor: User) -> Rating:
    if given.status not in ImplementationStatus.values:
        raise PortalError(_("%(code)s: choose a rating from the list.") % {"code": activity.code})
    if given.status != own and not given.reason.strip():
        raise PortalError(_("%(code)s: say why your rating differs from the State's.") % {"code": activity.code})
    return Rating(
        version=version, activity=activity, status=given.status, self_status=own, reason=given.reason, rated_by=actor
    )


# --- questions ----------------------------------------------------------------------------------


@transaction.atomic
def ask_question(*, report: Report, activity: Activity, field: str, text: str, actor: User) -> Question:
    """The reviewer asks about a field of the version under review. The same question sent twice is one."""
    report = _locked(report.pk)
    if report.status != ReportStatus.SUBMITTED:
        raise StepRefused(_("Questions are asked while the report is under review."))
    if not permissions.can_review(actor, report):
        raise NotAllowed(_("You do not review this report."))
    question, is_new = Question.objects.get_or_create(
        report=report,
        activity=activity,
        version=report.versions.latest("number"),
        field=field,
        text=text,
        status=QuestionStatus.OPEN,
        asked_by=actor,
        defaults={"language": actor.language},
    )
    if is_new:
        _audit_question("question.asked", question, actor)
    return question


@transaction.atomic
def answer_question(*, question: Question, text: str, actor: User) -> Reply:
    """Add a reply. The same words from the same person as the last reply are a form sent twice: one reply."""
    question = _locked_question(question.pk)
    if question.status == QuestionStatus.RESOLVED:
        raise StepRefused(_("This question is already resolved."))
    if not permissions.can_answer(actor, question):
        raise NotAllowed(_("You cannot answer this question."))
    last = question.replies.last()
    if last is not None and (last.by_id, last.text) == (actor.pk, text):
        return last
    reply = Reply.objects.create(question=question, text=text, language=actor.language, by=actor)
    _set_question_status(question, QuestionStatus.ANSWERED, "question.answered", actor)
    return reply


@transaction.atomic
def resolve_question(*, question: Question, actor: User) -> None:
    question = _locked_question(question.pk)
    if not permissions.can_review(actor, question.report):
        raise NotAllowed(_("Only the reviewer resolves a question."))
    if question.status == QuestionStatus.RESOLVED:
        return
    _set_question_status(question, QuestionStatus.RESOLVED, "question.resolved", actor)


def _locked_question(question_id: int) -> Question:
    locked = Question.objects.select_for_update(of=("self",))
    return locked.select_related("report__round", "report__state").get(pk=question_id)


def _set_question_status(question: Question, status: str, verb: str, actor: User) -> None:
    question.status = status
    question.save(update_fields=["status"])
    _audit_question(verb, question, actor)


def _audit_question(verb: str, question: Question, actor: User) -> None:
    data: dict[str, Any] = {"field": question.field, "reference": question.report.reference}
    audit.record(actor=actor, verb=verb, obj=question, chain=question.report.chain, data=data)


# --- evidence -----------------------------------------------------------------------------------

MAX_EVIDENCE = 20  # of one entry
_RECHECK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class EvidenceData:
    """What people say of a file or an address."""

    type: str
    title: str
    language: str
    visibility: str = Visibility.SECRETARIAT


@transaction.atomic
def attach_file(*, entry: ReportEntry, data: EvidenceData, name: str, content: bytes, actor: User) -> Evidence:
    """Put a file in quarantine and ask for its check. The same file again finds its row.

    Raises NotAllowed, or PortalError where the file cannot be taken.
    """
    entry = _entry_for_evidence(entry, actor)
    try:
        clean_name, kind = check(name, content, settings.MAX_UPLOAD_BYTES)
    except Refused as refusal:
        raise PortalError(Refusal(refusal.code).label) from refusal
    digest = hashlib.sha256(content).hexdigest()
    same = entry.evidence.standing().filter(sha256=digest).first()
    if same is not None:
        return same
    _check_room(entry)
    stored, digest = store_once(content, folder="quarantine", suffix="bin")
    evidence = _create_evidence(
        entry,
        replace(data, title=data.title or clean_name),
        actor,
        original_name=clean_name,
        kind=kind,
        size=len(content),
        sha256=digest,
        original=stored,
        scan_state=ScanState.PENDING,
    )
    enqueue("workplan.process_evidence", evidence.pk, key=f"evidence:{evidence.pk}")
    return evidence


@transaction.atomic
def attach_address(*, entry: ReportEntry, data: EvidenceData, url: str, actor: User) -> Evidence:
    """Name a web page as evidence. The portal never opens it."""
    entry = _entry_for_evidence(entry, actor)
    same = entry.evidence.standing().filter(url=url).first()
    if same is not None:
        return same
    _check_room(entry)
    return _create_evidence(entry, data, actor, url=url)


@transaction.atomic
def remove_evidence(*, evidence: Evidence, actor: User) -> None:
    """Take it off the entry. The row and the file stay; in a version that was sent it can still be read."""
    entry = _entry_for_evidence(evidence.entry, actor)
    removed = entry.evidence.current().filter(pk=evidence.pk).update(removed_at=timezone.now(), removed_by=actor)
    if removed:
        _audit_evidence("evidence.removed", evidence, entry, actor)


@transaction.atomic
def note_download(*, evidence: Evidence, actor: User) -> None:
    _audit_evidence("evidence.downloaded", evidence, evidence.entry, actor)


@transaction.atomic
def recheck_evidence() -> int:
    """Ask again for files whose check gave up, as when the scanner was away for longer than the attempts last."""
    waiting = Evidence.objects.filter(scan_state=ScanState.PENDING, uploaded_at__lt=timezone.now() - _RECHECK_AFTER)
    asked = OutboxMessage.objects.filter(task="workplan.process_evidence", done_at=None, dead_at=None)
    open_ids = {args[0] for args in asked.values_list("args", flat=True)}
    again = [evidence.pk for evidence in waiting if evidence.pk not in open_ids]
    for pk in again:
        enqueue("workplan.process_evidence", pk, key=f"evidence:{pk}:{timezone.now():%Y%m%d%H%M}")
    return len(again)


def _entry_for_evidence(entry: ReportEntry, actor: User) -> ReportEntry:
    """The entry with its report locked, so that nothing is attached to what is just being approved."""
    report = _locked(entry.report_id)
    entry = ReportEntry.objects.select_for_update(of=("self",)).select_related("activity").get(pk=entry.pk)
    entry.report = report
    if not permissions.can_edit_entry(actor, entry):
        raise NotAllowed(_("This entry cannot be changed now."))
    return entry


def _check_room(entry: ReportEntry) -> None:
    if entry.evidence.standing().count() >= MAX_EVIDENCE:
        raise PortalError(
            _("This entry has %(count)s pieces of evidence, as many as it can hold. Remove one first.")
            % {"count": MAX_EVIDENCE}
        )


def _create_evidence(entry: ReportEntry, data: EvidenceData, actor: User, **fields: Any) -> Evidence:
    evidence = Evidence.objects.create(
        entry=entry,
        type=data.type,
        title=data.title[:200],
        language=data.language,
        visibility=data.visibility,
        uploaded_by=actor,
        **fields,
    )
    _audit_evidence("evidence.attached", evidence, entry, actor)
    return evidence


def _audit_evidence(verb: str, evidence: Evidence, entry: ReportEntry, actor: User) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        obj=evidence,
        chain=entry.report.chain,
        data={"activity": entry.activity.code, "type": evidence.type, "visibility": evidence.visibility},
    )


# --- entries handed to single people -------------------------------------------------------------


@dataclass(frozen=True)
class GrantTerms:
    reason: str
    valid_to: date  # last day


@transaction.atomic
def grant_entries(*, entries: Iterable[ReportEntry], person: User, terms: GrantTerms, actor: User) -> int:
    """Hand entries to one person of the same State, for a reason and until a day. Returns how many."""
    if terms.valid_to < timezone.localdate():
        raise PortalError(_("The last day is over already."))
    count = 0
    for entry in entries:
        if not permissions.can_hand_out(actor, entry.report):
            raise NotAllowed(_("Only the focal point hands out entries."))
        if not has_role_in(person, entry.report.state):
            raise PortalError(_("This person does not act for the State."))
        _grant(entry, person, terms, actor)
        count += 1
    return count


def _grant(entry: ReportEntry, person: User, terms: GrantTerms, actor: User) -> None:
    grant = assign_perm("workplan.change_reportentry", person, entry)
    grant.reason, grant.valid_to, grant.granted_by, grant.granted_at = (
        terms.reason,
        terms.valid_to,
        actor,
        timezone.now(),
    )
    grant.save()
    _audit_grant("entry.handed_out", entry, person, actor, until=terms.valid_to.isoformat())


@transaction.atomic
def revoke_entry(*, grant: EntryUserObjectPermission, actor: User) -> None:
    """Take an entry back; what the person wrote stays in it."""
    if not permissions.can_hand_out(actor, grant.content_object.report):
        raise NotAllowed(_("Only the focal point takes entries back."))
    _audit_grant("entry.taken_back", grant.content_object, grant.user, actor)
    grant.delete()


@transaction.atomic
def remove_ended_grants() -> int:
    """Delete grants whose last day is over: they open nothing any more, and nobody should find them later."""
    ended = EntryUserObjectPermission.objects.exclude(pk__in=EntryUserObjectPermission.objects.in_force().values("pk"))
    rows = list(ended.with_list_data())
    for grant in rows:
        _audit_grant("entry.grant_ended", grant.content_object, grant.user, None)
        grant.delete()
    return len(rows)


def _audit_grant(verb: str, entry: ReportEntry, person: User, actor: User | None, **data: Any) -> None:
    audit.record(
        verb=verb,
        obj=entry,
        chain=entry.report.chain,
        actor=actor,
        system="" if actor else "grants",
        data={"person": str(person.public_id), "activity": entry.activity.code, **data},
    )


class EntryHandover:
    """What the hand-over page of accounts shows and passes on (accounts.services.register_handover)."""

    def open_work(self, person: User) -> list[OpenWork]:
        drafts = ReportEntry.objects.open_for_writing().filter(updated_by=person, is_ready=False)
        grants = EntryUserObjectPermission.objects.in_force().filter(user=person).with_list_data()
        rows = [_work(entry, _("Draft, last edited by this person")) for entry in drafts.with_list_data()]
        return rows + [_work(grant.content_object, _("Handed to this person")) for grant in grants]

    def pass_on(self, *, person: User, successor: User, actor: User) -> int:
        """Move what the person was handed; the end and the reason stay."""
        grants = (
            EntryUserObjectPermission.objects.in_force().filter(user=person).select_related("content_object__report")
        )
        moved = 0
        for grant in grants.with_list_data():
            if has_role_in(successor, grant.content_object.report.state):
                until = grant.valid_to or grant.content_object.report.round.due_on
                _grant(grant.content_object, successor, GrantTerms(grant.reason, until), actor)
                moved += 1
            _audit_grant("entry.taken_back", grant.content_object, person, actor)
            grant.delete()
        return moved


def _work(entry: ReportEntry, detail: str) -> OpenWork:
    title = f"{entry.report.reference} · {entry.activity.number} {entry.activity.title}"
    return OpenWork(title=title, detail=detail, url=entry.get_absolute_url())
