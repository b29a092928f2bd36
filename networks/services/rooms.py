"""Networks and what lies in their rooms."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm

from accounts.models import Institution, State, User
from accounts.permissions import audit_chain
from core import audit
from core.exceptions import NotAllowed, PortalError, ScopeViolation
from core.files import store_once
from core.identity import refuse_identity
from core.jobs import enqueue
from core.sanitize import check
from core.sanitize.kinds import Refused
from networks import permissions
from networks.enums import DecisionStatus, SeatRole
from networks.models import (
    Announcement,
    CooperationRequest,
    Decision,
    Document,
    GuestOffer,
    Meeting,
    Network,
    NetworkUserObjectPermission,
    Seat,
)
from networks.queries import account_by_address
from networks.services.common import refuse_stale

NETWORK_TEXTS = tuple(f"{base}_{end}" for base in ("name", "purpose") for end in ("es", "en", "fr", "pt_br"))


ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without what is misread


@dataclass(frozen=True)
class NetworkData:
    level: str
    texts: dict[str, str]  # by NETWORK_TEXTS
    acronym: str = ""
    legal_basis: str = ""
    activity_code: str = ""
    is_listed: bool = False
    parent: Network | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Text:
    text: str
    language: str
    title: str = ""
    identity_reason: str = ""


# --- networks and seats ---------------------------------------------------------------------------


@transaction.atomic
def found_network(*, data: NetworkData, institution: Institution, actor: User) -> Network:
    """A new network; the founding institution coordinates it."""
    if not permissions.founding_institutions(actor).filter(pk=institution.pk).exists():
        raise NotAllowed(_("You cannot found networks for this institution."))
    network = Network(slug=_free_slug(data), created_by=actor)
    _fill(network, data, actor)
    network.save()
    Seat.objects.create(
        network=network,
        state=institution.state,
        institution=institution,
        role=SeatRole.COORDINATOR,
        valid_from=data.valid_from if data.valid_from and data.valid_from <= timezone.localdate() else None,
    )
    _audit("network.founded", network, actor)
    return network


@transaction.atomic
def change_network(*, network: Network, data: NetworkData, seen: str, actor: User) -> None:
    """`seen` is the fingerprint of what the person had before them."""
    # All rows, always in one order: of two changes at once that make a circle, each sees but one half.
    list(Network.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    _refuse_unless_coordinator(actor, network)
    refuse_stale(network, seen)
    _fill(network, data, actor)
    network.save()
    _audit("network.changed", network, actor)


def _fill(network: Network, data: NetworkData, actor: User) -> None:
    if not any(data.texts[name].strip() for name in NETWORK_TEXTS if name.startswith("name")):
        raise PortalError(_("Give the network a name in at least one language."))
    if data.parent is not None:
        _refuse_circle(network, data.parent, actor)
    for name in NETWORK_TEXTS:
        setattr(network, name, data.texts[name].strip())
    for name in ("level", "acronym", "legal_basis", "activity_code", "is_listed", "parent", "valid_from", "valid_to"):
        setattr(network, name, getattr(data, name))


def _refuse_circle(network: Network, parent: Network, actor: User) -> None:
    if not Network.objects.visible_to(actor).filter(pk=parent.pk).exists():
        raise ScopeViolation(_("You cannot see this network."))
    parents = dict(Network.objects.values_list("pk", "parent"))
    seen: set[int | None] = {network.pk}
    above: int | None = parent.pk
    while above is not None:
        if above in seen:
            raise PortalError(_("A network cannot be part of itself."))
        seen.add(above)
        above = parents[above]


def _free_slug(data: NetworkData) -> str:
    names = [data.acronym, *(data.texts[name] for name in NETWORK_TEXTS if name.startswith("name"))]
    plain = slugify(unicodedata.normalize("NFKD", next(name for name in [*names, "network"] if name)))[:48] or "network"
    return f"{plain}-{get_random_string(6, ALPHABET)}"  # a number would tell how many others bear the name


def _refuse_unless_coordinator(actor: User, network: Network) -> None:
    if not permissions.can_coordinate(actor, network):
        raise NotAllowed(_("Only the coordinator of the network does this."))


@transaction.atomic
def seat_member(
    *, network: Network, state: State | None, institution: Institution | None, role: str, actor: User
) -> Seat:
    """Give a State or an institution a seat from today; others than one's own must take it (take_seat)."""
    _refuse_unless_coordinator(actor, network)
    if institution is not None:
        state = institution.state
    elif state is None:
        raise PortalError(_("Choose a State or an institution."))
    if Seat.objects.current().filter(network=network, state=state, institution=institution).exists():
        raise PortalError(_("It has a seat already."))
    seat = Seat.objects.create(
        network=network,
        state=state,
        institution=institution,
        role=role,
        valid_from=timezone.localdate(),
        taken_at=None,
    )
    if Seat.objects.of(actor).filter(pk=seat.pk).exists():
        take_seat(seat=seat, actor=actor)
    _audit("network.seat_given", network, actor, seat=seat.pk, role=role)
    return seat


