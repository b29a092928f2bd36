"""Template tags of the whole portal: language links, dates in words, figures, form fields and lists."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.template import Context
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override

from core.fields import DatePartsWidget
from core.i18n import NATIVE_NAMES

register = template.Library()

NO_BREAK_SPACE = "\u00a0"

# --- languages ------------------------------------------------------------


@dataclass(frozen=True)
class LanguageLink:
    code: str
    name: str
    url: str
    current: bool


def home_in(code: str) -> str:
    """The start of a language: the public page, which sends whoever is signed in to their own."""
    with override(code):
        return reverse("language_root")


def swap_language(path: str, code: str) -> str:
    """The same page in another language: only the prefix of the path changes."""
    prefix, _slash, rest = path.lstrip("/").partition("/")
    return f"/{code}/{rest}" if prefix in NATIVE_NAMES else home_in(code)


def _links(path: str, suffix: str = "") -> list[LanguageLink]:
    return [
        LanguageLink(code, name, swap_language(path, code) + suffix, code == get_language())
        for code, name in sorted(NATIVE_NAMES.items(), key=lambda item: item[1])
    ]


@register.inclusion_tag("components/language_navigation.html", takes_context=True)
def language_links(context: Context) -> dict[str, list[LanguageLink]]:
    """Links to this very page in the other languages, query string included."""
    request = context.get("request")
    if request is None:
        return {"links": _links("/")}
    query = request.META.get("QUERY_STRING", "")
    return {"links": _links(request.path, f"?{query}" if query else "")}


@register.simple_tag
def native_languages() -> list[LanguageLink]:
    """The start page in each language, for the page that asks."""
    return _links("/")


@register.simple_tag(takes_context=True)
def native_alternates(context: Context) -> list[LanguageLink]:
    """This page in the other languages, as full addresses: search engines ask for those."""
    request = context["request"]
    return [
        LanguageLink(link.code, link.name, request.build_absolute_uri(link.url), link.current)
        for link in _links(request.path)
    ]


# --- dates and figures ----------------------------------------------------

FULL_DATE = {"es": r"j \d\e F \d\e Y", "pt-br": r"j \d\e F \d\e Y"}
FIRST_OF_MONTH = {"fr": "1er", "pt-br": "1º"}


def _day_first(text: str, day: int) -> str:
    ordinal = FIRST_OF_MONTH.get(get_language() or "")
    return ordinal + text[1:] if ordinal and day == 1 else text


def _local(value: dt.date) -> dt.date:
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def month_date(value: dt.date | None, style: str = "full") -> str:
    """The date with its month in words: "24 October 2014", or "24 Oct. 2014" with `"short"`."""
    if not value:
        return ""
    value = _local(value)
    language = get_language() or "en"
    if style != "short":
        text = dateformat.format(value, FULL_DATE.get(language, "j F Y"))
        # Django's Portuguese months begin with a capital; in the language they do not.
        return _day_first(text.lower() if language == "pt-br" else text, value.day)
    month = dateformat.format(value, "N").lower() if language == "pt-br" else dateformat.format(value, "N")
    return _day_first(f"{value.day} {month.lower() if language != 'en' else month} {value.year}", value.day)


@register.filter
def month_moment(value: dt.datetime | None) -> str:
    """Date and time with the zone's offset: "24 October 2014, 16:40 (GMT−5)"."""
    if not value:
        return ""
    local = timezone.localtime(value)
    return f"{month_date(local)}, {local:%H:%M} ({_offset(local)})"


