"""Entries handed to single people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm

from accounts.enums import InstitutionKind
from accounts.models import RoleAssignment, User
from accounts.permissions import has_role_in
from accounts.services import OpenWork
from core import audit
from core.exceptions import NotAllowed, PortalError
from workplan import permissions
from workplan.models import EntryUserObjectPermission, ReportEntry


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
    grant: Any = assign_perm("workplan.change_reportentry", person, entry)
    grant.reason, grant.valid_to = terms.reason, terms.valid_to
    grant.granted_by, grant.granted_at = actor, timezone.now()
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
        drafts = ReportEntry.objects.open_for_writing().filter(_of_side(person), updated_by=person, is_ready=False)
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


def _of_side(person: User) -> Q:
    """Entries of whom the person acts for; what they wrote for a State they left is not the successor's to know."""
    roles = RoleAssignment.objects.not_over().filter(user=person)
    secretariat = roles.filter(institution__kind=InstitutionKind.SECRETARIAT)
    return Q(report__state__in=roles.states()) | Q(Exists(secretariat), report__state=None)


def _work(entry: ReportEntry, detail: str) -> OpenWork:
    title = f"{entry.report.reference} · {entry.activity.number} {entry.activity.title}"
    return OpenWork(title=title, detail=detail, url=entry.get_absolute_url())
