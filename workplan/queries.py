"""Reads that join several models."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Prefetch, Q, QuerySet, When

from accounts.enums import InstitutionKind
from accounts.models import Grouping, GroupingMember, Institution, RoleAssignment, State, User
from accounts.querysets import AnyUser
from core.models import OutboxMessage
from workplan.enums import PAPER_KIND, EntryField, ImplementationStatus, ReportStatus, counts_of
from workplan.models import (
    Action,
    Activity,
    BlankForm,
    Catalogue,
    DigestChoice,
    Evidence,
    Extension,
    Notification,
    Report,
    ReportEntry,
    ReportPaper,
    ReportVersion,
    ReviewOpening,
    Round,
)
from workplan.querysets import is_ready


def report_content(report: Report) -> dict[str, Any]:
    """The report as it is sent: JSON-ready, entries in catalogue order, unanswered ones as no information.

    This is what ReportVersion keeps, what its hash covers and what reviews and evaluations read.
    """
    entries = report.entries.select_related("activity__area", "carried_from").prefetch_related("actions", "evidence")
    return {
        "reference": report.reference,
        "round": report.round.code,
        "period": [report.round.period_start.isoformat(), report.round.period_end.isoformat()],
        "state": report.state.iso2 if report.state else None,
        "language": report.language,
        "catalogue": report.round.catalogue.number,
        "entries": [entry_content(entry) for entry in entries],
    }


def entry_content(entry: ReportEntry) -> dict[str, Any]:
    return {
        "activity": entry.activity.code,
        "area": entry.activity.area.code,
        "status": entry.status or ImplementationStatus.NO_INFORMATION.value,
        # Kept in the entry whatever the status, so that no word is lost; it belongs to one status only.
        "reason": entry.reason if entry.status == ImplementationStatus.NOT_APPLICABLE else "",
        "narrative": entry.narrative,
        "results": entry.results,
        # Versions of before have none: one that says nothing is as it was before it was asked.
        **({"good_practice": entry.good_practice} if entry.good_practice else {}),
        "obstacles": entry.obstacles,
        "obstacle_kinds": list(entry.obstacle_kinds),
        "language": entry.language,
        **({"carried": entry.carried_from.code} if entry.carried_from else {}),
        "actions": [_action_content(action) for action in entry.actions.all()],
        "evidence": [_evidence_content(evidence) for evidence in entry.evidence.all() if evidence.goes_along],
    }


# What an answer consists of beside its actions and evidence: what a form and a file write.
ANSWER_FIELDS = (
    "status", "reason", "narrative", "results", "good_practice", "obstacles", "obstacle_kinds", "language", "is_ready",
)  # fmt: skip


def answer_values(entry: ReportEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ANSWER_FIELDS}


def _action_content(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind,
        "title": action.title,
        "starts_on": action.starts_on.isoformat(),
        "ends_on": action.ends_on.isoformat() if action.ends_on else None,
        "place": action.place,
        **({"details": action.details} if action.details else {}),  # versions of before have none
    }


def _evidence_content(evidence: Evidence) -> dict[str, Any]:
    return {
        "id": str(evidence.public_id),
        "type": evidence.type,
        "title": evidence.title,
        "language": evidence.language,
        "visibility": evidence.visibility,
        "url": evidence.url,
        "sha256": evidence.sha256,
    }


def published_versions() -> QuerySet[ReportVersion]:
    """What States show to everybody."""
    return ReportVersion.objects.published()


def public_entries(version: ReportVersion) -> list[dict[str, Any]]:
    """What everybody reads of a version: the answers there are, without evidence."""
    return [{**e, "evidence": []} for e in version.content["entries"] if e["status"] != "no_information"]


def state_has_begun(report: Report) -> bool:
    """Whether somebody of the State has written in it; what the Secretariat filled in for the State is not that.
    Whoever ever had a role in both counts as the State's."""
    officers = RoleAssignment.objects.filter(institution__kind=InstitutionKind.SECRETARIAT).values("user")
    of_state = RoleAssignment.objects.filter(institution__state=report.state).values("user")
    written = report.entries.filter(version__gt=1)
    by_officers = Q(updated_by__in=officers) & ~Q(updated_by__in=of_state)
    return written.filter(Q(updated_by=None) | ~by_officers).exists()


def is_open_at_review(report: Report) -> bool:
    """Whether a reviewer has opened the version that was sent last."""
    last = report.versions.order_by("-number").values("pk")[:1]
    return ReviewOpening.objects.filter(version=last).exists()


