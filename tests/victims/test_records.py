"""Consent first; a team for each case; identity with a reason. What services refuse, the database refuses too."""

import contextlib
import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import State
from core.db import sealed_scope
from core.envelope import SealBroken
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent
from tests.factories.accounts import give_role, make_institution, make_user
from tests.factories.victims import make_consent
from tests.victims.conftest import AREA
from victims import services, vault
from victims.enums import FieldClass, Purpose, Reason
from victims.models import Case, Consent, Identity, RecordKey, TeamMember
from victims.permissions import Officer, officer_of
from victims.services import Answer

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])
YES = Answer(given=True, classes=(FieldClass.IDENTITY, FieldClass.QUASI))
FACTS, IDENTITY = {"age": 17, "sex": "f"}, {"family_name": "CNRY-family", "given_names": "CNRY-given"}
numbers = itertools.count()


def officer(role: str, state: str = "CR") -> Officer:
    user = make_user(f"{role.replace('_', '')}{next(numbers)}")
    home = State.objects.get(iso2=state)
    give_role(user, make_institution("authority", f"Invented {next(numbers)}", home), role)
    return officer_of(user)


@pytest.fixture
def worker() -> Officer:
    return officer(Role.CASE_WORKER)


def opened(actor: Officer, **changes: Any) -> Case:
    with sealed_scope(actor.context()):
        return services.open_case(actor=actor, **{"consent": YES, "facts": FACTS, "identity": IDENTITY, **changes})


def keep_and_check(case: Case) -> None:
    """With what the database asks at the commit; the transactions of a test never come to one."""
    with transaction.atomic(using="sealed"), connections["sealed"].cursor() as cursor:
        case.save(force_insert=True)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# --- consent ---------------------------------------------------------------------------------------


