"""What people type into counts and dates."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from core.fields import DatePartsField, WholeNumberField


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("5300", 5300),
        ("0", 0),
        (" 4210 ", 4210),
        ("4 210", 4210),
        ("4\u00a0210", 4210),
        ("4.210", 4210),
        ("4,210", 4210),
        ("1.234.567", 1_234_567),
        ("", None),
    ],
)
def test_whole_number_accepts_every_habit(typed: str, value: int | None) -> None:
    assert WholeNumberField(required=False).clean(typed) == value


@pytest.mark.parametrize("typed", ["5,3 mil", "5,3", "1.23", "1,234.567", "-4", "12 34", "٣", "1" * 16])
def test_whole_number_asks_again_instead_of_guessing(typed: str) -> None:
    with pytest.raises(ValidationError):
        WholeNumberField(required=False).clean(typed)


@pytest.mark.parametrize(
    ("language", "month"),
    [("es", "octubre"), ("es", "10"), ("fr", "Octobre"), ("pt-br", "outubro"), ("en", "Oct"), ("en", "oct.")],
)
def test_date_in_parts_takes_months_in_words(language: str, month: str) -> None:
    with translation.override(language):
        assert DatePartsField().clean(["24", month, "2014"]) == dt.date(2014, 10, 24)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (["24", "", "2014"], "incomplete"),
        (["31", "2", "2014"], "invalid"),
        (["24", "10", "14"], "invalid"),
        (["x", "10", "2014"], "invalid"),
        (["", "", ""], "required"),
    ],
)
def test_date_in_parts_says_what_is_wrong(parts: list[str], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DatePartsField().clean(parts)
    assert caught.value.code == code


def test_an_optional_date_may_be_left_empty() -> None:
    assert DatePartsField(required=False).clean(["", " ", ""]) is None


def test_an_unchanged_date_is_not_a_change() -> None:
    day = dt.date(2014, 10, 24)
    assert not DatePartsField().has_changed(day, ["24", "10", "2014"])
    assert DatePartsField().has_changed(day, ["25", "10", "2014"])