def _offset(value: dt.datetime) -> str:
    minutes = int((value.utcoffset() or dt.timedelta()).total_seconds() // 60)
    if not minutes:
        return "GMT"
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


@register.filter
def thousands(value: float | None) -> str:
    """Whole number grouped by a no-break space, the same in all four languages."""
    return "" if value is None else f"{round(value):,}".replace(",", NO_BREAK_SPACE)


@register.filter
def percent(value: float | None) -> str:
    """Whole percentage: "37 %" in Spanish and French, "37%" in English and Portuguese."""
    if value is None:
        return "—"
    space = NO_BREAK_SPACE if get_language() in {"es", "fr"} else ""
    return f"{round(value)}{space}%"


@register.simple_tag
def share(part: int, whole: int) -> str:
    """The percentage that `part` is of `whole`; a dash where there is nothing to divide by."""
    return percent(100 * part / whole if whole else None)


# --- status tags ----------------------------------------------------------

# Colour is never the only sign: each tag carries its word.
TAG_STYLES: Mapping[str, str] = {
    "draft": "grey",
    "in_progress": "blue",
    "ready": "text",
    "not_started": "grey",
    "due": "grey",
    "submitted": "blue",
    "with_coordinator": "blue",
    "answered": "blue",
    "under_review": "blue",
    "planned": "blue",
    "partial": "blue",
    "substantial": "blue",
    "full": "blue",  # steps of one scale, not marks: no colour says that a State did well
    "running": "blue",
    "active": "blue",
    "paused": "amber",
    "stopped": "red",
    "dead": "red",
    "returned": "amber",
    "open": "amber",
    "stale": "amber",
    "machine": "amber",
    "accepted": "green",
    "resolved": "green",
    "done": "green",
    "reviewed": "green",
    "published": "green",
    "overdue": "red",
    "failed": "red",
    "rejected": "red",
    "no_information": "hatched",
    "not_applicable": "plain",
}


@register.filter
def tag_style(status: object) -> str:
    """Name of the tag's colour for a status code; unknown codes stay grey."""
    return TAG_STYLES.get(str(getattr(status, "value", status)).lower(), "grey")


# --- forms ----------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    id: str
    name: str
    value: str
    label: str
    checked: bool
    hint: str = ""


@dataclass(frozen=True)
class Part:
    """One of the boxes of a field in several parts."""

    id: str
    name: str
    label: str
    value: str
    width: int


@dataclass(frozen=True)
class Control:
    """A bound field, prepared for components/field.html."""

    kind: str
    id: str
    name: str
    label: str
    hint: str
    errors: list[str]
    required: bool
    described_by: str
    max_length: int | None
    html: SafeString
    checked: bool = False
    choices: list[Choice] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (DatePartsWidget, "parts"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.PasswordInput, "password"),
    (forms.FileInput, "file"),
)
INPUT_CLASS = {"select": "govuk-select", "textarea": "govuk-textarea", "file": "govuk-file-upload"}
GROUPS = {"radios", "checkboxes", "parts"}
OWN_MARKUP = {*GROUPS, "checkbox"}


def control_kind(widget: forms.Widget) -> str:
    return next((kind for cls, kind in KINDS if isinstance(widget, cls)), "input")


def target_id(bound: BoundField) -> str:
    """The id an error link jumps to: the first control where the field is a group."""
    first = "_0" if control_kind(bound.field.widget) in GROUPS else ""
    return f"{bound.auto_id}{first}"


def _described_by(bound: BoundField, kind: str, max_length: int | None) -> str:
    parts = [
        f"{bound.auto_id}-hint" if bound.help_text else "",
        f"{bound.auto_id}-error" if bound.errors else "",
        f"{bound.auto_id}-info" if kind == "textarea" and max_length else "",
    ]
    return " ".join(part for part in parts if part)


def _usual_width(widget: forms.Widget) -> str:
    """A count does not need the whole line; the box tells how long an answer is expected."""
    short = widget.attrs.get("inputmode") == "numeric" or widget.attrs.get("type") == "date"
    return "10" if short or isinstance(widget, forms.NumberInput) else ""


def _attributes(bound: BoundField, kind: str, width: str, described_by: str) -> dict[str, Any]:
    base = INPUT_CLASS.get(kind, "govuk-input")
    classes = [base, bound.field.widget.attrs.get("class", "")]
    if width := width or _usual_width(bound.field.widget):
        classes.append(f"govuk-input--width-{width}")
    if bound.errors:
        classes.append(f"{base}--error")
    if kind == "textarea":
        classes.append("govuk-js-character-count")
    attrs: dict[str, Any] = {"id": bound.auto_id, "class": " ".join(c for c in classes if c)}
    if kind == "textarea":
        attrs["maxlength"] = False  # a pasted text is counted and refused with a sentence, not cut
    if described_by:
        attrs["aria-describedby"] = described_by
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if bound.field.disabled:
        attrs["disabled"] = True
    return attrs


def _render(bound: BoundField, kind: str, attrs: dict[str, Any]) -> SafeString:
    # Not as_widget(): it adds `required`, which makes screen readers say "invalid" before anything is typed.
    widget = bound.field.widget
    if kind == "password":
        attrs |= {"class": f"{attrs['class']} govuk-password-input__input govuk-js-password-input-input"}
    if isinstance(widget, forms.ClearableFileInput):
        widget = forms.FileInput(attrs=widget.attrs)
    if isinstance(widget, forms.NumberInput):
        widget = forms.TextInput(attrs={"inputmode": "numeric", **widget.attrs})
    html: SafeString = widget.render(bound.html_name, bound.value(), attrs, bound.form.renderer)
    return html


def sentences(bound: BoundField) -> list[str]:
    """What to fix. Django's "This field is required" does not say which one, so it is put in better words."""
    default = str(forms.Field.default_error_messages["required"])
    return [
        gettext("Complete “%(label)s”") % {"label": bound.label} if str(error) == default else str(error)
        for error in bound.errors
    ]


