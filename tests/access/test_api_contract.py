"""Every operation of the API for every person, with what Schemathesis makes up.

The description is kept, nothing breaks, and nobody reads what is another's.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.api import Pages
from accounts.models import ApiKey
from accounts.queries import digest_of
from contributions.models import Attachment, BulkFiling
from core.models import Job
from core.testing import record_proof
from evaluations.models import Conclusion, Consultation, Evaluation
from indicators.enums import TABLES
from indicators.models import ReturnUpload
from networks.models import (
    AssistanceItem,
    AssistanceMatch,
    CooperationRequest,
    Decision,
    Desk,
    Document,
    InstrumentAct,
    Meeting,
    NationalPlan,
    Network,
    RequestTranslation,
    Seat,
)
from oas_trafficking.api import described
from tests.access.matrix import leaked_families
from tests.access.policy import ACTORS
from tests.access.world import REFERENCES, World
from tests.access.world_contributions import REFERENCES as CONTRIBUTIONS
from workplan.models import Evidence, Extension, ImportRun, Question, ReportPaper

# What an address names, by the first word of the address.
NAMED: dict[str, tuple[Any, ...]] = {
    "assistance": (AssistanceItem,),
    "consultations": (Consultation,),
    "contribution-files": (Attachment,),
    "contribution-filings": (BulkFiling,),
    "contributions": (Attachment,),
    "desks": (Desk,),
    "evaluation-drafts": (Evaluation,),
    "evidence": (Evidence,),
    "extensions": (Extension,),
    "imports": (ImportRun,),
    "jobs": (Job,),
    "national-plans": (NationalPlan,),
    "networks": (Meeting,),
    "ratifications": (InstrumentAct,),
    "reports": (Question, ReportPaper),
    "return-uploads": (ReturnUpload,),
    "shared-files": (Document,),
}
NUMBERED: dict[str, tuple[Any, ...]] = {
    "assistance": (AssistanceMatch,),
    "networks": (Seat, Decision),
    "requests": (RequestTranslation,),
}

FULL = os.environ.get("PORTAL_FULL") == "1"
EXAMPLES = 10 if FULL else 1
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def keys_of(world: World) -> dict[str, str]:
    """A key of everybody, those whose role or account has ended included. Strangers have none."""
    secrets = {}
    for actor, user in world.people.items():
        if actor == "expired":
            continue  # a session that ended ends no key
        secrets[actor] = f"oasp_{actor}"
        terms = {"user": user, "label": "-", "scope": "write", "expires_at": "2100-01-01T00:00:00Z"}
        institution = user.role_assignments.order_by("pk")[0].institution
        # The world is one for all tests of this file.
        ApiKey.objects.get_or_create(digest=digest_of(secrets[actor]), defaults={**terms, "institution": institution})
    return secrets


def known(world: World) -> dict[str, dict[str, list[Any]]]:
    """Parts of addresses that lead somewhere, by the first word; made-up ones are mixed among them."""
    requests = list(CooperationRequest.objects.values_list("reference", flat=True))
    contributions = list(CONTRIBUTIONS.values())
    return {
        "public_id": {word: [str(row.public_id) for row in _rows(models)] for word, models in NAMED.items()},
        "pk": {word: [row.pk for row in _rows(models)] for word, models in NUMBERED.items()},
        "reference": {
            "": list(REFERENCES.values()),
            "requests": requests,
            "contributions": contributions,
            "received-contributions": contributions,
        },
        "slug": {"": list(Network.objects.values_list("slug", flat=True))},
        "code": {"": [part["code"] for part in world.parts["entry"].values()]},
        "number": {"": [1, 2]},
        "iso2": {"": ["CR", "GT"]},
        "language": {"": ["en", "fr"]},
        "round_code": {"": ["2014-1"]},
        "year": {"": [2012, 2013]},
        "table": {"": [*TABLES]},
        "conclusion": {"": list(Conclusion.objects.values_list("number", flat=True))},
    }


def _rows(models: tuple[Any, ...]) -> list[Any]:
    return [row for model in models for row in model.objects.all()]


def placed(case: Any, draw: Any, places: dict[str, dict[str, list[Any]]]) -> Any:
    """The made-up request at an address that exists, mostly; and with the version that is there."""
    word = case.path.split("/")[3]
    for name in case.path_parameters or {}:
        there = places.get(name, {})
        values = there.get(word) or there.get("", [])
        if values and draw(st.integers(0, 9)) < 9:
            case.path_parameters[name] = draw(st.sampled_from(values))
    if case.method in ("PUT", "PATCH"):
        case.headers = {**(case.headers or {}), "If-Match": draw(st.sampled_from(['"2"', '"3"', '"1"', "x"]))}
    return case


def asked(case: Any, secret: str) -> Any:
    """One request, undone."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    with transaction.atomic():
        response = case.call(headers=headers, base_url="http://testserver")
        transaction.set_rollback(True)
    return response


