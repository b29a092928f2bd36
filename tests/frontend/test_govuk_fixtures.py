"""Our templates write what the published component writes: same elements, same nesting, same classes and roles."""

import json
import re
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from core.fields import DatePartsField
from tests.frontend.conftest import ROOT
from tests.frontend.markup import elements

PACKAGE = ROOT / "frontend/node_modules/govuk-frontend/dist/govuk/components"
# Chosen sizes and our own additions; everything else has to be the component's.
OURS = {
    "govuk-label--s",
    "govuk-fieldset__legend--s",
    "govuk-radios--small",
    "govuk-checkboxes--small",
    "govuk-input--width-10",
    "govuk-input--width-5",
    "govuk-tag--blue",
    "govuk-link",
}

pytestmark = pytest.mark.usefixtures("gallery")


def shape(html: str) -> list[tuple[Any, ...]]:
    found = []
    for element in elements(html):
        classes = frozenset(c for c in element.classes if c.startswith("govuk-")) - OURS
        kept = {
            k: element.attributes[k]
            for k in ("role", "data-module", "type", "rel", "aria-current")
            if k in element.attributes
        }
        described = "aria-describedby" in element.attributes
        found.append((element.depth, element.tag, classes, tuple(sorted(kept.items())), described))
    return found


def fixture(component: str, name: str) -> str:
    data = json.loads((PACKAGE / component / "fixtures.json").read_text())
    return next(f["html"] for f in data["fixtures"] if f["name"] == name)


def render(source: str, **context: Any) -> str:
    request = RequestFactory().get("/en/list/")
    with translation.override("en"):
        return engines["django"].from_string("{% load portal %}" + source).render(context, request)


def field(form_field: forms.Field, data: dict[str, str] | None = None, **context: Any) -> str:
    form = type("F", (forms.Form,), {"x": form_field})(data)
    return render('{% include "components/field.html" with field=form.x %}', form=form, **context)


PAIR = [("yes", "Yes"), ("no", "No")]


@pytest.mark.parametrize(
    ("component", "name", "form_field", "data"),
    [
        ("input", "with hint text", forms.CharField(help_text="Hint"), None),
        ("input", "with error message", forms.CharField(), {}),
        (
            "select",
            "with hint text and error message",
            forms.ChoiceField(choices=[*PAIR, ("m", "Maybe")], help_text="H"),
            {},
        ),
        (
            "radios",
            "with fieldset and error message",
            forms.ChoiceField(choices=PAIR, widget=forms.RadioSelect),
            {"x": "?"},
        ),
        ("character-count", "default", forms.CharField(max_length=10, widget=forms.Textarea), None),
        ("password-input", "default", forms.CharField(widget=forms.PasswordInput), None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_field_has_the_shape_of_the_component(component: str, name: str, form_field: forms.Field, data: Any) -> None:
    assert shape(field(form_field, data)) == shape(fixture(component, name))


def test_checkboxes_with_hints_and_an_error() -> None:
    choices = [("a", "A"), ("b", "B"), ("c", "C")]
    boxes = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)
    boxes.choice_hints = dict.fromkeys("abc", "Hint")
    assert shape(field(boxes, {})) == shape(fixture("checkboxes", "with error message"))


def test_date_in_parts() -> None:
    # The published example marks its boxes as wrong and has a shorter box for the month; ours takes words.
    sizes = {"govuk-input--error", "govuk-input--width-2", "govuk-input--width-4", "govuk-input--width-5"}
    ours, theirs = (
        [(depth, tag, classes - sizes, *rest) for depth, tag, classes, *rest in shape(html)]
        for html in (field(DatePartsField()), fixture("date-input", "with errors only"))
    )
    assert ours == theirs


def test_error_summary() -> None:
    form = type("F", (forms.Form,), {"a": forms.CharField(), "b": forms.CharField()})({})
    html = render('{% include "components/error_summary.html" %}', form=form)
    assert shape(html) == shape(fixture("error-summary", "default"))


def test_task_list() -> None:
    items = [
        Thing(title="One", url="#1", hint="", status="", status_label=""),
        Thing(title="Two", url="#2", hint="", status="planned", status_label="Planned"),
        Thing(title="Three", url="#3", hint="", status="planned", status_label="Planned"),
    ]
    html = render('{% include "components/task_list.html" with id="t" %}', items=items)
    assert shape(html) == shape(re.sub(r"\s*Completed\s*", "", fixture("task-list", "default")))


def test_pagination() -> None:
    html = render('{% include "components/pagination.html" %}', page=Paginator(range(30), 10).page(2))
    assert shape(html) == shape(fixture("pagination", "default"))


def test_details() -> None:
    html = render('{% include "components/details.html" with summary="Help" text="Text" %}')
    assert shape(html) == shape(fixture("details", "default"))


def test_the_comparison_can_fail() -> None:
    spoilt = fixture("details", "default").replace("govuk-details__text", "govuk-details__body")
    assert shape(spoilt) != shape(fixture("details", "default"))
