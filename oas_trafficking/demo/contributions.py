"""Fictitious organizations and what they contribute to the open period."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from accounts.enums import Role
from accounts.models import RoleAssignment, State, User
from contributions.enums import TRANSITIONS
from contributions.models import About, Accreditation, Change, Citation, Contribution, StateReply
from oas_trafficking.demo.people import People, create_partner
from workplan.models import Activity, Round

ORGANIZATIONS = {"paula@partner.example": "civil_society", "olga@observatory.example": "regional"}
STATES = ("CR", "GT", "PA", "HN")
PERIOD = (date(2014, 1, 1), date(2014, 5, 31))
# Whose, kind, visibility, name withheld, States, activity, language, title, text, steps.
SAID = (
    (
        "paula@partner.example", "evidence", "state", True, ("CR",), "PRO-02", "es",
        "Acogida de noche (ficticio)",
        "En tres provincias no hay casas de acogida abiertas de noche ni los fines de semana.",
        ("receive", "review"),
    ),
    (
        "paula@partner.example", "good_practice", "public", False, ("CR", "GT"), "PRV-01", "es",
        "Radio comunitaria en la frontera (ficticio)",
        "Programas semanales en dos idiomas, hechos con radios locales de ambos lados de la frontera.",
        ("receive", "review", "accept"),
    ),
    (
        "olga@observatory.example", "recommendation", "state", False, ("GT", "PA"), "PRO-02", "en",
        "One form for referrals (fictitious)",
        "Hotlines and shelters of the two countries use different forms; one common form would save days.",
        ("receive",),
    ),
    (
        "olga@observatory.example", "data", "secretariat", False, ("HN",), "PRV-01", "en",
        "Coverage of awareness campaigns (fictitious)",
        "Estimates by department of how many schools were reached, with the method used.",
        (),
    ),
)  # fmt: skip
REPLY = "Dos casas abrirán también de noche desde julio (ficticio)."
CITED = "Organizations describe community radio on both sides of the border (fictitious)."


def create_contributions(people: People) -> None:
    """Beside the answers to the open round, in the years of the Plan."""
    create_partner("olga@observatory.example", "Olga Prado", "Regional observatory (fictitious data)")
    round_ = Round.objects.get(status="open")
    for email, kind in ORGANIZATIONS.items():
        _accredit(RoleAssignment.objects.get(user__email=email, role=Role.PARTNER), kind, people)
    for number, row in enumerate(SAID):
        _say(round_, people, number, *row)


def _accredit(role: RoleAssignment, kind: str, people: People) -> None:
    decided = datetime(2013, 7, 1, 15, tzinfo=UTC)
    accreditation = Accreditation.objects.create(
        institution=role.institution,
        name=role.institution.name,
        name_language="en",
        kind=kind,
        purpose="Demonstration.",
        contact_name=role.user.full_name,
        contact_email=role.user.email,
        status="accredited",
        applied_at=decided - timedelta(days=20),
        vetted_by=people.denise,
        vetted_at=decided - timedelta(days=3),
        vetting_note="Demonstration.",
        decided_by=people.didier,
        decided_at=decided,
        valid_from=decided.date(),
        valid_to=timezone.localdate() + timedelta(days=730),  # so that the demonstration can be tried today
    )
    accreditation.states.set(State.objects.filter(iso2__in=STATES))


def _say(
    round_: Round, people: People, number: int, email: str, kind: str, visibility: str, withheld: bool,
    states: tuple[str, ...], code: str, language: str, title: str, text: str, steps: tuple[str, ...],
) -> None:  # fmt: skip
    author = User.objects.get(email=email)
    institution = author.role_assignments.get().institution
    at = datetime(2014, 6, 2 + number, 15, tzinfo=UTC)
    row = Contribution.objects.create(
        reference=f"PC-DEM2{number + 2}2",
        institution=institution,
        round=round_,
        kind=kind,
        language=language,
        visibility=visibility,
        name_withheld=withheld,
        shown_name="" if withheld else institution.name,
        title=title,
        text=text,
        period_from=PERIOD[0],
        period_to=PERIOD[1],
        by=author,
        created_at=at,
    )
    About.objects.bulk_create(About(contribution=row, state=one) for one in State.objects.filter(iso2__in=states))
    row.activities.set(Activity.objects.filter(catalogue=round_.catalogue_id, code=code))
    _walk(row, author, people, at, ("send", *steps))
    if withheld:
        coordinator = people.teams["CR"][Role.FOCAL_POINT]
        state = State.objects.get(iso2="CR")
        said = {"text": REPLY, "language": "es", "by": coordinator, "at": at + timedelta(days=9)}
        StateReply.objects.create(contribution=row, state=state, **said)
    if "accept" in steps:
        Citation.objects.create(contribution=row, sentence=CITED, language="en", by=people.denise, at=at, told_at=at)


def _walk(row: Contribution, author: User, people: People, at: datetime, steps: tuple[str, ...]) -> None:
    for number, step in enumerate(steps):
        before, row.status = row.status, TRANSITIONS[step].target
        row.sent_at = row.sent_at or at
        row.save()
        by, moment = (people.denise if number else author), at + timedelta(days=2 * number)
        Change.objects.create(
            contribution=row, step=step, from_status=before, to_status=row.status, by=by, at=moment, told_at=moment
        )