def faults_of(case: Any, response: Any, actor: str) -> list[tuple[str, str]]:
    found = []
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        found += [("broken" if response.status_code >= 500 else "mismatch", str(one)) for one in group.exceptions]
    except Failure as one:
        found.append(("mismatch", str(one)))
    told = response.content.decode("utf-8", errors="replace") + str(dict(response.headers))
    found += [("leak", family) for family in leaked_families(told, actor)]
    return found


def closing(app: Any) -> Any:
    """The application as a server calls it, which ends each answer: a file that was sent is closed."""

    def answered(environ: Any, start_response: Any) -> list[bytes]:
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return answered


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The end of a request ends no connection: the rows of the test live in its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.timeout(3600 if FULL else 240)
def test_the_api_keeps_its_description_for_everybody(world: World, one_connection: None) -> None:
    schema = schemathesis.openapi.from_dict(described())
    schema.app = closing(get_wsgi_application())
    operations = [found.ok() for found in schema.get_all_operations()]
    secrets, places, counts, wrong = keys_of(world), known(world), Counter[str](), []
    rules = hypothesis_settings(
        max_examples=EXAMPLES, phases=[Phase.generate], deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    def try_operation(operation: Any, people: Sequence[str]) -> None:
        @rules
        @given(made=operation.as_strategy(), data=st.data())
        def everybody_asks(made: Any, data: Any) -> None:
            case = placed(made, data.draw, places)
            for actor in people:
                response = asked(case, secrets.get(actor, ""))
                faults = faults_of(case, response, actor)
                counts.update(["cases", f"status {response.status_code}", *{kind for kind, _words in faults}])
                wrong.extend(f"{actor} {case.method} {case.formatted_path}: {words}"[:600] for _k, words in faults)

        everybody_asks()

    for number, operation in enumerate(operations):
        try_operation(operation, ACTORS if FULL else ACTORS[number % 3 :: 3])
    record_proof(
        "schemathesis", operations=len(operations), cases=counts["cases"], server_errors=counts["broken"],
        mismatches=counts["mismatch"], leaks=counts["leak"],
    )  # fmt: skip
    assert wrong == [], "\n\n".join(wrong[:40])
    assert counts["cases"] >= (20_000 if FULL else 1_000)
    assert counts["status 200"] > counts["cases"] / 10  # it does get in
    assert settings.API_RATES == {}


# --- pages of lists --------------------------------------------------------------------------------

EMPTY = {"notifications", "published_reports"}  # in this world there is nothing to be listed
READERS = ("secretariat_admin", "focal_point", "approver", "ministry", "partner")


def lists() -> dict[str, str]:
    """Of each list the name of its operation and its address."""
    found = {}
    for path, item in described()["paths"].items():
        answer = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
        if "Paginated" in str(answer.get("schema")):
            found[item["get"]["operationId"]] = path
    return found


def addresses(path: str, places: dict[str, dict[str, list[Any]]]) -> list[str]:
    """Those of a path that lead somewhere."""
    word, names = path.split("/")[3], re.findall(r"{(\w+)}", path)
    values = [places[name].get(word) or places[name].get("", []) for name in names]
    return [path.format(**dict(zip(names, chosen, strict=True))) for chosen in islice(product(*values), 40)]


def test_every_list_has_a_second_page(world: World, monkeypatch: Any) -> None:
    """Each page names the next by the place of its last row, of which a list of one row has one too."""
    secrets, places, read = keys_of(world), known(world), set[str]()
    paginate = Pages.paginate_queryset

    def placed_page(self: Any, queryset: Any, request: Any, view: Any = None) -> Any:
        rows = paginate(self, queryset, request, view)
        for row in rows or []:
            self._get_position_from_instance(row, self.ordering)
        return rows

    monkeypatch.setattr(Pages, "paginate_queryset", placed_page)

    def read_pages(address: str, reader: str) -> bool:
        client = Client(headers={"Authorization": f"Bearer {secrets[reader]}"})
        page = client.get(f"{address}?page_size=1")
        first = page.json()["results"] if page.status_code == 200 else []
        if not first or not page.json()["next"]:
            return bool(first)
        second = client.get(page.json()["next"]).json()["results"]
        assert len(second) == 1, address
        assert second != first, address
        return True

    for name, path in lists().items():
        if any(read_pages(address, reader) for address in addresses(path, places) for reader in READERS):
            read.add(name)
    assert lists().keys() - read == EMPTY