def _choices(bound: BoundField) -> list[Choice]:
    hints: Mapping[str, str] = getattr(bound.field, "choice_hints", {})
    return [
        Choice(
            id=str(option.data["attrs"].get("id", "")),
            name=str(option.data["name"]),
            value=str(option.data["value"]),
            label=str(option.data["label"]),
            checked=bool(option.data["selected"]),
            hint=str(hints.get(str(option.data["value"]), "")),
        )
        for option in bound.subwidgets
    ]


def _parts(bound: BoundField) -> list[Part]:
    widget = bound.field.widget
    value = bound.value()
    values = value if isinstance(value, list) else widget.decompress(value)
    return [
        Part(f"{bound.auto_id}_{index}", f"{bound.html_name}_{index}", str(label), text or "", width)
        for index, (label, text, width) in enumerate(zip(widget.part_labels, values, widget.part_widths, strict=True))
    ]


@register.simple_tag
def control(bound: BoundField, width: str | int = "", accesskey: str | int = "") -> Control:
    """Prepare a bound field for `components/field.html`: kind, ids, errors and the control's HTML."""
    kind = control_kind(bound.field.widget)
    max_length = getattr(bound.field, "max_length", None)
    described_by = _described_by(bound, kind, max_length)
    attrs = _attributes(bound, kind, str(width), described_by)
    if accesskey:
        attrs["accesskey"] = str(accesskey)
    return Control(
        kind=kind,
        id=str(bound.auto_id),
        name=bound.html_name,
        label=str(bound.label or ""),
        hint=str(bound.help_text),
        errors=sentences(bound),
        required=bound.field.required,
        described_by=described_by,
        max_length=max_length,
        html=SafeString() if kind in OWN_MARKUP else _render(bound, kind, attrs),
        checked=kind == "checkbox" and bool(bound.value()),
        choices=_choices(bound) if kind in {"radios", "checkboxes"} else [],
        parts=_parts(bound) if kind == "parts" else [],
    )


@dataclass(frozen=True)
class ErrorLink:
    text: str
    target: str


@register.simple_tag
def error_links(*candidates: object) -> list[ErrorLink]:
    """Every error of the forms in the order of their fields, each with the control it belongs to."""
    # A name missing from the context arrives as an empty string.
    flat = [form for candidate in candidates for form in _forms_of(candidate)]
    return [link for form in flat if form.is_bound for link in _form_errors(form)]


def _forms_of(candidate: object) -> list[forms.BaseForm]:
    """One form, a form set, or a list of forms."""
    if isinstance(candidate, forms.BaseFormSet):
        return list(candidate.forms)
    candidates = candidate if isinstance(candidate, list) else [candidate]
    return [form for form in candidates if isinstance(form, forms.BaseForm)]


def _form_errors(form: forms.BaseForm) -> Iterable[ErrorLink]:
    for error in form.non_field_errors():
        yield ErrorLink(str(error), "")
    for bound in form:
        for sentence in sentences(bound):
            yield ErrorLink(sentence, "" if bound.is_hidden else target_id(bound))


@register.inclusion_tag("components/form_fields.html")
def render_form(form: forms.BaseForm) -> dict[str, Any]:
    """All fields of a form, one under the other; the <form>, the token and the buttons stay with the page."""
    return {"form": form}


# --- lists ----------------------------------------------------------------


def _with(context: Context, **changes: str | int | None) -> str:
    """The query string of this page with some parameters replaced; None takes one away."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def page_url(context: Context, number: int, parameter: str = "") -> str:
    """Address of another page of the list, its filters and order kept."""
    return _with(context, **{parameter or "page": number})


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | None]:
    """Page numbers to print, None for a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Context, key: str, label: str, numeric: bool = False) -> dict[str, Any]:
    """A column head that sorts by a link: `?sort=key`, then `?sort=-key`."""
    request = context.get("request")
    current = request.GET.get("sort", "") if request else ""
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    wanted = f"-{key}" if direction == "ascending" else key
    return {
        "label": label,
        "url": _with(context, sort=wanted, page=None),
        "direction": direction,
        "numeric": numeric,
    }


@register.simple_tag
def has_links(rows: Iterable[Any]) -> bool:
    """Whether any row of a summary list carries a link, so that the column of links is kept free in all."""
    return any(row.get("url") if isinstance(row, Mapping) else getattr(row, "url", "") for row in rows or ())


@register.filter
def iso_moment(value: dt.date) -> str:
    """For the datetime attribute of <time>."""
    return value.isoformat()
