"""The directory, networks, requests and what States share, each text with a canary."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Institution, State, User
from core.files import store_once
from networks.models import (
    Agreement,
    AgreementParty,
    Announcement,
    AssistanceItem,
    AssistanceMatch,
    CooperationRequest,
    Decision,
    Desk,
    Document,
    Escalation,
    GuestOffer,
    InstrumentAct,
    LegalInstrument,
    Meeting,
    NationalPlan,
    Network,
    NetworkUserObjectPermission,
    RequestChange,
    RequestMessage,
    RequestTranslation,
    RouteFigure,
    Seat,
)
from tests.access.canaries import NEVER, canary

REFERENCES = {
    "own draft": "CR-GT-222222",
    "sent": "CR-GT-333333",
    "received": "GT-CR-444444",
    "other States'": "GT-HN-555555",
}
SENT = datetime(2014, 3, 3, 15, tzinfo=UTC)


def furnish_networks(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    _desks(world, places)
    _networks(world, places, staff)
    _requests(world, places, staff)
    _assistance(world, places, staff)
    _shared(staff)
    _law(world, staff)


def _texts(family: str, *names: str) -> dict[str, str]:
    return {name: canary(family, name.replace("_", "")) for name in names}


def _written(family: str, by: User, institution: Institution) -> dict[str, Any]:
    return {**_texts(family, "text", "identity_reason"), "language": "es", "by": by, "by_institution": institution}


# --- directory ------------------------------------------------------------------------------------


def _desks(world: Any, places: SimpleNamespace) -> None:
    wanted = {
        "public": ("PUBLIC", places.other_authority, "public"),
        "for authorities": ("AUTHORITY-DESK", places.other_authority, "authorities"),
        "for others' networks": ("GT-DESK", places.other_authority, "networks"),
        "own State's": ("CR-DESK", places.authority, "networks"),
    }
    world.parts["desk"] = {target: {"public_id": _desk(*row).public_id} for target, row in wanted.items()}
    world.parts["desk"]["never existed"] = {"public_id": NEVER}


def _desk(family: str, institution: Institution, visibility: str) -> Desk:
    names = ("name", "hours", "phone", "address", "notes", "source", "search_text")
    return Desk.objects.create(
        institution=institution,
        service="shelter",
        name_language="es",
        languages=["es"],
        email=f"{family.lower()}@desk.example",
        visibility=visibility,
        verified_on=date(2014, 3, 1),
        **_texts(family, *names),
    )


# --- networks and their rooms ---------------------------------------------------------------------


def _networks(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    rooms = {
        "own": ("CR-NET", places.authority, staff.cr_author),
        "other's": ("GT-NET", places.other_authority, staff.gt_author),
        "listed": ("LISTED-NET", places.other_authority, staff.gt_author),
    }
    kinds: tuple[str, ...] = ("network", "seat", "in a room", "decision", "guest")
    world.parts |= {kind: {} for kind in kinds}
    world.parts["shared file"] = {}
    for target, (family, institution, by) in rooms.items():
        network = _network(family, institution)
        world.parts["network"][target] = {"slug": network.slug}
        world.parts["seat"][target] = {"slug": network.slug, "pk": network.seats.get().pk}
        if target != "listed":
            _room(world, target, network, by, institution, staff.sg_author, family)
    _nothing(world)


def _network(family: str, institution: Institution) -> Network:
    ends = ("es", "en", "fr", "pt_br")
    names = [f"{base}_{end}" for base in ("name", "purpose") for end in ends]
    texts = {name: canary(family, name.replace("_", "")) for name in names}
    network = Network.objects.create(
        level="regional",
        slug=canary(family, "slug"),
        acronym=canary(family, "a")[:20],
        is_listed=family == "LISTED-NET",
        **texts,
        **_texts(family, "legal_basis", "source"),
    )
    Seat.objects.create(
        network=network,
        state=institution.state,
        institution=institution,
        role="coordinator",
        source=canary(family, "seat"),
    )
    return network


def _room(
    world: Any, target: str, network: Network, by: User, institution: Institution, guest: User, family: str
) -> None:
    written = _written(family, by, institution)
    meeting = Meeting.objects.create(
        network=network, held_on=date(2014, 3, 1), **_texts(family, "title", "place"), **written
    )
    decision = Decision.objects.create(meeting=meeting, note=canary(family, "note"), **written)
    Announcement.objects.create(network=network, title=canary(family, "announced"), **written)
    terms = {"reason": canary(family, "guest"), "valid_to": timezone.localdate() - timedelta(days=1)}
    right = Permission.objects.get(codename="view_network")
    NetworkUserObjectPermission.objects.create(content_object=network, user=guest, permission=right, **terms)
    terms["valid_to"] = timezone.localdate()
    offer = GuestOffer.objects.create(
        network=network, email=f"{canary(family, 'guest')}@example.org".lower(), offered_by=by, **terms
    )
    place = {"slug": network.slug, "public_id": meeting.public_id}
    world.parts["in a room"][target] = place
    world.parts["decision"][target] = {**place, "pk": decision.pk}
    world.parts["guest"][target] = {"slug": network.slug, "pk": offer.pk}
    file = "own room's" if target == "own" else "other room's"
    world.parts["shared file"][file] = {"public_id": _file(family, by, institution, network=network).public_id}


def _nothing(world: Any) -> None:
    """What never existed, under an address as long as that of what does."""
    slug = "CNRY-XX-NET-slug"
    world.parts["network"]["never existed"] = {"slug": slug}
    own = world.parts["network"]["own"]["slug"]
    world.parts["seat"]["never existed"] = {"slug": own, "pk": 0}
    world.parts["in a room"]["never existed"] = {"slug": own, "public_id": NEVER}
    meeting = world.parts["in a room"]["own"]["public_id"]
    world.parts["decision"]["never existed"] = {"slug": own, "public_id": meeting, "pk": 0}
    world.parts["guest"]["never existed"] = {"slug": own, "pk": 0}
    world.parts["shared file"]["never existed"] = {"public_id": NEVER}


def _file(family: str, by: User, institution: Institution, **place: Any) -> Document:
    stored, digest = store_once(canary(family, "copy").encode(), folder="networks", suffix="txt")
    return Document.objects.create(
        language="es",
        kind="txt",
        size=9,
        sha256=digest,
        original=stored,
        served=stored,
        served_size=9,
        scan_state="clean",
        uploaded_by=by,
        by_institution=institution,
        title=canary(family, "file"),
        original_name=f"{canary(family, 'name')}.txt",
        identity_reason=canary(family, "confirmed"),
        **place,
    )


# --- requests -------------------------------------------------------------------------------------


def _requests(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    third = Institution.objects.create(
        kind="authority", state=State.objects.get(iso2="HN"), name=canary("PUBLIC", "third"), name_language="es"
    )
    ways = {
        "own draft": ("CR-REQUEST", places.authority, places.other_authority, staff.cr_author, False),
        "sent": ("CR-REQUEST", places.authority, places.other_authority, staff.cr_author, True),
        "received": ("CR-REQUEST", places.other_authority, places.authority, staff.gt_author, True),
        "other States'": ("GT-REQUEST", places.other_authority, third, staff.gt_author, True),
    }
    world.parts["request"] = {target: {"reference": _request(target, *row).reference} for target, row in ways.items()}
    world.parts["request"]["never existed"] = {"reference": "CR-GT-777777"}
    _translations(world, staff)
    file = Document.objects.get(request__reference=world.parts["request"]["sent"]["reference"])
    world.parts["shared file"]["own request's"] = {"public_id": file.public_id}


def _translations(world: Any, staff: SimpleNamespace) -> None:
    """Of each message, written by somebody who is none of the actors, so that all of them may review."""
    world.parts |= {"message": {}, "translation": {}}
    for target in ("sent", "received", "other States'"):
        message = RequestMessage.objects.get(request__reference=REFERENCES[target])
        request, family = message.request, "GT-REQUEST" if target == "other States'" else "CR-REQUEST"
        guatemala = request.receiver if target == "sent" else request.sender
        written = {**_written(family, staff.gt_author, guatemala), "language": "fr"}
        row = RequestTranslation.objects.create(request=request, message=message, **written)
        RequestTranslation.objects.create(request=request, subject=canary(family, "translated"), **written)
        place = {"reference": request.reference}
        world.parts["message"][target] = {**place, "pk": message.pk}
        world.parts["translation"][target] = {**place, "pk": row.pk}
    for kind in ("message", "translation"):
        world.parts[kind]["never existed"] = {"reference": REFERENCES["sent"], "pk": 0}


def _request(
    target: str, family: str, sender: Institution, receiver: Institution, by: User, is_sent: bool
) -> CooperationRequest:
    due = SENT + timedelta(days=31)
    sent = {
        "sent_at": SENT,
        "answer_by": date(2014, 4, 2),
        "coordinator_due_at": due,
        "secretariat_due_at": due + timedelta(days=30),
    }
    request = CooperationRequest.objects.create(
        reference=REFERENCES[target],
        kind="information",
        urgency="routine",
        sender=sender,
        sender_state=sender.state,
        receiver=receiver,
        receiver_state=receiver.state,
        status="sent" if is_sent else "draft",
        subject=canary(family, "subject"),
        **_written(family, by, sender),
        **(sent if is_sent else {}),
    )
    RequestMessage.objects.create(request=request, **_written(family, by, sender))
    _file(family, by, sender, request=request)
    if is_sent:
        steps = {"step": "send", "from_status": "draft", "to_status": "sent"}
        RequestChange.objects.create(request=request, by=by, by_institution=sender, **steps)
        Escalation.objects.create(request=request, level="secretariat", due_at=sent["secretariat_due_at"])
    return request


# --- what States share ----------------------------------------------------------------------------


def _assistance(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    need = _item("need", places.authority, staff.cr_author)
    offer = _item("offer", places.other_authority, staff.gt_author)
    match = AssistanceMatch.objects.create(need=need, offer=offer, proposed_by=staff.gt_author, proposed_side="offer")
    world.parts["assistance"] = {
        "own": {"public_id": need.public_id},
        "other's": {"public_id": offer.public_id},
        "never existed": {"public_id": NEVER},
    }
    world.parts["match"] = {
        "to decide": {"public_id": need.public_id, "pk": match.pk},
        "never existed": {"public_id": need.public_id, "pk": 0},
    }


def _item(side: str, institution: Institution, by: User) -> AssistanceItem:
    return AssistanceItem.objects.create(
        side=side,
        topic="data",
        institution=institution,
        title=canary("ASSISTANCE", "title"),
        **_written("ASSISTANCE", by, institution),
    )


def _shared(staff: SimpleNamespace) -> None:
    states = [State.objects.get(iso2=code) for code in ("CR", "GT")]
    agreement = Agreement.objects.create(
        language="es", recorded_by=staff.cr_author, **_texts("SHARED", "title", "source")
    )
    for state in states:
        AgreementParty.objects.create(agreement=agreement, state=state)
    RouteFigure.objects.create(
        state=states[0], side="own_abroad", other=states[1], year=2013, rounded=20, source=canary("SHARED", "source")
    )


def _law(world: Any, staff: SimpleNamespace) -> None:
    """Plans of two States, one of them removed, and an act on a treaty."""
    wanted = {
        "own": ("SHARED", "CR", None),
        "other State's": ("SHARED", "GT", None),
        "other State's, removed": ("GT-LAW", "GT", SENT),
    }
    world.parts["law"] = {target: {"public_id": _plan(*row, staff.gt_author)} for target, row in wanted.items()}
    world.parts["law"]["never existed"] = {"public_id": NEVER}
    names = {f"name_{end}": canary("PUBLIC", f"treaty{end}") for end in ("es", "en", "fr", "pt_br")}
    treaty = LegalInstrument.objects.create(
        code="CNRY", adopted_on=date(2000, 1, 1), position=0, source=canary("PUBLIC", "source"), **names
    )
    InstrumentAct.objects.create(
        state=State.objects.get(iso2="CR"), instrument=treaty, act="ratified", done_on=date(2002, 1, 1),
        **_texts("SHARED", "source", "identity_reason"),
    )  # fmt: skip


def _plan(family: str, iso2: str, removed_at: datetime | None, by: User) -> Any:
    plan = NationalPlan.objects.create(
        state=State.objects.get(iso2=iso2), language="es", valid_from=date(2012, 1, 1), removed_at=removed_at,
        recorded_by=by, **_texts(family, "title", "adopted_by", "source", "identity_reason"),
    )  # fmt: skip
    return plan.public_id
