"""HTCDS 2.0: nothing of the standard is lost on the way out and back, and nothing of a faulty file is taken."""

import io
import random
import re

import msoffcrypto
import openpyxl
import pytest

from tests.victims.htcds import CANARY, CELLS, FAULTS, LABELS, NAMES, official, row, saved, whole_record
from victims.catalogue import FIELDS, LISTS
from victims.delivery import htcds_workbook, locked, marks_of
from victims.imports import FaultyFile, read_htcds

pytestmark = pytest.mark.usefixtures("books_read_here")


def test_the_catalogue_is_the_whole_standard() -> None:
    assert (len(FIELDS), sum(len(choices) for choices in LISTS.values())) == (84, 166)
    assert {known.field_class for known in FIELDS.values()} == {"identity", "narrative", "quasi"}
    assert sum(known.core for known in FIELDS.values()) == 40
    assert set(LISTS) == {known.list_name for known in FIELDS.values()} - {""}
    for known in FIELDS.values():
        assert set(known.labels) == {"en", "es", "fr", "pt-br"}
    for choices in LISTS.values():  # no word of a list means two of its codes
        words = [word for choice in choices for word in choice.words()]
        assert len(words) == len(set(words))


def test_nothing_is_lost_on_the_way_out_and_back() -> None:
    dice = random.Random(85)
    records = [whole_record(number, dice) for number in range(12)]
    marks = marks_of(person="Ana", state="Costa Rica", moment="2014-03-10", reference="EX-1")
    back = read_htcds(htcds_workbook(records, marks=marks))
    assert len(back) == len(records)
    lost = {name for name in FIELDS for one, other in zip(records, back, strict=True) if one[name] != other.get(name)}
    assert lost == set()


def test_no_cell_of_the_export_is_a_formula_and_it_is_marked() -> None:
    record = {"prs_FirstName": '=HYPERLINK("x")', "con_Consent": True}
    sheet = openpyxl.load_workbook(io.BytesIO(htcds_workbook([record], marks=["Taken away by Ana"]))).active
    assert sheet is not None
    cells = [cell for cells in sheet.iter_rows() for cell in cells if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "# Taken away by Ana" in {cell.value for cell in cells}
    assert not [cell.value for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]


def test_the_export_opens_with_its_password_alone() -> None:
    workbook = htcds_workbook([{"prs_FirstName": "Invented", "con_Consent": True}])
    closed = locked(workbook, "a long password of tests")
    assert b"Invented" not in closed
    file, opened = msoffcrypto.OfficeFile(io.BytesIO(closed)), io.BytesIO()
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        file.load_key(password="another password", verify_password=True)
    file.load_key(password="a long password of tests", verify_password=True)
    file.decrypt(opened)
    assert opened.getvalue() == workbook


def test_quirks_of_the_official_sheet() -> None:
    """Labels decide about addresses, the misspelled and the missing name are known, a number alone is no record."""
    cells = {
        "Mailing_Street": "Invented street",
        "Mailing_Country": "Costa Rica",
        "Trafficking_Status_Decision_Making_Organization": "police",
        "Reason_for_Outgoing_Referral": "Other",
        "Methods_of_Control": "Debt bondage ; threatens children / family\nUses children",
        "Birthdate": "17/05/1990",
        "Citizenship": "CR, Nicaragua",
        "Forced_Labour_Industry": "Water supply; sewerage, waste management and remediation",
    }
    (record,) = read_htcds(official(row(1, **cells), [2], [3]))
    assert record == {
        "con_Consent": True,
        "prs_FirstName": "Invented1",
        "prs_SecondName": "Person1",
        "prs_MailingStreet": "Invented street",
        "prs_MailingCountry": "CR",
        "vic_TraffickingStatusDecisionMakingOrg": "Police",
        "cas_ReasonForOutgoingReferral": "Other",
        "vic_MethodsOfControl": ["DebtBondage", "ThreatensChildrenFamily", "UsesChildren"],
        "prs_Birthdate": "1990-05-17",
        "prs_Citizenship": ["CR", "NI"],
        "vic_ForcedLabourIndustry": "E_WaterSupplySewerageWasteManagement",
    }


@pytest.mark.parametrize("head", [[[None, *NAMES]], [[None, *LABELS]]], ids=["names alone", "labels alone"])
def test_one_row_of_headers_is_enough(head: list[list[str]]) -> None:
    assert len(read_htcds(saved([*head, row(1), row(2)]))) == 2


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_file_gives_nothing_and_says_where(name: str) -> None:
    with pytest.raises(FaultyFile) as refused:
        read_htcds(FAULTS[name](random.Random(1)))
    texts = [str(fault) for fault in refused.value.faults]
    assert texts
    assert not [text for text in texts if CANARY in text or "2013-02-30" in text]
    if name in CELLS:
        assert len(texts) == 1
        assert re.match(r"Row \d+, column [A-Z]+: ", texts[0])
