"""How an organization comes to contribute: it applies, two people of the Secretariat decide, and it ends by itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import InstitutionKind, Role
from accounts.models import Institution, RoleAssignment, State, User
from accounts.services import Invitee, invite
from contributions import permissions
from contributions.enums import LIFETIME, AccreditationStatus
from contributions.models import Accreditation
from contributions.services.files import FileData, store
from core import audit
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.jobs import enqueue


@dataclass(frozen=True)
class ApplicationData:
    name: str
    name_language: str
    kind: str
    purpose: str
    contact_name: str
    contact_email: str
    states: Collection[State]
    themes: list[str] = field(default_factory=list)
    register_reference: str = ""


@transaction.atomic
def apply(*, data: ApplicationData, files: Sequence[FileData] = ()) -> Accreditation:
    """Anybody may ask. Nothing opens by it: no account and no institution."""
    return _file(data, files, None)


@transaction.atomic
def renew(*, actor: User, purpose: str, files: Sequence[FileData] = ()) -> Accreditation:
    """Ask for a further term with the scope as it stands. The accreditation goes on until its own end."""
    before = permissions.renewable(actor)
    if before is None:
        raise StepRefused(_("There is nothing to renew now."))
    names = ("name", "name_language", "kind", "contact_name", "contact_email", "themes", "register_reference")
    data = {name: getattr(before, name) for name in names}
    application = ApplicationData(purpose=purpose, states=list(before.states.all()), **data)
    return _file(application, files, before, actor)


def _file(
    data: ApplicationData, files: Sequence[FileData], renews: Accreditation | None, actor: User | None = None
) -> Accreditation:
    if Accreditation.objects.waiting().filter(name__iexact=data.name).exists():
        raise PortalError(_("An application under this name is already being looked at."))
    fields = {name: value for name, value in vars(data).items() if name != "states"}
    row = Accreditation.objects.create(
        **fields, renews=renews, institution=renews.institution if renews is not None else None
    )
    row.states.set(data.states)
    for file in files:
        store(file, actor, accreditation=row)
    machinery = "" if actor else "accreditation"
    audit.record(verb="accreditation.applied", obj=row, actor=actor, system=machinery, data={"kind": row.kind})
    return row


@transaction.atomic
def vet(*, accreditation: Accreditation, note: str, actor: User) -> None:
    """The first of two: has read the application and its documents, and says what was found."""
    row = _locked(accreditation)
    if not permissions.can_vet(actor, row):
        raise NotAllowed(_("This application is not waiting for its first look."))
    row.status, row.vetting_note = AccreditationStatus.VETTED, note
    row.vetted_by, row.vetted_at = actor, timezone.now()
    row.save()
    audit.record(verb="accreditation.vetted", obj=row, actor=actor)


@transaction.atomic
def accredit(*, accreditation: Accreditation, actor: User) -> None:
    """The second of two, never the first: opens the organization and invites its contact."""
    row = _to_decide(accreditation, actor)
    known = row.institution
    row.institution = known or _open_organization(row)
    row.status = AccreditationStatus.ACCREDITED
    row.valid_from = timezone.localdate()
    row.valid_to = row.valid_from + LIFETIME
    row.save()
    if known is None:
        invitee = Invitee(email=row.contact_email, full_name=row.contact_name, language=row.name_language)
        invite(actor=actor, invitee=invitee, institution=row.institution, role=Role.PARTNER)
    audit.record(verb="accreditation.granted", obj=row, actor=actor, data={"until": row.valid_to.isoformat()})


def _open_organization(row: Accreditation) -> Institution:
    if Institution.objects.filter(state=None, name=row.name).exists():
        raise PortalError(_("There is already an institution of this name."))
    return Institution.objects.create(
        kind=InstitutionKind.PARTNER, name=row.name, name_language=row.name_language, valid_from=timezone.localdate()
    )


@transaction.atomic
def refuse(*, accreditation: Accreditation, reason: str, actor: User) -> None:
    row = _to_decide(accreditation, actor)
    row.status, row.refusal_reason = AccreditationStatus.REFUSED, reason
    row.save()
    audit.record(verb="accreditation.refused", obj=row, actor=actor)


def _to_decide(accreditation: Accreditation, actor: User) -> Accreditation:
    row = _locked(accreditation)
    if not permissions.can_decide(actor, row):
        raise NotAllowed(_("A second person decides: an administrator who did not take the first look."))
    row.decided_by, row.decided_at = actor, timezone.now()
    return row


def _locked(accreditation: Accreditation) -> Accreditation:
    return Accreditation.objects.select_for_update(of=("self",)).select_related("institution").get(pk=accreditation.pk)


@transaction.atomic
def remind_of_end() -> int:
    """Tell each organization once that its accreditation ends soon. Returns how many mails were asked for."""
    asked = 0
    for row in Accreditation.objects.ending():
        people = RoleAssignment.objects.current().filter(institution=row.institution_id, role=Role.PARTNER)
        for user_id in people.order_by("user").values_list("user", flat=True).distinct():
            _message, created = enqueue(
                "contributions.send_notice",
                user_id,
                "ending",
                key=f"accreditation-end:{row.pk}:{user_id}",
                queue="mail",
            )
            asked += created
    return asked