def reports_to_import(user: User) -> QuerySet[Report]:
    """Reports that may be filled in from a file: those the person writes, and for the Secretariat those of States
    that it may file. Of the latter nothing but their existence is shown."""
    writes = Report.objects.written_by(user)
    of_states = Report.objects.to_file_for_states(user)
    return (writes | of_states).select_related("round__catalogue", "state").distinct()


def report_to_fill_in(user: User, **key: Any) -> Report | None:
    """A report the person sees, or one the Secretariat may file for a State without seeing it."""
    seen = Report.objects.visible_to(user).select_related("round", "state").filter(**key).first()
    return seen or reports_to_import(user).filter(**key).first()


def count_unread(user: AnyUser) -> int:
    """What the person was told and has not seen: the figure beside the menu's word."""
    return Notification.objects.visible_to(user).unread().count()


def gets_digest(user: User) -> bool:
    return not DigestChoice.objects.filter(user=user, by_mail=False).exists()


def report_activities(report: Report) -> QuerySet[Activity]:
    """The catalogue the report answers to; titles are read from here, answers from the content."""
    return report.round.catalogue.activities.select_related("area")


def catalogue_activities(versions: Iterable[ReportVersion], report: Report) -> QuerySet[Activity]:
    """The lists of activities behind these versions and the report, the earlier one first."""
    catalogues = {version.report.round.catalogue_id for version in versions} | {report.round.catalogue_id}
    return Activity.objects.filter(catalogue__in=catalogues).select_related("area").order_by("catalogue", "position")


def comparable_versions(user: User, report: Report) -> QuerySet[ReportVersion]:
    """What the same reporter sent until the end of this report's round and the person may read, oldest first.
    Contents are read one by one, where they are wanted."""
    sent = ReportVersion.objects.visible_to(user).filter(report__state=report.state_id)
    end = report.round.period_start
    until = sent.filter(report__round__plan=report.round.plan_id, report__round__period_start__lte=end)
    related = ("report__round", "report__state", "submitted_by")
    return until.without_content().select_related(*related).order_by("report__round__period_start", "number")


def bodies_of(report: Report) -> QuerySet[Institution]:
    """The bodies in whose name the report can be sent: the reporter's authority first, then its ministries."""
    current = Institution.objects.current()
    if report.state is None:
        return current.filter(kind=InstitutionKind.SECRETARIAT)
    kinds = (InstitutionKind.AUTHORITY, InstitutionKind.AGENCY)
    return current.filter(state=report.state, kind__in=kinds).order_by(
        Case(When(kind=InstitutionKind.AUTHORITY, then=0), default=1), "name"
    )


def own_body(user: User, report: Report) -> Institution | None:
    """The reporter's body for which the person acts; of several, the authority."""
    mine = RoleAssignment.objects.of(user).values("institution")
    return bodies_of(report).filter(pk__in=mine).first()


def form_of(user: AnyUser, report: Report, language: str) -> BlankForm | None:
    """The printable form with the date in force, where it is made already."""
    forms = BlankForm.objects.visible_to(user)
    return forms.filter(report=report, language=language, due_on=report.due_on).first()


def receipts_of(user: AnyUser, versions: Iterable[ReportVersion], *, is_whole: bool) -> dict[int, ReportPaper]:
    """The receipts of these versions that the person may take, by version."""
    receipts = ReportPaper.objects.visible_to(user).filter(compared=None, version__in=list(versions), is_whole=is_whole)
    return {paper.version_id: paper for paper in receipts.with_report()}


def receipts_under_way(versions: Iterable[ReportVersion], *, is_whole: bool) -> dict[int, str]:
    """What became of receipts that are not there: "waiting" while one is being written, "failed" where the worker gave
    up. By version; who asked does not matter, the document is the same for all."""
    asked = OutboxMessage.objects.filter(task=PAPER_KIND, done_at=None)
    asked = asked.filter(args__0__in=[version.pk for version in versions], args__1=None, args__3=is_whole)
    # Those that are not dead come last, and the last word stands.
    rows = asked.order_by(F("dead_at").asc(nulls_last=True)).values_list("args__0", "dead_at")
    return {version: "failed" if dead_at else "waiting" for version, dead_at in rows}


def previous_entry(entry: ReportEntry, user: AnyUser) -> ReportEntry | None:
    """The same reporter's answer to the same activity in the round before, matched by code; for whoever may read
    that one too: being handed an entry this year says nothing about the year before."""
    before = entry.report.round.previous
    if before is None:
        return None
    same = ReportEntry.objects.visible_to(user).filter(report__round=before, report__state=entry.report.state_id)
    return same.filter(activity__code=entry.activity.code).select_related("activity__area", "carried_from").first()


