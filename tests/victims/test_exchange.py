"""Records that come and go as HTCDS: nothing of a faulty file stays, nothing of a whole record is lost."""

import io
import os
import random
from typing import Any

import msoffcrypto
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from core.db import sealed_scope
from core.exceptions import NotAllowed
from core.models import AuditEvent
from core.testing import record_proof
from tests.victims.htcds import CANARY, FAULTS, official, row, whole_record
from tests.victims.people import officer_and_client
from victims.catalogue import FIELDS
from victims.delivery import htcds_workbook
from victims.imports import FaultyFile, read_htcds
from victims.models import Case, Consent, Identity
from victims.permissions import Officer
from victims.services import exchange

pytestmark = [
    pytest.mark.django_db(databases=["default", "sealed", "keys"]),
    pytest.mark.usefixtures("books_read_here"),
]
PASSWORD = "an invented password of tests"


@pytest.fixture
def worker() -> tuple[Officer, Client]:
    return officer_and_client(Role.CASE_WORKER)


def handed_in(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("records.xlsx", content)
    return client.post(reverse("record_import"), {"file": file, "confirm": "on"})


def kept(officer: Officer) -> tuple[int, int, int]:
    with sealed_scope(officer.context()):
        return Case.objects.count(), Identity.objects.count(), Consent.objects.count()


def unlocked(content: bytes) -> bytes:
    file, out = msoffcrypto.OfficeFile(io.BytesIO(content)), io.BytesIO()
    file.load_key(password=PASSWORD, verify_password=True)
    file.decrypt(out)
    return out.getvalue()


def taken_away(client: Client, *codes: str) -> list[dict[str, Any]]:
    response = client.post(reverse("record_export"), {"cases": codes, "password": PASSWORD})
    assert response["Content-Disposition"] == 'attachment; filename="htcds.xlsx"'
    assert b"Invented" not in response.content
    return read_htcds(unlocked(response.content))


@pytest.mark.parametrize("size", [3_000_000, 11_000_000])
def test_nothing_of_an_upload_is_written_to_a_disk(worker: tuple[Officer, Client], size: int, settings: Any) -> None:
    """More than Django keeps in memory by itself, and more than any upload may have."""
    _officer, client = worker
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"  # whoever would write a temporary file fails
    response = handed_in(client, CANARY.encode() * (size // len(CANARY)))
    assert (response.status_code, "larger than 2 MB" in response.content.decode()) == (422, True)


def test_nothing_of_a_faulty_file_stays(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    count = 200 if os.environ.get("PORTAL_FULL") == "1" else 20
    names, dice, partial = list(FAULTS), random.Random(60), 0
    chosen = names if count > len(names) else dice.sample(names, count)
    files = (chosen * (count // len(chosen) + 1))[:count]
    for name in files:
        response = handed_in(client, FAULTS[name](dice))
        assert response.status_code == 422, name
        assert CANARY not in response.content.decode(), name
        partial += kept(officer) != (0, 0, 0)
    record_proof("htcds_fuzz", files=len(files), kinds=len(set(files)), partial=partial)
    assert partial == 0


def test_a_failure_in_the_middle_takes_all_back(worker: tuple[Officer, Client], monkeypatch: Any) -> None:
    officer, _client = worker
    real, calls = exchange.write_entry, []

    def fails_at_the_third(**given: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise FaultyFile([])
        return real(**given)

    monkeypatch.setattr(exchange, "write_entry", fails_at_the_third)
    records = [whole_record(number, random.Random(1)) for number in range(4)]
    with sealed_scope(officer.context()), pytest.raises(FaultyFile):
        exchange.import_records(actor=officer, records=records)
    assert kept(officer) == (0, 0, 0)


def test_the_page_makes_cases_by_consent_on_paper(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    response = handed_in(client, official(row(1), row(2, Gender="feminine")))
    assert (response.status_code, kept(officer)) == (200, (2, 2, 2))
    with sealed_scope(officer.context()):
        for case in Case.objects.all():
            assert case.code in response.content.decode()
    assert "Invented1" not in response.content.decode()


def test_no_field_of_the_standard_is_lost_in_a_record(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    records = [whole_record(number, random.Random(number)) for number in range(5)]
    assert handed_in(client, htcds_workbook(records)).status_code == 200
    with sealed_scope(officer.context()):
        codes = list(Case.objects.values_list("code", flat=True))
    taken = [taken_away(client, code)[0] for code in codes]  # one by one: of several no identity leaves
    back = {record["prs_SecondName"]: record for record in taken}
    lost = {name for record in records for name in FIELDS if record[name] != back[record["prs_SecondName"]].get(name)}
    record_proof("htcds_round_trip", fields=len(FIELDS), records=len(records), lost=len(lost), which=sorted(lost))
    assert lost == set()
    read = AuditEvent.objects.filter(verb="case.read", data__how="export")
    assert sorted(event.data["class"] for event in read) == sorted(["identity", "narrative", "quasi"] * len(codes))


def test_of_several_cases_no_identity_leaves(worker: tuple[Officer, Client]) -> None:
    officer, client = worker
    assert handed_in(client, htcds_workbook([whole_record(n, random.Random(n)) for n in range(3)])).status_code == 200
    with sealed_scope(officer.context()):
        codes = list(Case.objects.values_list("code", flat=True))
    taken = taken_away(client, *codes)
    filled = {FIELDS[name].field_class for record in taken for name, value in record.items() if value}
    assert (len(taken), filled) == (3, {"narrative", "quasi"})
    assert not AuditEvent.objects.filter(verb="case.read", data__how="export", data__class="identity").exists()


def test_only_the_team_takes_records_away(worker: tuple[Officer, Client]) -> None:
    _officer, client = worker
    handed_in(client, official(row(1)))
    colleague, other = officer_and_client(Role.CASE_WORKER)
    with sealed_scope(colleague.context()):
        case = Case.objects.get()
        with pytest.raises(NotAllowed):
            exchange.export_records(actor=colleague, cases=[case], password=PASSWORD)
    response = other.post(reverse("record_export"), {"cases": [case.code], "password": PASSWORD})
    assert response.status_code == 422  # the form of somebody else does not know the case
