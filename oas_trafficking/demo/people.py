"""The institutions and accounts of the demonstration."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import make_password

from accounts.enums import Confidence, InstitutionKind, Language, Role
from accounts.models import FocalPointAppointment, Institution, RoleAssignment, State, User
from oas_trafficking.demo.credentials import PASSWORD, recovery_seed, totp_secret
from oas_trafficking.demo.texts import FICTITIOUS, invented_names

SINCE = date(2012, 7, 1)
FIRST = "didier@oas.example"  # gave everybody their role, and has his own from the set-up
TEAM = (Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.APPROVER)
ADDRESSES = {Role.FOCAL_POINT: "focal", Role.CONTRIBUTOR: "contributor", Role.APPROVER: "approver"}
# People the documentation calls by name, in place of the numbered accounts of their State.
KNOWN = {
    ("CR", Role.CONTRIBUTOR): ("ana@cr.example", "Ana Mora"),
    ("CR", Role.FOCAL_POINT): ("beto@cr.example", "Beto Salas"),
    ("CR", Role.APPROVER): ("bruno@cr.example", "Bruno Méndez"),
    ("GT", Role.CONTRIBUTOR): ("carla@gt.example", "Carla Nunes"),
}


@dataclass
class People:
    """Who acts in the demonstration: three people per State by role, and those who act for all."""

    denise: User
    didier: User
    evan: User
    marta: User
    teams: dict[str, dict[str, User]] = field(default_factory=dict)


@dataclass(frozen=True)
class Account:
    email: str
    full_name: str
    language: str
    time_zone: str
    role: str
    institution: Institution
    is_active: bool = True


def create_people(states: list[State], rng: random.Random) -> People:
    authorities = {state.iso2: _authority(state) for state in states}
    ministries = {state.iso2: _body(InstitutionKind.AGENCY, FICTITIOUS[state.language][1], state) for state in states}
    accounts = [*_team_accounts(states, authorities), *_common_accounts(authorities["CR"], ministries["CR"])]
    users = _create_users(accounts, rng)
    _give_roles(accounts, users)
    people = People(
        denise=users["denise@oas.example"],
        didier=users[FIRST],
        evan=users["evan@meeting.example"],
        marta=users["marta@cr.example"],
        teams={state.iso2: {role: users[_address(state, role)] for role in TEAM} for state in states},
    )
    _appoint(states, people)
    return people


def _address(state: State, role: str) -> str:
    known = KNOWN.get((state.iso2, Role(role)))
    return known[0] if known else f"{ADDRESSES[Role(role)]}@{state.iso2.lower()}.example"


def _authority(state: State) -> Institution:
    """The body a public source names; where none is verified, one whose name says that it is fictitious."""
    facts = state.institutions.current().filter(kind=InstitutionKind.AUTHORITY)
    known = facts.filter(confidence__in=(Confidence.CONFIRMED, Confidence.VERIFIED)).order_by("pk").first()
    return known or _body(InstitutionKind.AUTHORITY, FICTITIOUS[state.language][0], state)


def _body(kind: str, name: str, state: State | None) -> Institution:
    language = state.language if state else Language.EN
    return Institution.objects.get_or_create(
        name=name, state=state, defaults={"kind": kind, "name_language": language, "source": "demonstration"}
    )[0]


def _team_accounts(states: Iterable[State], authorities: dict[str, Institution]) -> Iterator[Account]:
    invented = {language: invented_names(language) for language in Language.values}
    for state in states:
        for role in TEAM:
            _email, known = KNOWN.get((state.iso2, role), ("", ""))
            yield Account(
                email=_address(state, role),
                full_name=known or next(invented[state.language]),
                language=state.language,
                time_zone=state.time_zone,
                role=role,
                institution=authorities[state.iso2],
            )


def _common_accounts(authority: Institution, ministry: Institution) -> Iterator[Account]:
    secretariat = Institution.objects.get(kind=InstitutionKind.SECRETARIAT)
    meeting = Institution.objects.get(kind=InstitutionKind.MEETING)
    partner = _body(InstitutionKind.PARTNER, "Partner organization (fictitious data)", None)
    washington, san_jose = "America/New_York", "America/Costa_Rica"
    yield Account("denise@oas.example", "Denise Grant", "en", washington, Role.SECRETARIAT_OFFICER, secretariat)
    yield Account(FIRST, "Didier Laurent", "fr", washington, Role.SECRETARIAT_ADMIN, secretariat)
    yield Account("evan@meeting.example", "Evan Duarte", "pt-br", "America/Sao_Paulo", Role.MEETING_OFFICER, meeting)
    yield Account("paula@partner.example", "Paula Reyes", "es", washington, Role.PARTNER, partner)
    yield Account("marta@cr.example", "Marta Rojas", "es", san_jose, Role.CONTRIBUTOR, ministry)
    yield Account("iris@cr.example", "Iris Vega", "es", san_jose, Role.CONTRIBUTOR, authority, is_active=False)
    yield Account("diana@cr.example", "Diana Solano", "es", san_jose, Role.CASE_WORKER, authority)
    yield Account("rita@cr.example", "Rita Campos", "es", san_jose, Role.CASE_SUPERVISOR, authority)
    yield Account("carmen@cr.example", "Carmen Ulate", "es", san_jose, Role.CUSTODIAN, authority)
    yield Account("delia@oas.example", "Delia Moore", "en", washington, Role.SECRETARIAT_ADMIN, secretariat)


def _create_users(accounts: Iterable[Account], rng: random.Random) -> dict[str, User]:
    password = make_password(PASSWORD)  # slow on purpose, so once for all
    users = User.objects.bulk_create(
        User(
            public_id=UUID(int=rng.getrandbits(128), version=4),
            email=account.email,
            full_name=account.full_name,
            language=account.language,
            time_zone=account.time_zone,
            is_active=account.is_active,
            date_joined=datetime.combine(SINCE, time(12), UTC),
            password=password,
        )
        for account in accounts
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    Authenticator.objects.bulk_create(authenticator for user in users for authenticator in _authenticators(user))
    return {user.email: user for user in users}


def _authenticators(user: User) -> Iterator[Authenticator]:
    yield Authenticator(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(totp_secret(user.email))})
    yield Authenticator(
        user=user,
        type=Authenticator.Type.RECOVERY_CODES,
        data={"seed": encrypt(recovery_seed(user.email)), "used_mask": 0},
    )


def _give_roles(accounts: Iterable[Account], users: dict[str, User]) -> None:
    RoleAssignment.objects.bulk_create(
        RoleAssignment(
            user=users[account.email],
            institution=account.institution,
            role=account.role,
            valid_from=SINCE,
            reason="demonstration",
        )
        for account in accounts
    )


def _appoint(states: Iterable[State], people: People) -> None:
    FocalPointAppointment.objects.bulk_create(
        FocalPointAppointment(
            state=state,
            user=people.teams[state.iso2][Role.FOCAL_POINT],
            note_verbale=f"{state.iso2}/DEMO/2012",
            note_date=SINCE,
            valid_from=SINCE,
            recorded_by=people.didier,
        )
        for state in states
    )


def create_partner(email: str, full_name: str, organization: str) -> User:
    """A further organization, with dice of its own: the other rows stay as they are."""
    institution = _body(InstitutionKind.PARTNER, organization, None)
    account = Account(email, full_name, "en", "America/New_York", Role.PARTNER, institution)
    user = _create_users([account], random.Random(email))[email]  # noqa: S311 - the same rows each time is the point
    RoleAssignment.objects.create(
        user=user, institution=institution, role=Role.PARTNER, valid_from=SINCE, reason="demonstration"
    )
    return user
