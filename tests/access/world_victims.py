"""Case records behind the wall: one of the case worker's own, one of a colleague, one of another State."""

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from accounts.models import User
from core.db import sealed_scope
from tests.access.canaries import NEVER, canary
from tests.factories.accounts import give_role, make_user
from tests.factories.victims import make_alert, make_case, make_entry, make_plan_question
from tests.victims.referring import acting, agree, wish
from tests.victims.referring import make_case as open_case_of
from tests.victims.retaining import closed_case, erased
from victims.models import Consent, TeamMember
from victims.permissions import Officer, officer_of
from victims.services import referrals

PARTS = ("consent", "entry", "goal", "approval")


def furnish_victims(world: Any, places: SimpleNamespace) -> None:
    colleague, stranger = make_user("cr-colleague"), make_user("gt-worker")
    give_role(colleague, places.authority, "case_worker")
    give_role(stranger, places.other_authority, "case_worker")
    worker = world.people["case_worker"]
    named = {
        "own": _case(worker, "CR-CASE", "CR-WHO", 1),
        "colleague's": _case(colleague, "CR-OTHER-CASE", "GT-CASE", 2),
        "other State's": _case(stranger, "GT-CASE", "GT-CASE", 3),
        "erased": _erased(worker, places),
        "never existed": {
            "token": "x" * 22,
            **dict.fromkeys((*PARTS, "person"), NEVER),
        },
    }
    world.parts["case"] = {target: {"token": parts["token"]} for target, parts in named.items()}
    world.parts["alert"] = _alerts(world)
    world.parts["case page"] = world.parts["case"]
    world.parts["referral"] = _referrals(worker, stranger, places)
    for kind, word in (*((part, part) for part in PARTS), ("member", "person")):
        found = {target: {"token": parts["token"], word: parts[word]} for target, parts in named.items()}
        world.parts[f"case {kind}"] = found


def _alerts(world: Any) -> dict[str, dict[str, str]]:
    """About a case worker and about the supervisor of Costa Rica, and about somebody of Guatemala."""
    worker, supervisor = (str(world.people[role].public_id) for role in ("case_worker", "case_supervisor"))
    found = {
        "own State's": make_alert("CR", worker),
        "about oneself": make_alert("CR", supervisor),
        "other State's": make_alert("GT", worker),
    }
    return {target: {"alert": str(alert.id)} for target, alert in found.items()} | {"never existed": {"alert": NEVER}}


def _referrals(worker: User, stranger: User, places: SimpleNamespace) -> dict[str, dict[str, str]]:
    """One prepared here, one that came from Guatemala, one between Guatemala and Peru."""
    approver = make_user("gt-supervisor")
    give_role(approver, places.other_authority, "case_supervisor")
    own = _referral(officer_of(worker), None, "GT")
    received = _referral(officer_of(stranger), officer_of(approver), "CR")
    others = _referral(officer_of(stranger), officer_of(approver), "PE")
    tokens = {"of one's case": own, "received": received, "other States'": others, "never existed": "y" * 22}
    return {target: {"token": token} for target, token in tokens.items()}


def _referral(officer: Officer, approver: Officer | None, to_state: str) -> str:
    case = open_case_of(officer)
    agree(officer, case, to_state)
    with sealed_scope(officer.context()):
        referral = referrals.propose(actor=officer, case=case, wish=wish(["quasi"], to_state=to_state, kind="service"))
    if approver is not None:
        acting(approver, referrals.approve, referral)
    return str(referral.token)


def _erased(worker: User, places: SimpleNamespace) -> dict[str, str]:
    """One's own, closed, and erased by two people."""
    people = []
    for name in ("cr-asks", "cr-confirms"):
        people.append(make_user(name))
        give_role(people[-1], places.authority, "case_supervisor")
    case = closed_case(4, team=officer_of(worker))
    erased(case, officer_of(people[0]), officer_of(people[1]))
    return {"token": case.token, **dict.fromkeys((*PARTS, "person"), NEVER)}


def _case(user: User, family: str, who: str, number: int) -> dict[str, str]:
    officer = officer_of(user)
    with sealed_scope(officer.context()):
        case = make_case(
            number,
            facts={"age": 30, "exploitation_place": canary(family, "place")},
            identity={"second_name": canary(who, "surname")},
        )
        TeamMember.objects.create(
            state=case.state, case_id=case.id, user_id=officer.code, since=timezone.now(), added_by=officer.code
        )
        goal = make_entry(case, "goal", {"objective": canary(family, "objective")})
        task = make_entry(case, "task", {"what": canary(family, "task")})
        make_entry(case, "note", {"note_kind": "general", "text": canary(who, "told")})
        parts = {"entry": task.id, "goal": goal.id, "approval": make_plan_question(case).id, "person": NEVER}
        consent = Consent.objects.get(case_id=case.id).id
    return {"token": case.token, "consent": str(consent), **{name: str(part) for name, part in parts.items()}}
