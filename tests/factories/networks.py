"""Contacts, networks and requests of the tests, made as people make them: by the services."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import Institution, State, User
from networks import services
from networks.models import CooperationRequest, Desk, Network, Seat
from networks.queries import search_words

TEXT = "¿Qué documentos pide su autoridad?"


def make_desk(institution: Institution, name: str = "Oficina de enlace", **fields: Any) -> Desk:
    defaults: dict[str, Any] = {
        "service": "coordination",
        "name_language": "es",
        "languages": ["es"],
        "phone": "+000 000",
        "verified_on": date(2014, 3, 1),
    }
    desk = Desk(institution=institution, name=name, **{**defaults, **fields})
    desk.search_text = search_words(desk)
    desk.save()
    return desk


def network_data(name: str = "Red", **fields: Any) -> services.NetworkData:
    texts = dict.fromkeys(services.NETWORK_TEXTS, "") | {"name_es": name, "purpose_es": f"Propósito de {name}"}
    return services.NetworkData(level="regional", texts=texts, **fields)


def make_network(actor: User, institution: Institution, name: str = "Red", **fields: Any) -> Network:
    return services.found_network(data=network_data(name, **fields), institution=institution, actor=actor)


def seat(network: Network, institution: Institution | None, role: str = "member", state: State | None = None) -> Seat:
    of_state = institution.state if institution else state
    return Seat.objects.create(network=network, institution=institution, state=of_state, role=role)


def request_data(receiver: Institution, **fields: Any) -> services.RequestData:
    defaults = {"kind": "information", "urgency": "routine", "subject": "Requisitos", "text": TEXT, "language": "es"}
    return services.RequestData(receiver=receiver, **{**defaults, **fields})


def make_draft(actor: User, sender: Institution, receiver: Institution, **fields: Any) -> CooperationRequest:
    return services.draft_request(sender=sender, data=request_data(receiver, **fields), actor=actor)


def make_sent(actor: User, sender: Institution, receiver: Institution, **fields: Any) -> CooperationRequest:
    return services.send(request=make_draft(actor, sender, receiver, **fields), actor=actor)


def note(text: str = "De acuerdo.") -> services.Note:
    return services.Note(text=text, language="es")


# --- many ------------------------------------------------------------------------------------------

ALL_SERVICES = ("shelter", "legal_aid", "police", "prosecutor", "consulate", "hotline", "coordination", "other")


def authorities() -> list[Institution]:
    """One authority of each State."""
    return [
        Institution.objects.get_or_create(
            kind="authority", name=f"Autoridad {state.iso2}", state=state, defaults={"name_language": "es"}
        )[0]
        for state in State.objects.order_by("pk")
    ]


def many_desks(count: int) -> None:
    bodies, rows = authorities(), []
    for number in range(count):
        desk = Desk(
            institution=bodies[number % len(bodies)],
            service=ALL_SERVICES[number // len(bodies) % len(ALL_SERVICES)],
            name=f"Oficina {number}",
            name_language="es",
            languages=["es"],
            phone="+000",
            verified_on=date(2014, 1, 1),
        )
        desk.search_text = search_words(desk)
        rows.append(desk)
    Desk.objects.bulk_create(rows)


def many_networks(count: int) -> None:
    """Each with four seats; every third is listed."""
    bodies = authorities()
    networks = Network.objects.bulk_create(
        Network(slug=f"red-{number}", level="regional", name_es=f"Red {number}", is_listed=number % 3 == 0)
        for number in range(count)
    )
    Seat.objects.bulk_create(
        Seat(network=network, state=body.state, institution=body)
        for number, network in enumerate(networks)
        for body in (bodies[(number * 7 + step * 5) % len(bodies)] for step in range(4))
    )


def many_requests(count: int, by: User) -> None:
    """Between all pairs of States in turn; two of three are closed, the rest wait."""
    bodies = authorities()
    sent = datetime(2014, 1, 6, 15, tzinfo=UTC)
    rows = []
    for number in range(count):
        one = bodies[number % len(bodies)]
        other = bodies[(number + 1 + number // len(bodies) % (len(bodies) - 1)) % len(bodies)]
        waits = number % 3 == 0
        at = sent + timedelta(minutes=20 * number)
        rows.append(
            CooperationRequest(
                reference=f"{one.state.iso2}-{other.state.iso2}-{number:06}",
                kind="information",
                urgency="routine",
                subject=f"Asunto {number}",
                text=TEXT,
                language="es",
                sender=one,
                sender_state=one.state,
                receiver=other,
                receiver_state=other.state,
                by=by,
                by_institution=one,
                at=at,
                sent_at=at,
                answer_by=at.date() + timedelta(days=30),
                coordinator_due_at=at + timedelta(days=31),
                secretariat_due_at=at + timedelta(days=61),
                status="sent" if waits else "closed",
                outcome="" if waits else "met",
                answered_at=None if waits else at + timedelta(hours=5 + number % 90),
            )
        )
    CooperationRequest.objects.bulk_create(rows, batch_size=2000)
