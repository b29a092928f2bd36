"""Fictitious contacts, networks and requests of 2014, in the four languages."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.enums import InstitutionKind, Role
from accounts.models import Institution, RoleAssignment, State, User
from networks import services
from networks.enums import RequestStatus, Service, Step
from networks.models import (
    Agreement,
    AgreementParty,
    AssistanceItem,
    CooperationRequest,
    Desk,
    InstrumentAct,
    LegalInstrument,
    NationalPlan,
    Network,
    RequestChange,
    RequestMessage,
    RouteFigure,
    Seat,
)
from networks.queries import search_words

VERIFIED_DAYS_AGO = (30, 100, 240)  # the last is due to be verified again
DESK_NAMES = {
    "es": {
        Service.HOTLINE: "Línea de orientación (ficticia)",
        Service.SHELTER: "Casa de acogida (ficticia)",
        Service.POLICE: "Unidad policial especializada (ficticia)",
        Service.PROSECUTOR: "Fiscalía especializada (ficticia)",
        Service.COORDINATION: "Secretaría técnica (ficticia)",
    },
    "en": {
        Service.HOTLINE: "Guidance line (fictitious)",
        Service.SHELTER: "Safe house (fictitious)",
        Service.POLICE: "Specialized police unit (fictitious)",
        Service.PROSECUTOR: "Specialized prosecution office (fictitious)",
        Service.COORDINATION: "Technical secretariat (fictitious)",
    },
    "fr": {
        Service.HOTLINE: "Ligne d’écoute (fictive)",
        Service.SHELTER: "Maison d’accueil (fictive)",
        Service.POLICE: "Unité de police spécialisée (fictive)",
        Service.PROSECUTOR: "Parquet spécialisé (fictif)",
        Service.COORDINATION: "Secrétariat technique (fictif)",
    },
    "pt-br": {
        Service.HOTLINE: "Linha de orientação (fictícia)",
        Service.SHELTER: "Casa de acolhimento (fictícia)",
        Service.POLICE: "Unidade policial especializada (fictícia)",
        Service.PROSECUTOR: "Promotoria especializada (fictícia)",
        Service.COORDINATION: "Secretaria técnica (fictícia)",
    },
}
SEEN_BY = {Service.HOTLINE: "public", Service.SHELTER: "networks"}
# By language: kind, subject, text and, from the other side, an answer.
ASKED = {
    "es": (
        "information",
        "Requisitos para el retorno asistido",
        "¿Qué documentos y plazos pide su autoridad?",
        "Basta la solicitud del consulado; el plazo es de cinco días.",
    ),
    "en": (
        "training",
        "Course for front-line officers",
        "Could your trainers join our course in September?",
        "Two trainers can join for three days.",
    ),
    "fr": (
        "good_practice",
        "Guide d’entretien adapté aux enfants",
        "Pouvez-vous partager votre guide d’entretien ?",
        "Le guide est joint, avec le cahier des formateurs.",
    ),
    "pt-br": (
        "joint_operation",
        "Operação conjunta na fronteira",
        "Propomos datas para planejar a operação conjunta.",
        "As datas de agosto nos convêm.",
    ),
}
FATES = (Step.CLOSE, Step.CLOSE, Step.ANSWER, Step.CLOSE, Step.DECLINE, Step.ACKNOWLEDGE, Step.CLOSE, Step.SEND)
ASSISTANCE = (
    ("need", "data", "es", "Registro único de víctimas (ficticio)", "Buscamos apoyo para diseñar un registro único."),
    ("need", "investigation", "en", "Financial investigation (fictitious)", "We need a course on following the money."),
    ("offer", "data", "en", "Model register (fictitious)", "We can share the design of our register."),
    ("offer", "identification", "fr", "Formation à l’identification (fictive)", "Nous pouvons former vingt agents."),
    ("need", "protection", "pt-br", "Abrigos para homens (fictício)", "Buscamos experiências de abrigos para homens."),
)


def create_networks(rng: random.Random) -> None:
    states = list(State.objects.participating().order_by("iso2").distinct())
    liaisons = _liaisons(states)
    _create_desks(states, rng)
    _create_network(liaisons)
    _create_requests(states, liaisons, rng)
    _create_shared(states, liaisons, rng)
    _create_law(states, rng)


def _liaisons(states: list[State]) -> dict[str, tuple[User, Institution]]:
    """The focal point of each State, and the authority they act for."""
    roles = RoleAssignment.objects.current().filter(role=Role.FOCAL_POINT, institution__state__in=states)
    rows = roles.select_related("user", "institution__state").order_by("pk")
    return {role.institution.state.iso2: (role.user, role.institution) for role in rows if role.institution.state}


def _uuid(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def _create_desks(states: list[State], rng: random.Random) -> None:
    bodies = Institution.objects.current().filter(kind=InstitutionKind.AUTHORITY, state__in=states)
    first = {body.state_id: body for body in bodies.select_related("state").order_by("-pk")}
    desks = [desk for state in states for desk in _desks(state, first[state.pk], rng)]
    for desk in desks:
        desk.search_text = search_words(desk)
    Desk.objects.bulk_create(desks)


def _desks(state: State, institution: Institution, rng: random.Random) -> Iterator[Desk]:
    """Numbers and addresses that cannot exist: "000" is no country, ".example" no domain."""
    for number, (service, name) in enumerate(DESK_NAMES[state.language].items()):
        yield Desk(
            public_id=_uuid(rng),
            institution=institution,
            service=service,
            name=name,
            name_language=state.language,
            languages=[state.language, *(["en"] if state.language != "en" and number % 2 else [])],
            hours="24 h" if service == Service.HOTLINE else "8:00–16:00",
            response_hours=rng.choice((4, 24, 48, 72)),
            phone=f"+000 {state.numeric} 00{number}",
            email=f"{service.value.replace('_', '-')}@{state.iso2.lower()}.example",
            visibility=SEEN_BY.get(service, "authorities"),
            source="demonstration",
            verified_on=timezone.localdate() - timedelta(days=rng.choice(VERIFIED_DAYS_AGO)),
        )


def _create_network(liaisons: dict[str, tuple[User, Institution]]) -> None:
    """One network with a room, of the two States the documentation walks with and their neighbor."""
    founder = liaisons["CR"]
    network = Network.objects.create(
        slug="ruta-centro-1",
        level="regional",
        name_es="Red de enlaces de la ruta central (ficticia)",
        name_en="Liaison network of the central route (fictitious)",
        name_fr="Réseau de liaison de la route centrale (fictif)",
        name_pt_br="Rede de ligação da rota central (fictícia)",
        purpose_es="Avisarse sin demora y preparar operaciones conjuntas.",
        purpose_en="Warn each other at once and prepare joint operations.",
        purpose_fr="Se prévenir sans délai et préparer des opérations conjointes.",
        purpose_pt_br="Avisar-se sem demora e preparar operações conjuntas.",
        activity_code="COO-03",
        valid_from=date(2013, 4, 1),
        source="demonstration",
        created_by=founder[0],
    )
    for code in ("CR", "GT", "PA"):
        _user, institution = liaisons[code]
        role = "coordinator" if code == "CR" else "member"
        Seat.objects.create(
            network=network, state=institution.state, institution=institution, role=role, valid_from=date(2013, 4, 1)
        )
    _fill_room(network, founder)


def _fill_room(network: Network, founder: tuple[User, Institution]) -> None:
    user, institution = founder
    at = datetime(2014, 3, 24, 15, tzinfo=UTC)
    written = {"language": "es", "by": user, "by_institution": institution, "at": at}
    meeting = network.meetings.create(
        title="Primera reunión de enlaces (ficticia)",
        held_on=date(2014, 3, 20),
        place="San José",
        text="Se acordaron los turnos de guardia y un aviso único.",
        public_id=UUID(int=2014_03_20, version=4),
        **written,
    )
    meeting.decisions.create(text="Usar un aviso único desde mayo.", due_on=date(2014, 5, 1), **written)
    network.announcements.create(title="Turnos de guardia", text="La lista de turnos está en los archivos.", **written)


def _create_requests(states: list[State], liaisons: dict[str, tuple[User, Institution]], rng: random.Random) -> None:
    codes = [state.iso2 for state in states]
    neighbors = [("CR", "GT"), ("GT", "CR"), ("CR", "PA"), ("HT", "DO"), ("BR", "PY")]
    pairs = neighbors + [tuple(rng.sample(codes, 2)) for _number in range(35)]
    for number, (one, other) in enumerate(pairs):
        _tell_request(liaisons[one], liaisons[other], FATES[number % len(FATES)], rng)


def _tell_request(
    sender: tuple[User, Institution], receiver: tuple[User, Institution], fate: str, rng: random.Random
) -> None:
    """A request and its steps, dated in 2014."""
    (asker, asking), (answerer, asked) = sender, receiver
    if asking.state is None or asked.state is None:
        return
    kind, subject, text, answer = ASKED[asking.state.language]
    sent = datetime.combine(date(2014, 1, 13) + timedelta(days=rng.randint(0, 240)), time(15), UTC)
    urgency = rng.choice(("routine", "routine", "priority", "urgent"))
    answer_by, coordinator_due, secretariat_due = services.deadlines(sent, ZoneInfo(asked.state.time_zone), urgency)
    letters = "".join(rng.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _n in range(6))
    steps = _steps(fate)
    moments = {step: sent + timedelta(hours=30 * number) for number, step in enumerate(steps)}
    request = CooperationRequest.objects.create(
        reference=f"{asking.state.iso2}-{asked.state.iso2}-{letters}",
        kind=kind,
        urgency=urgency,
        subject=subject,
        text=text,
        language=asking.state.language,
        by=asker,
        by_institution=asking,
        at=sent - timedelta(hours=2),
        sender=asking,
        sender_state=asking.state,
        receiver=asked,
        receiver_state=asked.state,
        status=_status_after(steps[-1]),
        decline_reason="resources" if fate == Step.DECLINE else "",
        outcome="met" if fate == Step.CLOSE else "",
        sent_at=sent,
        acknowledged_at=moments.get(Step.ACKNOWLEDGE),
        answered_at=moments.get(Step.ANSWER) or moments.get(Step.DECLINE),
        closed_at=moments.get(Step.CLOSE),
        answer_by=answer_by,
        coordinator_due_at=coordinator_due,
        secretariat_due_at=secretariat_due,
    )
    _tell_steps(request, steps, moments, sender, receiver)
    if Step.ANSWER in steps:
        RequestMessage.objects.create(
            request=request, step=Step.ANSWER, text=ASKED[asked.state.language][3] if asked.state else answer,
            language=asked.state.language, by=answerer, by_institution=asked, at=moments[Step.ANSWER],
        )  # fmt: skip


def _steps(fate: str) -> list[str]:
    if fate == Step.DECLINE:
        return [Step.SEND, Step.DECLINE]
    way: list[str] = [Step.SEND, Step.ACKNOWLEDGE, Step.ANSWER, Step.CLOSE]
    return way[: way.index(fate) + 1]


def _status_after(step: str) -> str:
    return {
        Step.SEND: RequestStatus.SENT,
        Step.ACKNOWLEDGE: RequestStatus.ACKNOWLEDGED,
        Step.ANSWER: RequestStatus.ANSWERED,
        Step.DECLINE: RequestStatus.DECLINED,
        Step.CLOSE: RequestStatus.CLOSED,
    }[Step(step)]


def _tell_steps(
    request: CooperationRequest,
    steps: list[str],
    moments: dict[str, datetime],
    sender: tuple[User, Institution],
    receiver: tuple[User, Institution],
) -> None:
    before: str = RequestStatus.DRAFT
    for step in steps:
        user, institution = sender if step in (Step.SEND, Step.CLOSE) else receiver
        after = _status_after(step)
        RequestChange.objects.create(
            request=request, step=step, from_status=before, to_status=after, by=user, by_institution=institution,
            at=moments[step],
        )  # fmt: skip
        before = after


def _create_shared(states: list[State], liaisons: dict[str, tuple[User, Institution]], rng: random.Random) -> None:
    """Needs and offers, agreements and routes."""
    authors = [liaisons[state.iso2] for state in rng.sample(states, len(ASSISTANCE))]
    for (side, topic, language, title, text), (user, institution) in zip(ASSISTANCE, authors, strict=True):
        AssistanceItem.objects.create(
            public_id=_uuid(rng), side=side, topic=topic, institution=institution, title=title, text=text,
            language=language, by=user, by_institution=institution, at=datetime(2013, 6, 3, 12, tzinfo=UTC),
        )  # fmt: skip
    by_code = {state.iso2: state for state in states}
    for one, other in (("CR", "PA"), ("GT", "MX"), ("AR", "BR"), ("HT", "DO")):
        agreement = Agreement.objects.create(
            public_id=_uuid(rng),
            title=f"Memorando {one}–{other} (ficticio)",
            language="es",
            valid_from=date(2012, 9, 1),
            source="demonstration",
        )
        for code in (one, other):
            AgreementParty.objects.create(agreement=agreement, state=by_code[code])
        for side, state, counterpart in (("own_abroad", one, other), ("from_there", other, one)):
            RouteFigure.objects.create(
                state=by_code[state],
                side=side,
                other=by_code[counterpart],
                year=2013,
                rounded=services.rounded(rng.randint(2, 60)),
                source="demonstration",
            )


# First and last day of the plan of every fifth State; the other fifth has none in the register.
PLAN_DAYS: tuple[tuple[date, date | None] | None, ...] = (
    (date(2012, 1, 1), date(2016, 12, 31)),
    (date(2009, 7, 1), date(2013, 12, 31)),
    (date(2013, 3, 1), None),
    (date(2015, 1, 1), date(2018, 12, 31)),
    None,
)
PLAN_TITLES = {
    "es": "Plan nacional contra la trata de personas (ficticio)",
    "en": "National plan against trafficking in persons (fictitious)",
    "fr": "Plan national de lutte contre la traite des personnes (fictif)",
    "pt-br": "Plano nacional de enfrentamento ao tráfico de pessoas (fictício)",
}
NOT_A_FACT = "demonstration, invented; not a fact of any State"


def _create_law(states: list[State], rng: random.Random) -> None:
    """Plans of four fifths of the States and acts on treaties of half of them, every date of them invented."""
    plans = [_plan(state, days, rng) for number, state in enumerate(states) if (days := PLAN_DAYS[number % 5])]
    NationalPlan.objects.bulk_create(plans)
    treaties = list(LegalInstrument.objects.filter(adopted_on__lt=date(2001, 1, 1)))
    InstrumentAct.objects.bulk_create(_act(state, one, rng) for state in states[::2] for one in rng.sample(treaties, 4))


def _plan(state: State, days: tuple[date, date | None], rng: random.Random) -> NationalPlan:
    language = state.languages[0]
    return NationalPlan(
        public_id=_uuid(rng), state=state, title=PLAN_TITLES[language], language=language, valid_from=days[0],
        valid_to=days[1], adopted_by="demonstration", source=NOT_A_FACT,
    )  # fmt: skip


def _act(state: State, treaty: LegalInstrument, rng: random.Random) -> InstrumentAct:
    done_on = date(2002, 1, 1) + timedelta(days=rng.randrange(4000))
    act = rng.choice(("signed", "ratified", "ratified", "acceded"))
    return InstrumentAct(
        public_id=_uuid(rng), state=state, instrument=treaty, act=act, done_on=done_on, source=NOT_A_FACT
    )
