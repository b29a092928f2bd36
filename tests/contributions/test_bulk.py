"""Many contributions from one workbook: rehearsed, all or none, once."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from contributions import services
from contributions.delivery import bulk_template
from contributions.enums import Kind, SheetColumn, Visibility
from contributions.models import BulkFiling, Contribution
from core.exceptions import PortalError
from core.models import AuditEvent
from tests.workplan.pages import url
from workplan.imports import FaultyFile

pytestmark = pytest.mark.django_db
ROW = ("The General Secretariat and the States it is about", "No", "Evidence", "English", "Costa Rica; Guatemala",
       "PRO-02", "Shelter at night", "No shelter is open at night.", "2014-01-01", "31/03/2014", "")  # fmt: skip
PLACE = {column.value: place for place, column in enumerate(SheetColumn)}


def row(**cells: str) -> list[str]:
    values = list(ROW)
    for name, text in cells.items():
        values[PLACE[name]] = text
    return values


def workbook(*rows: list[Any], language: str = "en") -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet: Any = book.active
    with override(language):
        sheet.append([str(column.label) for column in SheetColumn])
    for cells in rows:
        sheet.append(cells)
    book.save(out)
    return out.getvalue()


def read(partner: Any, content: bytes) -> BulkFiling:
    return services.read_bulk(content=content, name="many.xlsx", round_=partner.round, actor=partner.paula)


def problems(filing: BulkFiling) -> list[tuple[int, str]]:
    return [(problem["row"], problem["column"]) for problem in filing.problems]


def test_the_template_is_in_the_readers_language_and_reads_back(partner: Any) -> None:
    client = Client()
    client.force_login(partner.paula, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(url("contribution_bulk_template", language="fr"))
    book = load_workbook(io.BytesIO(answer.content))
    _about, rows, lists = book.worksheets
    with override("fr"):
        assert [cell.value for cell in rows[1]] == [str(column.label) for column in SheetColumn]
    assert (lists.sheet_state, len(rows.data_validations.dataValidation)) == ("hidden", 6)
    assert {cell.value for cell in lists["E"]} >= {"Costa Rica", "Guatemala"}
    french = ["", "", "", "Français", "CR", "PRO-02"]
    with override("fr"):
        french[0], french[2] = str(Visibility.SECRETARIAT.label), str(Kind.EVIDENCE.label)
    for place, text in enumerate([*french, "Accueil", "Aucun foyer la nuit.", "2014-01-01", "2014-02-01", ""], start=1):
        rows.cell(2, place, text)
    out = io.BytesIO()
    book.save(out)
    filing = read(partner, out.getvalue())
    assert (filing.problems, filing.lines[0]["values"]["kind"]) == ([], "evidence")


def test_every_fault_has_its_row_its_column_and_its_reason(partner: Any) -> None:
    filing = read(partner, workbook(
        row(), row(title=""), row(states="Honduras"), row(activities="XXX-99"), row(kind="Rumor"),
        row(period_to="2013-01-01"), row(period_from="yesterday"), row(title="=HYPERLINK(1)"), row(),
        row(text="Yolanda Quispe was there."),
        row(text="Marta Lucía Higuera answers.", identity_reason="She is the director."),
    ))  # fmt: skip
    found = problems(filing)
    assert found == [
        (3, "title"), (4, "states"), (5, "activities"), (6, "kind"), (7, "period_to"), (8, "period_from"),
        (9, "title"), (10, "title"), (11, ""),
    ]  # fmt: skip
    assert "Yolanda Quispe" in filing.problems[-1]["reason"]
    assert not Contribution.objects.exists()
    assert not AuditEvent.objects.filter(verb="contribution.send").exists()


def test_nothing_is_sent_with_faults_unless_they_are_left_out(partner: Any) -> None:
    filing = read(partner, workbook(row(), row(title="")))
    for without in (0, 2):
        with pytest.raises(PortalError, match="rows with problems"):
            services.send_bulk(filing=filing, actor=partner.paula, without=without)
    assert not Contribution.objects.exists()
    assert services.send_bulk(filing=filing, actor=partner.paula, without=1) == 1
    sent = Contribution.objects.get()
    assert (sent.status, sorted(state.iso2 for state in sent.states.all())) == ("sent", ["CR", "GT"])


def test_a_file_sends_its_rows_once(partner: Any) -> None:
    content = workbook(row(), row(title="Another"))
    filing = read(partner, content)
    assert read(partner, content) == filing
    assert services.send_bulk(filing=filing, actor=partner.paula) == 2
    assert services.send_bulk(filing=filing, actor=partner.paula) == 2
    assert read(partner, content) == filing
    assert (Contribution.objects.count(), BulkFiling.objects.count()) == (2, 1)


def test_quotas_hold_and_what_changed_since_sends_nothing(partner: Any) -> None:
    many = [row(title=f"Number {number}", states="CR") for number in range(22)]
    filing = read(partner, workbook(*many))
    assert problems(filing) == [(22, ""), (23, "")]
    assert services.send_bulk(filing=filing, actor=partner.paula, without=2) == 20
    late = BulkFiling.objects.create(
        institution=partner.partner, round=partner.round, file_name="late.xlsx", sha256="1" * 64,
        lines=filing.lines[:1], created_by=partner.paula,
    )  # fmt: skip
    with pytest.raises(PortalError, match="changed since"):
        services.send_bulk(filing=late, actor=partner.paula)
    assert Contribution.objects.count() == 20


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing"])
def test_what_is_no_such_file_is_refused_whole(partner: Any, content: bytes) -> None:
    with pytest.raises(FaultyFile):
        read(partner, content)
    assert not BulkFiling.objects.exists()


def test_by_pages(partner: Any) -> None:
    client = Client()
    client.force_login(partner.paula, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert url("contribution_bulk") in client.get(url("contribution_list")).content.decode()
    file = SimpleUploadedFile("many.xlsx", workbook(row(), row(title="")))
    answer = client.post(url("contribution_bulk"), {"file": file}, follow=True)
    page = answer.content.decode()
    assert "Shelter at night" in page
    assert "Send without this 1 row" in page
    filing = BulkFiling.objects.get()
    done = client.post(url("contribution_bulk_send", filing.public_id), {"without": "1"}, follow=True)
    assert Contribution.objects.get().reference in done.content.decode()
    bad = client.post(url("contribution_bulk"), {"file": SimpleUploadedFile("x.xlsx", b"nothing")})
    assert bad.status_code == 422


def test_formulas_never_leave_the_portal() -> None:
    book = load_workbook(io.BytesIO(bulk_template(["=cmd"], [("PRO-02", "=1+1")])))
    assert {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line if cell.value} == {"s"}
