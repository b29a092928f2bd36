"""The directory: desks are written, verified, closed; reminders when nobody has looked for half a year."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Institution, State, User
from accounts.permissions import audit_chain
from core import audit
from core.exceptions import NotAllowed, PortalError, ScopeViolation
from networks import permissions
from networks.enums import Notice
from networks.models import Desk
from networks.queries import search_words, stale_by_state
from networks.services.common import refuse_stale
from networks.services.notices import coordinators, notify


@dataclass(frozen=True)
class DeskData:
    institution: Institution
    service: str
    name: str
    name_language: str
    languages: list[str] = field(default_factory=list)
    hours: str = ""
    response_hours: int | None = None
    phone: str = ""
    email: str = ""
    address: str = ""
    notes: str = ""
    visibility: str = "authorities"
    source: str = ""


@transaction.atomic
def save_desk(*, data: DeskData, actor: User, desk: Desk | None = None, seen: str = "") -> Desk:
    """Write a desk; whoever writes it has verified it. Raises NotAllowed outside the actor's own institutions.

    `seen` is the fingerprint of the desk that the person had before them.
    """
    if not permissions.desk_institutions(actor).filter(pk=data.institution.pk).exists():
        raise NotAllowed(_("You keep only the contacts of your own institutions."))
    if desk is not None and not permissions.can_keep_desk(actor, desk):
        raise NotAllowed(_("You keep only the contacts of your own institutions."))
    if desk is not None:
        refuse_stale(desk, seen)
    _refuse_twin(data, desk)
    verb = "desk.changed" if desk else "desk.created"
    desk = desk or Desk()
    for name, value in vars(data).items():
        setattr(desk, name, value)
    _verified(desk, actor)
    desk.search_text = search_words(desk)
    desk.save()
    if not Desk.objects.visible_to(actor).filter(pk=desk.pk).exists():
        raise ScopeViolation(_("This contact would leave your scope."))
    _audit(verb, desk, actor)
    return desk


def _refuse_twin(data: DeskData, desk: Desk | None) -> None:
    twins = Desk.objects.open().filter(institution=data.institution, service=data.service, name=data.name)
    if (twins.exclude(pk=desk.pk) if desk else twins).exists():
        raise PortalError(_("This institution already has a contact of this name for this service."))


def _verified(desk: Desk, actor: User) -> None:
    desk.verified_on, desk.verified_by = timezone.localdate(), actor


def _audit(verb: str, desk: Desk, actor: User) -> None:
    data = {"service": desk.service, "visibility": desk.visibility}
    audit.record(verb=verb, obj=desk, chain=audit_chain(actor), actor=actor, data=data)


@transaction.atomic
def verify_desk(*, desk: Desk, actor: User) -> None:
    """Somebody looked and all is as it stands."""
    if not permissions.can_keep_desk(actor, desk):
        raise NotAllowed(_("You keep only the contacts of your own institutions."))
    _verified(desk, actor)
    desk.save(update_fields=["verified_on", "verified_by"])
    _audit("desk.verified", desk, actor)


@transaction.atomic
def close_desk(*, desk: Desk, actor: User) -> None:
    if not permissions.can_keep_desk(actor, desk):
        raise NotAllowed(_("You keep only the contacts of your own institutions."))
    desk.closed_on = timezone.localdate()
    desk.save(update_fields=["closed_on"])
    _audit("desk.closed", desk, actor)


@transaction.atomic
def note_export(*, count: int, actor: User) -> None:
    """Who took the directory along, and how much of it."""
    audit.record(verb="directory.exported", obj=actor, chain=audit_chain(actor), actor=actor, data={"contacts": count})


@transaction.atomic
def remind_stale_desks() -> int:
    """Tell each State's coordinator once a month that contacts wait to be verified. Returns how many States."""
    month = timezone.localdate().strftime("%Y-%m")
    stale = stale_by_state()
    for state in State.objects.filter(pk__in=stale).order_by("pk"):
        notify(coordinators(state), Notice.DESK_STALE, key=f"stale:{state.pk}:{month}")
    return len(stale)