@transaction.atomic
def take_seat(*, seat: Seat, actor: User) -> None:
    """From now on its holder's contacts for members of networks are shown to the other members."""
    if not Seat.objects.of(actor).filter(pk=seat.pk).exists():
        raise NotAllowed(_("Only its holder takes a seat."))
    if Seat.objects.filter(pk=seat.pk, taken_at=None).update(taken_at=timezone.now()):
        _audit("network.seat_taken", seat.network, actor, seat=seat.pk)


@transaction.atomic
def end_seat(*, seat: Seat, actor: User) -> None:
    """Leave, or be taken out: the room is closed to its people from the next request on."""
    network = Network.objects.select_for_update().get(pk=seat.network_id)
    own = Seat.objects.of(actor).filter(pk=seat.pk).exists()
    if not own:
        _refuse_unless_coordinator(actor, network)
    others = Seat.objects.current().filter(network=network, role=SeatRole.COORDINATOR).exclude(pk=seat.pk)
    if seat.role == SeatRole.COORDINATOR and not others.exists():
        raise PortalError(_("Somebody must coordinate the network. Give another member this role first."))
    today = timezone.localdate()
    valid_to = max(today, seat.valid_from) if seat.valid_from else today
    ended = Seat.objects.filter(pk=seat.pk, left_at=None).update(
        left_at=timezone.now(), valid_to=valid_to, ended_by=actor
    )
    if ended:
        _audit("network.seat_ended", network, actor, seat=seat.pk)


@transaction.atomic
def let_in_guest(*, network: Network, email: str, reason: str, valid_to: date, actor: User) -> GuestOffer:
    """One person of no member institution, for a reason and until a day (guardian, direct foreign key). The answer
    is the same whether or not the address has an account."""
    _refuse_unless_coordinator(actor, network)
    if valid_to < timezone.localdate() or not reason.strip():
        raise PortalError(_("Give a reason and a last day that is not over."))
    terms = {"reason": reason, "valid_to": valid_to, "offered_by": actor}
    offer, _is_new = GuestOffer.objects.update_or_create(
        network=network, email=email.lower(), ended_at=None, defaults=terms
    )
    person = account_by_address(email)
    if person is not None:
        guest: Any = assign_perm("networks.view_network", person, network)
        guest.reason, guest.valid_to, guest.granted_by = reason, valid_to, actor
        guest.save()
    _audit("network.guest_let_in", network, actor, offer=offer.pk, until=valid_to.isoformat())
    return offer


@transaction.atomic
def show_out_guest(*, offer: GuestOffer, actor: User) -> None:
    _refuse_unless_coordinator(actor, offer.network)
    GuestOffer.objects.filter(pk=offer.pk, ended_at=None).update(ended_at=timezone.now())
    guests = NetworkUserObjectPermission.objects.filter(content_object=offer.network)
    guests.filter(user__email__iexact=offer.email).delete()
    _audit("network.guest_shown_out", offer.network, actor, offer=offer.pk)


@transaction.atomic
def remove_ended_guests() -> int:
    """The rights of guests whose last day is over. Returns how many rooms were closed to somebody."""
    ended = NetworkUserObjectPermission.objects.select_for_update(of=("self",)).ended().select_related("content_object")
    rows = list(ended)
    for row in rows:
        data = {"reference": row.content_object.slug, "until": row.valid_to.isoformat()}
        chain = audit_chain(row.granted_by) if row.granted_by else audit.PLATFORM
        audit.record(verb="network.guest_ended", obj=row.content_object, chain=chain, system="clock", data=data)
    NetworkUserObjectPermission.objects.filter(pk__in=[row.pk for row in rows]).delete()
    GuestOffer.objects.filter(ended_at=None, valid_to__lt=timezone.localdate()).update(ended_at=timezone.now())
    return len(rows)


def _audit(verb: str, network: Network, actor: User, **data: Any) -> None:
    audit.record(
        verb=verb, obj=network, chain=audit_chain(actor), actor=actor, data={"reference": network.slug, **data}
    )


# --- the room -------------------------------------------------------------------------------------


def _written(text: Text, network: Network, actor: User) -> dict[str, Any]:
    institution = permissions.speaks_for(actor, network)
    if institution is None:
        raise NotAllowed(_("You speak for no member of this network."))
    return {
        "text": text.text,
        "language": text.language,
        "identity_reason": refuse_identity((text.title, text.text), reason=text.identity_reason),
        "by": actor,
        "by_institution": institution,
    }


