"""Scope of the plan and of reports."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, DateField, DateTimeField, Exists, F, Func, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.enums import MANAGER_ROLES, REPORT_ROLES, SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import RoleAssignment, State, User
from core.clocks import today_by_utc
from core.enums import SERVED_STATES
from workplan.enums import APPROVERS, EDITABLE_STATUSES, NOT_YET_SENT, WRITERS, Decision, Responsible, Step

if TYPE_CHECKING:
    from workplan.models import (
        Activity,
        BlankForm,
        EntryDraft,
        EntryPresence,
        EntryUserObjectPermission,
        Evidence,
        Extension,
        ImportRun,
        Notification,
        PublicConsent,
        Question,
        Report,
        ReportEntry,
        ReportPaper,
        ReportVersion,
        Round,
    )

AnyUser = User | AnonymousUser

# A ministry's contributor is handed single entries; the authority's own people read the whole report.
_WHOLE_REPORT_KINDS = (InstitutionKind.AUTHORITY, InstitutionKind.MISSION)
SECRETARIAT_TIME_ZONE = "America/New_York"


def _local_today(prefix: str) -> Cast:
    """The day it is where the reporter is, in SQL."""
    zone = Coalesce(f"{prefix}state__time_zone", Value(SECRETARIAT_TIME_ZONE))
    moment = Func(zone, Value(timezone.now()), function="timezone", output_field=DateTimeField())
    return Cast(moment, DateField())


def _round_takes(prefix: str = "") -> Q:
    """permissions.round_takes, for lists. `prefix` leads from another table to the report."""
    closed = Q(**{f"{prefix}round__status": "closed"})
    sent = Q(**{f"{prefix}submitted_at__isnull": False})
    extended = Q(**{f"{prefix}extended_to__gte": _local_today(prefix)})
    return Q(**{f"{prefix}round__status": "open"}) | closed & (sent | extended)


def is_ready(prefix: str = "") -> Q:
    """Complete, and not a colleague's proposal that nobody has accepted. `prefix` leads to the entry."""
    return Q(**{f"{prefix}is_ready": True, f"{prefix}proposed_by": None})


def own_states(user: AnyUser) -> "QuerySet[RoleAssignment]":
    """States whose whole report the person reads, as a subquery of State keys."""
    mine = RoleAssignment.objects.of(user, *REPORT_ROLES)
    return mine.filter(institution__kind__in=_WHOLE_REPORT_KINDS).states()  # type: ignore[no-any-return]


def _of_authority(user: AnyUser, *roles: str) -> "QuerySet[RoleAssignment]":
    mine = RoleAssignment.objects.of(user, *roles)
    return mine.filter(institution__kind=InstitutionKind.AUTHORITY).states()  # type: ignore[no-any-return]


def _secretariats_own(user: AnyUser, *roles: str) -> Q:
    """The Secretariat's own reports, for whoever holds one of these roles."""
    return Q(Exists(RoleAssignment.objects.of(user, *roles)), state=None)


class ActivityQuerySet(QuerySet["Activity"]):
    def visible_to(self, user: AnyUser) -> "ActivityQuerySet":
        """The plan is public."""
        return self

    def matching(self, theme: str = "", responsible: str = "") -> "ActivityQuerySet":
        """Activities of a theme and addressed to whoever is responsible; empty is no filter."""
        found = self.filter(themes__contains=[theme]) if theme else self
        return found.filter(responsible=responsible) if responsible else found

    def addressed_to_states(self) -> "ActivityQuerySet":
        return self.filter(responsible__in=(Responsible.MEMBER_STATES, Responsible.JOINT))

    def addressed_to_secretariat(self) -> "ActivityQuerySet":
        return self.filter(responsible__in=(Responsible.GENERAL_SECRETARIAT, Responsible.JOINT))


class RoundQuerySet(QuerySet["Round"]):
    def visible_to(self, user: AnyUser) -> "RoundQuerySet":
        """Rounds that have opened; the Secretariat also sees the ones in preparation."""
        if not user.is_active:
            return self.none()
        if RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists():
            return self
        return self.exclude(status="draft")


