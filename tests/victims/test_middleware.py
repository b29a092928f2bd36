"""A request of the area: for whom it opens, and that one which fails leaves nothing behind."""

from typing import Any

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import State
from core.checks import safe_sealed_area, sealed_logins
from tests.access.policy import ROLES
from tests.factories.accounts import give_role, make_institution, make_user
from tests.factories.victims import acting_for, make_case
from victims.models import Case

pytestmark = [
    pytest.mark.django_db(databases=["default", "sealed", "keys"]),
    pytest.mark.urls("tests.victims.urls"),
]
WORKERS = {"case_worker", "case_supervisor", "custodian"}


def person(role: str, state: str = "CR") -> Client:
    kind = ROLES[role]
    home = State.objects.get(iso2=state) if kind in {"authority", "mission"} else None
    user = make_user(f"{role}{state.lower()}".replace("_", ""))
    give_role(user, make_institution(kind, f"Invented {role}", home), role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def worker() -> Client:
    with acting_for("CR"):
        make_case(1)
        make_case(2)
    with acting_for("GT"):
        make_case(3)
    return person(Role.CASE_WORKER)


def kept() -> int:
    with acting_for("CR"):
        return Case.objects.count()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_it_opens_for_roles_of_the_area_alone(role: str) -> None:
    response = person(role).get("/sealed/count/")
    assert response.status_code == (200 if role in WORKERS else 404)
    if role in WORKERS:
        assert response.content == b"oas_sealed 0"


def test_strangers_are_sent_to_the_sign_in(client: Client) -> None:
    assert client.get("/sealed/count/").status_code == 302


def test_each_state_sees_its_own(worker: Client) -> None:
    assert worker.get("/sealed/count/").content == b"oas_sealed 2"
    assert person(Role.CASE_WORKER, "GT").get("/sealed/count/").content == b"oas_sealed 1"
    assert person(Role.CASE_WORKER, "PE").get("/sealed/count/").content == b"oas_sealed 0"


@pytest.mark.parametrize(
    ("status", "rows"), [(200, 3), (302, 3), (400, 2), (403, 2), (404, 2), (409, 2), (422, 2), (500, 2)]
)
def test_a_refused_request_leaves_nothing(worker: Client, status: int, rows: int) -> None:
    assert worker.get(f"/sealed/write/{status}/").status_code == status
    assert kept() == rows


@pytest.mark.parametrize(("page", "status"), [("fail", 500), ("close", 503), ("stream", 503)])
def test_an_error_leaves_nothing_and_says_nothing(worker: Client, caplog: Any, page: str, status: int) -> None:
    worker.raise_request_exception = False
    response = worker.get(f"/sealed/{page}/")
    assert response.status_code == status
    assert b"CNRY" not in response.content
    assert kept() == 2
    if page == "close":
        assert "CNRY" not in caplog.text


def test_an_ended_role_is_over_at_the_next_request(worker: Client) -> None:
    from accounts.models import RoleAssignment

    assert worker.get("/sealed/count/").status_code == 200
    RoleAssignment.objects.filter(role=Role.CASE_WORKER).update(valid_from="2001-01-01", valid_to="2001-01-02")
    assert worker.get("/sealed/count/").status_code == 404


def test_the_login_of_the_database_is_who_it_should_be(settings: Any) -> None:
    assert sealed_logins(None, databases=["default"]) == []
    settings.SEALED_DATABASE = "default"  # as if the area used the open login
    assert [error.id for error in sealed_logins(None, databases=["default"])] == ["sealed.E010"]


def test_a_demonstration_is_not_deployed(settings: Any) -> None:
    assert {error.id for error in safe_sealed_area(None)} == {f"sealed.E00{number}" for number in (1, 2, 3, 4)}
    settings.SERVES_OPEN, settings.SEALED_KEY_PROVIDER = False, "pkcs11"
    settings.SESSION_COOKIE_SAMESITE, settings.FACTOR_KEY = "Strict", "another"
    assert safe_sealed_area(None) == []
    settings.SERVES_SEALED, settings.SERVES_OPEN = False, True
    assert safe_sealed_area(None) == []