@transaction.atomic
def announce(*, network: Network, text: Text, actor: User) -> Announcement:
    if not permissions.can_post(actor, network):
        raise NotAllowed(_("Only members write in the room."))
    row = Announcement.objects.create(network=network, title=text.title, **_written(text, network, actor))
    _audit("network.announced", network, actor)
    return row


@transaction.atomic
def record_meeting(*, network: Network, text: Text, held_on: date, place: str, actor: User) -> Meeting:
    """A meeting and its minutes."""
    _refuse_unless_coordinator(actor, network)
    meeting = Meeting.objects.create(
        network=network, title=text.title, held_on=held_on, place=place, **_written(text, network, actor)
    )
    _audit("network.meeting_recorded", network, actor)
    return meeting


@transaction.atomic
def record_decision(
    *, meeting: Meeting, text: Text, responsible: Seat | None, due_on: date | None, actor: User
) -> Decision:
    _refuse_unless_coordinator(actor, meeting.network)
    decision = Decision.objects.create(
        meeting=meeting, responsible=responsible, due_on=due_on, **_written(text, meeting.network, actor)
    )
    _audit("network.decision_recorded", meeting.network, actor)
    return decision


@transaction.atomic
def follow_up_decision(*, decision: Decision, status: str, note: str, seen: str, actor: User) -> None:
    """Say what became of a decision: its coordinator, or the member that is responsible for it.

    `seen` is the fingerprint of what the person had before them.
    """
    network = decision.meeting.network
    if not can_follow_up(actor, decision):
        raise NotAllowed(_("Only the coordinator or whoever is responsible says what became of it."))
    refuse_identity((note,))
    refuse_stale(decision, seen)
    decision.status, decision.note = status, note
    decision.followed_up_on = None if status == DecisionStatus.OPEN else timezone.localdate()
    decision.save(update_fields=["status", "note", "followed_up_on"])
    _audit("network.decision_followed_up", network, actor, status=status)


def can_follow_up(user: User, decision: Decision) -> bool:
    if permissions.can_coordinate(user, decision.meeting.network):
        return True
    return decision.responsible_id is not None and Seat.objects.of(user).filter(pk=decision.responsible_id).exists()


# --- files ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileData:
    title: str
    language: str
    name: str
    content: bytes
    identity_reason: str = ""


@transaction.atomic
def share_in_network(*, network: Network, file: FileData, actor: User) -> Document:
    if not permissions.can_post(actor, network):
        raise NotAllowed(_("Only members put files into the room."))
    institution = permissions.speaks_for(actor, network)
    document = _store(file, actor, institution, network=network)
    _audit("network.file_shared", network, actor)
    return document


@transaction.atomic
def attach_to_request(*, request: CooperationRequest, file: FileData, actor: User) -> Document:
    if not permissions.can_write_message(actor, request) and request.status != "draft":
        raise NotAllowed(_("Nothing more can be attached to this request."))
    document = _store(file, actor, permissions.acting_institution(actor, request), request=request)
    data = {"reference": request.reference}
    audit.record(verb="request.file_attached", obj=request, chain=audit_chain(actor), actor=actor, data=data)
    return document


def _store(file: FileData, actor: User, institution: Institution | None, **place: Any) -> Document:
    """Into quarantine, and ask for the check. Raises IdentitySuspected, or PortalError where it cannot be taken."""
    if institution is None:
        raise NotAllowed(_("You speak for no institution here."))
    try:
        clean_name, kind = check(file.name, file.content, settings.MAX_UPLOAD_BYTES)
    except Refused as refusal:
        raise PortalError(
            _("This file is not accepted. Attach a PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV of at most 10 MB.")
        ) from refusal
    same = Document.objects.filter(sha256=hashlib.sha256(file.content).hexdigest(), removed_at=None, **place).first()
    if same is not None:
        return same
    reason = refuse_identity((file.title, clean_name), reason=file.identity_reason, files=[(kind, file.content)])
    stored, digest = store_once(file.content, folder="quarantine", suffix="bin")
    document = Document.objects.create(
        title=(file.title or clean_name)[:200],
        language=file.language,
        original_name=clean_name,
        kind=kind,
        size=len(file.content),
        sha256=digest,
        original=stored,
        identity_reason=reason,
        uploaded_by=actor,
        by_institution=institution,
        **place,
    )
    enqueue("networks.process_document", document.pk, key=f"document:{document.pk}")
    return document


@transaction.atomic
def note_download(*, document: Document, actor: User) -> None:
    audit.record(verb="document.downloaded", obj=document, chain=audit_chain(actor), actor=actor)