def _report_scope(user: AnyUser, prefix: str = "", *, in_review: bool = False) -> Q:
    """The own State's reports; for the Secretariat what was submitted, and its own; for the officers of the
    Meeting what was submitted, the Secretariat's included. `prefix` leads from another table to the report.

    `in_review`: what is written during the review, which the officers follow in their own reviews alone.
    """
    scope = Q(**{f"{prefix}state__in": own_states(user)})
    roles = set(RoleAssignment.objects.of(user).values_list("role", flat=True))
    if roles & set(SECRETARIAT_ROLES):
        scope |= Q(**{f"{prefix}submitted_at__isnull": False}) | Q(**{f"{prefix}state": None})
    if Role.MEETING_OFFICER in roles:
        reviewed = Q(**{f"{prefix}state": None}) if in_review else Q()
        scope |= reviewed & Q(**{f"{prefix}submitted_at__isnull": False})
    return scope


class ReportQuerySet(QuerySet["Report"]):
    def visible_to(self, user: AnyUser) -> "ReportQuerySet":
        return self.filter(_report_scope(user)) if user.is_active else self.none()

    def read_by(self, user: AnyUser) -> "ReportQuerySet":
        """Those whose working answers the person reads, before they are sent."""
        return self.filter(Q(state__in=own_states(user)) | _secretariats_own(user, *SECRETARIAT_ROLES))

    def written_by(self, user: AnyUser) -> "ReportQuerySet":
        """Those the person may write in now (permissions.can_edit_report, for lists)."""
        own = Q(state__in=_of_authority(user, *WRITERS)) | _secretariats_own(user, *SECRETARIAT_ROLES)
        return self.filter(own, status__in=EDITABLE_STATUSES).filter(_round_takes())

    def approved_by_person(self, user: AnyUser) -> "ReportQuerySet":
        """Those that wait for the person's approval; not what they sent themselves."""
        own = Q(state__in=_of_authority(user, *APPROVERS)) | _secretariats_own(user, Role.SECRETARIAT_ADMIN)
        waiting = self.filter(own, status="with_coordinator").filter(_round_takes())
        return waiting.exclude(~Q(state__one_person_office=True), sent_by=user.pk)

    def to_file_for_states(self, user: AnyUser) -> "ReportQuerySet":
        """Those of States that did not report while the round was open and have no more time: for the Secretariat
        (permissions.can_take_step says whether the State has begun)."""
        officer = Exists(RoleAssignment.objects.of(user, *SECRETARIAT_ROLES))
        missed = Q(state__isnull=False, status="in_preparation", submitted_at=None, round__status="closed")
        return self.filter(Q(officer), missed).exclude(extended_to__gte=_local_today(""), extended_to__isnull=False)

    def with_list_data(self) -> "ReportQuerySet":
        """What a row of a list shows: round, State, entries ready of all."""
        return self.select_related("round", "state").annotate(
            entry_count=Count("entries", distinct=True),
            ready_count=Count("entries", filter=is_ready("entries__"), distinct=True),
        )

    def with_open_questions(self) -> "ReportQuerySet":
        return self.annotate(open_questions=Count("questions", filter=Q(questions__status="open"), distinct=True))

    def reviewed_by(self, user: AnyUser) -> "ReportQuerySet":
        """Whose review is theirs: States' reports for the Secretariat, the Secretariat's for the officers of the
        Meeting; never one in which they wrote, or that they sent or approved themselves."""
        officer = Exists(RoleAssignment.objects.of(user, *SECRETARIAT_ROLES))
        scope = Q(officer, state__isnull=False) | _secretariats_own(user, Role.MEETING_OFFICER)
        own = Q(sent_by=user.pk, sent_by__isnull=False) | Q(approved_by=user.pk, approved_by__isnull=False)
        entries: Any = self.model._meta.get_field("entries").related_model
        own |= Q(Exists(entries.objects.filter(report=OuterRef("pk"), updated_by=user.pk)))
        return self.filter(scope, submitted_at__isnull=False).exclude(own)

    def awaited(self) -> "ReportQuerySet":
        """Not with the Secretariat yet, in rounds that are not frozen; `due` is the effective date and `due_since`
        the moment it was set."""
        granted = Q(extensions__decision=Decision.GRANTED)
        waiting = self.filter(status__in=NOT_YET_SENT, round__status__in=("open", "closed"))
        return waiting.filter(_round_takes()).annotate(
            due=Coalesce("extended_to", "round__due_on"),
            due_since=Coalesce(Max("extensions__decided_at", filter=granted), "round__opened_at"),
        )

    def matching(
        self,
        *,
        round: "Round | None",  # noqa: A002
        statuses: Sequence[str],
        state: State | None,
    ) -> "ReportQuerySet":
        found = self.filter(status__in=statuses) if statuses else self
        found = found.filter(state=state) if state else found
        return found.filter(round=round) if round else found

    def waiting_longest(self) -> "ReportQuerySet":
        """Oldest last submission first, annotated as `waiting_since`."""
        return self.annotate(waiting_since=Max("versions__submitted_at")).order_by("waiting_since", "pk")