def test_without_consent_nothing_is_kept(worker: Officer) -> None:
    with sealed_scope(worker.context()):
        with pytest.raises(StepRefused):
            services.open_case(actor=worker, consent=Answer(given=False), facts=FACTS, identity=IDENTITY)
        assert (Case.objects.count(), Identity.objects.count(), Consent.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("missing", [FieldClass.IDENTITY, FieldClass.QUASI])
def test_only_classes_agreed_to_are_kept(worker: Officer, missing: str) -> None:
    classes = [each for each in (FieldClass.IDENTITY, FieldClass.QUASI) if each != missing]
    with pytest.raises(StepRefused):
        opened(worker, consent=Answer(given=True, classes=classes))
    with sealed_scope(worker.context()):
        assert Case.objects.count() == 0


def test_the_database_keeps_no_case_without_consent(worker: Officer) -> None:
    case = opened(worker)
    with sealed_scope(worker.context()):
        copy = {name: getattr(case, name) for name in ("state", "status", "opened", "changed", "created_by")}
        again = Case(id=uuid.uuid4(), token="x" * 22, code="CR-2222-22", **copy)
        with pytest.raises(DatabaseError, match="no case without consent"):
            keep_and_check(again)
        assert Case.objects.count() == 1


def test_a_withdrawal_is_for_good(worker: Officer) -> None:
    case = opened(worker)
    with sealed_scope(worker.context()):
        consent = services.ask_consent(actor=worker, case=case, purpose=Purpose.RECIPIENT, recipient="GT", answer=YES)
        assert services.has_consent(case, purpose=Purpose.RECIPIENT, recipient="GT", classes=["quasi"])
        services.withdraw_consent(actor=worker, case=case, consent=consent)
        assert not services.has_consent(case, purpose=Purpose.RECIPIENT, recipient="GT", classes=["quasi"])
        with pytest.raises(StepRefused):
            services.withdraw_consent(actor=worker, case=case, consent=consent)
        with pytest.raises(DatabaseError, match="stays so"), transaction.atomic(using="sealed"):
            Consent.objects.filter(id=consent.id).update(withdrawn_at=None)


def test_consent_covers_what_it_names_and_nothing_else(worker: Officer) -> None:
    """Each way a consent may fall short: missing, refused, expired, withdrawn, another purpose, recipient or class."""
    case, today = opened(worker), timezone.localdate()
    short: list[dict[str, Any]] = [
        {"given": False, "classes": []},
        {"given_on": today - timedelta(days=9), "expires_on": today},
        {"withdrawn_at": timezone.now()},
        {"recipient": "PE"},
        {"classes": ["identity"]},
        {"purpose": "service", "recipient": ""},
    ]
    with sealed_scope(worker.context()):
        for fields in short:
            make_consent(case, **{"purpose": "recipient", "recipient": "GT", "classes": ["quasi"], **fields})
        asked = {"purpose": "recipient", "recipient": "GT"}
        assert not services.has_consent(case, classes=["quasi"], **asked)
        # Two consents, one for each class, are not one consent for both.
        make_consent(case, classes=["quasi"], **asked)
        assert services.has_consent(case, classes=["quasi"], **asked)
        assert not services.has_consent(case, classes=["quasi", "identity"], **asked)


def test_how_consent_was_given_is_sealed(worker: Officer) -> None:
    opened(worker, consent=Answer(given=True, classes=YES.classes, language="quechua", interpreter=True))
    with sealed_scope(worker.context()):
        row = Consent.objects.get()
        assert b"quechua" not in bytes(row.body)
        receipt = vault.announce(cases=[row.case_id], field_class="quasi", purpose="x", actor_id=worker.user.pk)
        how = vault.unseal(row.body, receipt, case=row.case_id, table="consent", record=row.id)
        assert (how["language"], how["interpreter"]) == ("quechua", True)


@pytest.mark.parametrize("column", ["taken_by", "created_by", "added_by"])
def test_nobody_acts_in_the_name_of_somebody_else(worker: Officer, column: str) -> None:
    case = opened(worker)
    model: Any = {"taken_by": Consent, "created_by": Case, "added_by": TeamMember}[column]
    with sealed_scope(worker.context()):
        row = model.objects.get()
        values = {each.attname: getattr(row, each.attname) for each in model._meta.concrete_fields}
        values |= {column: "somebody else", "user_id": "a third"} if column == "added_by" else {column: "somebody else"}
        values |= {"id": uuid.uuid4()} if "id" in values else {}
        with pytest.raises(DatabaseError, match="in the name of somebody else"), transaction.atomic(using="sealed"):
            model(**values).save(force_insert=True)
    assert case.created_by == worker.code


# --- who reads what ---------------------------------------------------------------------------------


def test_each_role_reads_its_part(worker: Officer) -> None:
    case = opened(worker)
    others = {role: officer(role) for role in (Role.CASE_WORKER, Role.CASE_SUPERVISOR, Role.CUSTODIAN)}
    others["colleague of another State"] = officer(Role.CASE_WORKER, "GT")
    others["supervisor of another State"] = officer(Role.CASE_SUPERVISOR, "GT")
    found = {}
    for name, person in {"team": worker, **others}.items():
        with sealed_scope(person.context()):
            found[name] = (
                Case.objects.visible_to(person).count(),
                _can(lambda person=person: services.read_facts(actor=person, cases=[case], reason=Reason.ASSISTANCE)),
                _can(lambda person=person: services.reveal_identity(actor=person, case=case, reason=Reason.SAFETY)),
            )
    assert found == {
        "team": (1, True, True),
        Role.CASE_WORKER: (0, False, False),
        Role.CASE_SUPERVISOR: (1, True, False),
        Role.CUSTODIAN: (1, False, False),
        "colleague of another State": (0, False, False),
        # Even with the row in hand: there is no key of another State.
        "supervisor of another State": (0, False, False),
    }


def _can(step: Any) -> bool:
    try:
        return bool(step())
    except (NotAllowed, SealBroken):
        return False


def test_the_team_changes_and_with_it_the_reading(worker: Officer) -> None:
    case, colleague, supervisor = opened(worker), officer(Role.CASE_WORKER), officer(Role.CASE_SUPERVISOR)
    with sealed_scope(worker.context()), pytest.raises(NotAllowed):
        services.add_to_team(actor=worker, case=case, colleague=colleague)
    with sealed_scope(supervisor.context()):
        services.add_to_team(actor=supervisor, case=case, colleague=colleague)
    with sealed_scope(colleague.context()):
        assert services.reveal_identity(actor=colleague, case=case, reason=Reason.ASSISTANCE) == IDENTITY
    with sealed_scope(supervisor.context()):
        services.remove_from_team(actor=supervisor, case=case, code=colleague.code)
    with sealed_scope(colleague.context()):
        assert list(Case.objects.visible_to(colleague)) == []
        with pytest.raises(NotAllowed):
            services.reveal_identity(actor=colleague, case=case, reason=Reason.ASSISTANCE)


def test_a_supervisor_brings_in_nobody_of_another_state(worker: Officer) -> None:
    case, supervisor, stranger = opened(worker), officer(Role.CASE_SUPERVISOR), officer(Role.CASE_WORKER, "GT")
    with sealed_scope(supervisor.context()), pytest.raises(NotAllowed):
        services.add_to_team(actor=supervisor, case=case, colleague=stranger)


def test_the_trail_names_each_step_and_no_person(worker: Officer) -> None:
    case = opened(worker)
    with sealed_scope(worker.context()):
        services.read_facts(actor=worker, cases=[case], reason=Reason.ASSISTANCE)
        services.reveal_identity(actor=worker, case=case, reason=Reason.SAFETY)
    other = officer(Role.CASE_WORKER)
    with sealed_scope(other.context()), pytest.raises(NotAllowed):
        services.reveal_identity(actor=other, case=case, reason=Reason.SAFETY)
    events = AuditEvent.objects.filter(object_id=str(case.id)).order_by("seq")
    assert [(event.verb, event.chain, event.data.get("class")) for event in events] == [
        ("case.opened", "CR", None),
        ("case.read", "CR", "quasi"),
        ("case.read", "CR", "identity"),
        ("identity.refused", "CR", None),
    ]
    assert "CNRY" not in repr(list(events.values()))


def test_a_list_is_one_event_with_every_case_in_it(worker: Officer) -> None:
    cases = [opened(worker) for _case in range(4)]
    with sealed_scope(worker.context()):
        listed = list(Case.objects.visible_to(worker))
        with contextlib.ExitStack() as stack:
            asked = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in AREA]
            facts = services.read_facts(actor=worker, cases=listed, reason=Reason.ASSISTANCE, how="list")
    assert facts == {case.id: FACTS for case in cases}
    # Who may, the trail, the wrapped keys: three questions, however many cases.
    assert sum(len(queries) for queries in asked) == 3
    event = AuditEvent.objects.get(verb="case.read")
    assert sorted(event.data["cases"]) == sorted(str(case.id) for case in cases)


def test_one_case_of_others_refuses_the_whole_list(worker: Officer) -> None:
    listed = [opened(worker), opened(officer(Role.CASE_WORKER)), opened(worker)]
    with sealed_scope(worker.context()), pytest.raises(NotAllowed):
        services.read_facts(actor=worker, cases=listed, reason=Reason.ASSISTANCE, how="list")
    assert not AuditEvent.objects.filter(verb="case.read").exists()


def test_codes_tell_nothing(worker: Officer) -> None:
    cases = [opened(worker) for _case in range(6)]
    assert len({case.code for case in cases} | {case.token for case in cases}) == 12
    assert all(case.code.startswith("CR-") and len(case.code) == 10 and len(case.token) == 22 for case in cases)


def test_keys_are_three_for_each_case(worker: Officer) -> None:
    case = opened(worker)
    with sealed_scope(worker.context()):
        from core.db import wrapped_keys

        with wrapped_keys():
            found = set(RecordKey.objects.filter(record=case.id).values_list("field_class", flat=True))
    assert found == set(FieldClass.values)
