"""Two authorities and what goes between them, for the tests of referral."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.enums import Role
from accounts.models import State
from core.db import sealed_scope
from tests.factories.accounts import give_role, make_institution, make_user
from victims import services
from victims.enums import FieldClass, Purpose
from victims.models import Case, Referral
from victims.permissions import Officer, officer_of
from victims.services import Answer
from victims.services import referrals as referring
from victims.services.referrals import Wish

FACTS = {"gender": "Feminine", "age": 17, "exploitation_place": "CNRY-facts"}
IDENTITY = {"first_name": "CNRY-given", "second_name": "CNRY-family"}
ALL = (FieldClass.IDENTITY, FieldClass.NARRATIVE, FieldClass.QUASI)
NOTE = "CNRY-note of the officer"
numbers = itertools.count()


def officer(*roles: str, state: str) -> Officer:
    number = next(numbers)
    user = make_user(f"{roles[0].replace('_', '')}{number}")
    home = make_institution("authority", f"Invented authority {number}", State.objects.get(iso2=state))
    for role in roles:
        give_role(user, home, role)
    return officer_of(user)


@dataclass(frozen=True)
class Sides:
    """Costa Rica sends, Guatemala receives, Peru has nothing to do with it."""

    worker: Officer
    supervisor: Officer
    recipient: Officer
    stranger: Officer


def make_sides() -> Sides:
    return Sides(
        officer(Role.CASE_WORKER, state="CR"),
        officer(Role.CASE_SUPERVISOR, state="CR"),
        officer(Role.CASE_WORKER, state="GT"),
        officer(Role.CASE_WORKER, Role.CASE_SUPERVISOR, state="PE"),
    )


def make_case(worker: Officer) -> Case:
    yes = Answer(given=True, classes=ALL)
    with sealed_scope(worker.context()):
        return services.open_case(actor=worker, consent=yes, facts=FACTS, identity=IDENTITY)


def agree(worker: Officer, case: Case, recipient: str, classes: Sequence[str] = ALL, **answer: Any) -> Any:
    with sealed_scope(worker.context()):
        return services.ask_consent(
            actor=worker,
            case=case,
            purpose=Purpose.RECIPIENT,
            recipient=recipient,
            answer=Answer(given=True, classes=classes, **answer),
        )


def wish(classes: Sequence[str] = ALL, **changes: Any) -> Wish:
    asked: dict[str, Any] = {"to_state": "GT", "kind": "transfer", "help": "shelter", "urgency": "urgent"}
    return Wish(**{**asked, "classes": classes, "note": NOTE, **changes})


def proposed(sides: Sides, case: Case, classes: Sequence[str] = ALL) -> Referral:
    with sealed_scope(sides.worker.context()):
        return referring.propose(actor=sides.worker, case=case, wish=wish(classes))


def sent(sides: Sides, case: Case, classes: Sequence[str] = ALL) -> Referral:
    referral = proposed(sides, case, classes)
    acting(sides.supervisor, referring.approve, referral)
    return referral


def acting(actor: Officer, act: Callable[..., Any], referral: Referral, **more: Any) -> Any:
    """One request of one person: the row as that person finds it."""
    with sealed_scope(actor.context()):
        return act(actor=actor, referral=Referral.objects.visible_to(actor).get(id=referral.id), **more)