class BlankFormQuerySet(QuerySet["BlankForm"]):
    def visible_to(self, user: AnyUser) -> "BlankFormQuerySet":
        """For whoever reads the working answers, and for the Secretariat where it may file for a State."""
        if not user.is_active:
            return self.none()
        reports: Any = self.model._meta.get_field("report").related_model
        fillable = (reports.objects.read_by(user), reports.objects.to_file_for_states(user))
        own, filed = (found.values("pk") for found in fillable)
        return self.filter(Q(report__in=own) | Q(report__in=filed))


class ReportEntryQuerySet(QuerySet["ReportEntry"]):
    def visible_to(self, user: AnyUser) -> "ReportEntryQuerySet":
        """Entries of the own State's reports (the Secretariat's own, for its officers), and entries handed over.

        The Secretariat reads a State's submitted versions, not its working entries.
        """
        if not user.is_active:
            return self.none()
        handed = Q(grants__user=user, report__state__in=_states_of(user)) & _not_ended("grants__")
        scope = Q(report__state__in=own_states(user)) | handed
        if RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists():
            scope |= Q(report__state=None)
        return self.filter(pk__in=self.model._default_manager.filter(scope).values("pk"))

    def with_list_data(self) -> "ReportEntryQuerySet":
        return self.select_related("report__round", "report__state", "activity__area")

    def handed_to(self, user: AnyUser) -> "ReportEntryQuerySet":
        """With `until`, the last day the person was given, if any; what is due first comes first."""
        handed = self.filter(_not_ended("grants__"), grants__user=user.pk)
        due = Coalesce("grants__valid_to", "report__extended_to", "report__round__due_on")
        return handed.annotate(until=F("grants__valid_to"), due=due).order_by("due", "activity__position").distinct()

    def open_for_writing(self) -> "ReportEntryQuerySet":
        return self.filter(_round_takes("report__"), report__status__in=EDITABLE_STATUSES)

    def after(self, entry: "ReportEntry") -> "ReportEntry | None":
        """The next entry of the same area."""
        later = self.filter(report=entry.report_id, activity__area=entry.activity.area_id)
        later = later.filter(activity__position__gt=entry.activity.position)
        return later.select_related("report", "activity").order_by("activity__position").first()

    def ready_and_total(self) -> tuple[int, int]:
        counts = self.aggregate(ready=Count("pk", filter=is_ready()), total=Count("pk"))
        return counts["ready"], counts["total"]


def _not_ended(path: str) -> Q:
    """The grants at the end of the path are in force; to be used in the same filter as the grant's user."""
    return Q(**{f"{path}valid_to": None}) | Q(**{f"{path}valid_to__gte": today_by_utc()})


class EntryDraftQuerySet(QuerySet["EntryDraft"]):
    def visible_to(self, user: AnyUser) -> "EntryDraftQuerySet":
        """One's own, and nobody else's."""
        return self.filter(user=user.pk).exclude(answer={}) if user.is_active and user.pk else self.none()


PRESENT = timedelta(minutes=3)  # since the last sign of a page; with JavaScript there is one every half minute


