"""Organizations and contributions of the tests, made as people make them: by the services."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import ApiKey, Institution, State, User
from contributions import services
from contributions.models import Accreditation, Contribution
from tests.factories.accounts import make_key
from workplan.models import Activity, Round

TEXT = "En tres provincias no hay casas de acogida abiertas de noche."
STEPS = {"received": ("receive",), "under_review": ("receive", "review"), "accepted": ("receive", "review", "accept")}


def make_accreditation(institution: Institution, cast: Any, *states: str, **fields: Any) -> Accreditation:
    """In force, decided by the two people of the Secretariat."""
    today = timezone.localdate()
    defaults: dict[str, Any] = {
        "name": institution.name,
        "name_language": "es",
        "kind": "civil_society",
        "purpose": "Acompañar a las autoridades.",
        "contact_name": "Paula Reyes",
        "contact_email": "paula@partner.example",
        "status": "accredited",
        "vetted_by": cast.denise,
        "vetted_at": timezone.now(),
        "decided_by": cast.didier,
        "decided_at": timezone.now(),
        "valid_from": today - timedelta(days=10),
        "valid_to": today + timedelta(days=400),
    }
    row = Accreditation.objects.create(institution=institution, **{**defaults, **fields})
    row.states.set(State.objects.filter(iso2__in=states or ("CR", "GT")))
    return row


def application(**fields: Any) -> services.ApplicationData:
    defaults: dict[str, Any] = {
        "name": "Casa Abierta",
        "name_language": "es",
        "kind": "civil_society",
        "purpose": "Acompañar a personas.",
        "contact_name": "Nora Paz",
        "contact_email": "nora@casa.example",
        "states": list(State.objects.filter(iso2="CR")),
    }
    return services.ApplicationData(**{**defaults, **fields})


def draft_of(round_: Round, *states: str, **fields: Any) -> services.Draft:
    defaults: dict[str, Any] = {
        "kind": "evidence",
        "language": "es",
        "visibility": "state",
        "title": "Acogida de noche",
        "text": TEXT,
        "period_from": date(2014, 1, 1),
        "period_to": date(2014, 3, 31),
        "states": list(State.objects.filter(iso2__in=states or ("CR",))),
        "activities": list(Activity.objects.filter(catalogue=round_.catalogue_id, code="PRO-02")),
    }
    return services.Draft(round=round_, **{**defaults, **fields})


def make_draft(actor: User, round_: Round, *states: str, **fields: Any) -> Contribution:
    return services.draft_contribution(draft=draft_of(round_, *states, **fields), actor=actor)


def make_sent(actor: User, round_: Round, *states: str, **fields: Any) -> Contribution:
    return services.send(contribution=make_draft(actor, round_, *states, **fields), actor=actor)


def make_at(status: str, cast: Any, round_: Round, *states: str, **fields: Any) -> Contribution:
    """Sent by Paula and taken by Denise as far as `status`."""
    row = make_sent(cast.paula, round_, *states, **fields)
    for step in STEPS[status]:
        row = services.take_step(contribution=row, step=step, actor=cast.denise)
    return row


def make_token(actor: User) -> tuple[ApiKey, str]:
    return make_key(actor)