def usual_counts(before: ReportEntry | None) -> dict[tuple[str, str], int]:
    """What each kind of action came to in the period before: the sum of every count that was given."""
    sums: dict[tuple[str, str], int] = {}
    for action in before.actions.all() if before is not None else ():
        for name in counts_of(action.kind):
            value = action.details.get(name)
            if isinstance(value, int):
                sums[action.kind, name] = sums.get((action.kind, name), 0) + value
    return sums


def state_names() -> dict[str, str]:
    return {state.iso2: state.name for state in State.objects.all()}


def state_choices() -> list[tuple[str, str]]:
    """The States of the plan, by name."""
    return sorted(((state.iso2, state.name) for state in State.objects.participating()), key=lambda pair: pair[1])


def submission_overview(round_: Round) -> QuerySet[State]:
    """Where each State stands in a round: status, dates and counts only, never content.

    The States that take part today and those that have a report in the round; a State without a report is
    there too, with nothing in `report_status`, `reference`, `submitted_at`, `accepted_at`, `extended_to`,
    `version_count`, `entry_count` and `ready_count`.
    """
    expected = Q(pk__in=State.objects.participating().values("pk")) | Q(pk__in=round_.reports.values("state"))
    return (
        State.objects.filter(expected)
        .annotate(report=FilteredRelation("reports", condition=Q(reports__round=round_)))
        .annotate(
            report_status=F("report__status"),
            reference=F("report__reference"),
            submitted_at=F("report__submitted_at"),
            extended_to=F("report__extended_to"),
            asks_for_time=Exists(Extension.objects.undecided().filter(report=OuterRef("report__pk"))),
            accepted_at=F("report__accepted_at"),
            version_count=Count("report__versions", distinct=True),
            entry_count=Count("report__entries", distinct=True),
            ready_count=Count("report__entries", filter=is_ready("report__entries__"), distinct=True),
        )
        .order_by("iso2")
    )


def states_in(rounds: Iterable[Round]) -> QuerySet[State]:
    """The States that take part today and those with a report in the rounds, each with its reports in them."""
    reports = Report.objects.filter(round__in=list(rounds), state__isnull=False)
    expected = Q(pk__in=State.objects.participating().values("pk")) | Q(pk__in=reports.values("state"))
    rows = Prefetch("reports", queryset=reports.select_related("round"), to_attr="reports_shown")
    return State.objects.filter(expected).prefetch_related(rows).distinct()


def current_catalogue() -> Catalogue:
    """The list of activities in force, of the plan adopted last."""
    return Catalogue.objects.filter(is_current=True).select_related("plan").latest("plan__adopted_on")


def round_counts(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Reports of States in each round: all, submitted at least once, and accepted."""
    of_states = Q(reports__state__isnull=False)
    return rounds.annotate(
        report_count=Count("reports", filter=of_states),
        submitted_count=Count("reports", filter=of_states & Q(reports__submitted_at__isnull=False)),
        accepted_count=Count("reports", filter=of_states & Q(reports__status=ReportStatus.ACCEPTED)),
    )


def states_with_facts(user: AnyUser) -> QuerySet[State]:
    """States with whether they take part today, their current authorities and their groupings."""
    authorities = Institution.objects.visible_to(user).current().filter(kind=InstitutionKind.AUTHORITY)
    return (
        State.objects.visible_to(user)
        .annotate(takes_part=Exists(State.objects.participating().filter(pk=OuterRef("pk"))))
        .prefetch_related(
            Prefetch("institutions", queryset=authorities, to_attr="authorities"),
            Prefetch("groupings", queryset=GroupingMember.objects.select_related("grouping")),
        )
    )


def grouping_choices() -> list[tuple[str, str]]:
    return sorted(((row.slug, row.name) for row in Grouping.objects.all()), key=lambda choice: choice[1])


# Parts of an answer as people know them, and what of the stored content belongs to each.
ANSWER_PARTS: dict[str, tuple[str, ...]] = {
    EntryField.STATUS: ("status", "reason", "carried"),
    EntryField.NARRATIVE: ("narrative",),
    EntryField.RESULTS: ("results",),
    EntryField.PRACTICE: ("good_practice",),
    EntryField.OBSTACLES: ("obstacles", "obstacle_kinds"),
    EntryField.ACTIONS: ("actions",),
}


def changed_parts(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, list[str]]:
    """Which parts of which activities differ between two contents of the same report, by activity code."""
    if before is None:
        return {}
    old = {entry["activity"]: entry for entry in before["entries"]}
    found = {entry["activity"]: _differing(old.get(entry["activity"], {}), entry) for entry in after["entries"]}
    return {code: parts for code, parts in found.items() if parts}


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [str(part) for part, keys in ANSWER_PARTS.items() if any(old.get(key) != new.get(key) for key in keys)]