class EntryPresenceQuerySet(QuerySet["EntryPresence"]):
    def visible_to(self, user: AnyUser) -> "EntryPresenceQuerySet":
        """Of the entries that one may open."""
        entries: Any = self.model._meta.get_field("entry").related_model
        return self.filter(entry__in=entries.objects.visible_to(user))

    def of_others(self, user: AnyUser) -> "EntryPresenceQuerySet":
        return self.filter(seen_at__gt=timezone.now() - PRESENT).exclude(user=user.pk).select_related("user")


class EntryGrantQuerySet(QuerySet["EntryUserObjectPermission"]):
    def in_force(self) -> "EntryGrantQuerySet":
        return self.filter(_not_ended(""))

    def visible_to(self, user: AnyUser) -> "EntryGrantQuerySet":
        """Grants in the State's data, for whoever manages its people; and one's own."""
        if not user.is_active:
            return self.none()
        managed = RoleAssignment.objects.of(user, *MANAGER_ROLES).states()
        return self.filter(Q(content_object__report__state__in=managed) | Q(user=user.pk))

    def with_list_data(self) -> "EntryGrantQuerySet":
        return self.select_related(
            "user",
            "granted_by",
            "content_object__activity",
            "content_object__report__round",
            "content_object__report__state",
        ).order_by("-content_object__report__round__period_start", "content_object__activity__position", "pk")


def _states_of(user: AnyUser) -> "QuerySet[RoleAssignment]":
    return RoleAssignment.objects.of(user).states()  # type: ignore[no-any-return]


class ReportVersionQuerySet(QuerySet["ReportVersion"]):
    def visible_to(self, user: AnyUser) -> "ReportVersionQuerySet":
        """With the report; what a State took back unread stays its own."""
        if not user.is_active:
            return self.none()
        seen = self.filter(_report_scope(user, "report__"))
        withdrawn: Any = self.model._meta.get_field("changes").related_model
        taken_back = withdrawn._default_manager.filter(step=Step.WITHDRAW, version=OuterRef("pk"))
        return seen.filter(Q(report__state__in=own_states(user)) | ~Exists(taken_back))

    def without_content(self) -> "ReportVersionQuerySet":
        """For lists: the content is large."""
        return self.defer("content")

    def published(self) -> "ReportVersionQuerySet":
        """What is accepted now and its State shows to everybody; the newest period first."""
        shown = self.filter(consents__ended_at=None, consents__isnull=False, accepted_for__isnull=False)
        related = shown.select_related("report__round__catalogue", "report__state")
        return related.order_by("-report__round__period_start")


class PublicConsentQuerySet(QuerySet["PublicConsent"]):
    def visible_to(self, user: AnyUser) -> "PublicConsentQuerySet":
        """That something is public, is public; what is no longer stays the State's own."""
        return self.filter(Q(ended_at=None) | Q(version__report__state__in=own_states(user)))


class ReportPaperQuerySet(QuerySet["ReportPaper"]):
    def visible_to(self, user: AnyUser) -> "ReportPaperQuerySet":
        """With the versions it is made of. One with all evidence: for those who read all evidence that was sent."""
        if not user.is_active:
            return self.none()
        versions: Any = self.model._meta.get_field("version").related_model
        seen = versions.objects.visible_to(user).values("pk")
        mine = self.filter(Q(compared=None) | Q(compared__in=seen), version__in=seen)
        if RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists():
            return mine
        reads_all = Q(version__report__state=None) | Q(version__report__state__in=own_states(user))
        return mine.filter(reads_all | Q(is_whole=False))

    def with_report(self) -> "ReportPaperQuerySet":
        return self.select_related("version__report__round", "version__report__state", "compared__report__round")


class QuestionQuerySet(QuerySet["Question"]):
    def visible_to(self, user: AnyUser) -> "QuestionQuerySet":
        """Those on reports whose review the person follows, and those on entries handed to them.

        What the Secretariat and a State write to each other is not part of what was submitted: the officers of the
        Meeting, who read all that was, follow the review of the Secretariat's own report, which is theirs.
        """
        if not user.is_active:
            return self.none()
        handed = Q(
            _not_ended("report__entries__grants__"),
            report__entries__grants__user=user,
            report__entries__activity=F("activity"),
            report__state__in=_states_of(user),
        )
        seen = self.model._default_manager.filter(_report_scope(user, "report__", in_review=True) | handed)
        return self.filter(pk__in=seen.values("pk"))

    def with_thread(self) -> "QuestionQuerySet":
        related = ("report__round", "report__state", "activity", "asked_by")
        return self.select_related(*related).prefetch_related("replies__by")


class EvidenceQuerySet(QuerySet["Evidence"]):
    def visible_to(self, user: AnyUser) -> "EvidenceQuerySet":
        """Whoever reads the entry; of what was sent and is not for the State alone, the Secretariat too.

        The officers of the Meeting read what the Secretariat sent, and what States say may be published. What
        was removed before it was sent is nobody's; what had been sent stays part of that version.
        """
        if not user.is_active:
            return self.none()
        entries: Any = self.model._meta.get_field("entry").related_model
        own = Q(entry__in=entries.objects.visible_to(user))
        sent = Q(first_version__isnull=False)
        roles = set(RoleAssignment.objects.of(user).values_list("role", flat=True))
        scope = own & (Q(removed_at=None) | sent)
        if roles & set(SECRETARIAT_ROLES):
            scope |= sent & ~Q(visibility="state")
        if Role.MEETING_OFFICER in roles:
            scope |= sent & (Q(visibility="public") | Q(entry__report__state=None) & ~Q(visibility="state"))
        return self.filter(scope)

    def with_entry(self) -> "EvidenceQuerySet":
        return self.select_related("entry__report__round", "entry__report__state", "entry__activity")

    def current(self) -> "EvidenceQuerySet":
        return self.filter(removed_at=None)

    def served(self) -> "EvidenceQuerySet":
        """Files of which there is a copy to give out."""
        return self.filter(scan_state__in=SERVED_STATES)

    def standing(self) -> "EvidenceQuerySet":
        """What supports an answer now: not removed, not refused."""
        return self.current().exclude(scan_state__in=("infected", "refused"))

    def to_be_sent(self) -> "EvidenceQuerySet":
        return self.standing().exclude(visibility="state")


class ExtensionQuerySet(QuerySet["Extension"]):
    def visible_to(self, user: AnyUser) -> "ExtensionQuerySet":
        """Requests of the own State; all for those who follow the rounds."""
        if not user.is_active:
            return self.none()
        if RoleAssignment.objects.of(user, *SECRETARIAT_ROLES, Role.MEETING_OFFICER).exists():
            return self
        return self.filter(report__state__in=own_states(user))

    def undecided(self) -> "ExtensionQuerySet":
        return self.filter(decision="")

    def with_report(self) -> "ExtensionQuerySet":
        return self.select_related("report__round", "report__state", "requested_by", "decided_by")


class NotificationQuerySet(QuerySet["Notification"]):
    def visible_to(self, user: AnyUser) -> "NotificationQuerySet":
        """One's own, of those for whom the person acts today."""
        if not user.is_active or not user.pk:
            return self.none()
        secretariat = Exists(RoleAssignment.objects.of(user, *SECRETARIAT_ROLES))
        theirs = Q(report__state__in=_states_of(user)) | Q(secretariat, report__state=None)
        return self.filter(theirs, user=user.pk)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)

    def with_report(self) -> "NotificationQuerySet":
        return self.select_related("report__round", "report__state")


class ImportRunQuerySet(QuerySet["ImportRun"]):
    def visible_to(self, user: AnyUser) -> "ImportRunQuerySet":
        """Those of the own State, which hold its working answers; the Secretariat's own, and those it made for
        States."""
        if not user.is_active:
            return self.none()
        scope = Q(report__state__in=own_states(user))
        if RoleAssignment.objects.of(user, *SECRETARIAT_ROLES).exists():
            scope |= Q(report__state=None) | Q(channel__gt="")
        return self.filter(scope)

    def with_report(self) -> "ImportRunQuerySet":
        return self.select_related("report__round", "report__state", "created_by", "undone_by")
