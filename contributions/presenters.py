"""What pages print of contributions.

`as_state` is the State's side. It reads `shown_name` and never the organization, nor the name of a file it handed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import State
from contributions.enums import Kind, SheetColumn, Status, Step, TranslationStatus, Visibility
from contributions.models import (
    Accreditation,
    Attachment,
    BulkFiling,
    Change,
    Contribution,
    ContributionTranslation,
)
from contributions.querysets import AnyUser
from core.templatetags.portal import month_date
from workplan.models import Activity

TAGS = {
    Status.DRAFT: "draft",
    Status.SENT: "submitted",
    Status.RECEIVED: "submitted",
    Status.UNDER_REVIEW: "in_progress",
    Status.ACCEPTED: "accepted",
    Status.NOT_USED: "returned",
    Status.WITHDRAWN: "draft",
}
STEP_DONE = {
    Step.SEND: gettext_lazy("Sent"),
    Step.RECEIVE: gettext_lazy("Received"),
    Step.REVIEW: gettext_lazy("Review begun"),
    Step.ACCEPT: gettext_lazy("Accepted"),
    Step.NOT_USE: gettext_lazy("Not used"),
    Step.WITHDRAW: gettext_lazy("Withdrawn"),
}
ACCREDITATION_TAGS = {"applied": "submitted", "vetted": "in_progress", "accredited": "accepted", "refused": "returned"}


@dataclass(frozen=True)
class Row:
    """A line of a summary list."""

    key: str
    value: str
    lang: str = ""


@dataclass(frozen=True)
class File:
    label: str
    url: str  # empty while it may not be given out
    note: str


@dataclass(frozen=True)
class Reply:
    state: State
    text: str
    language: str
    at: datetime


@dataclass(frozen=True)
class Happened:
    title: str
    at: datetime
    byline: str = ""


@dataclass(frozen=True)
class Translated:
    """What stands beside the original (components/translations.html)."""

    subject: str
    text: str
    lang: str
    author: str
    at: datetime
    tag: tuple[str, str]
    edit_url: str = ""
    review_url: str = ""
    seen: int = 0  # version that is reviewed


@dataclass(frozen=True)
class View:
    """A contribution as one side sees it."""

    reference: str
    author: str
    title: str
    text: str
    language: str
    kind: str
    period: str
    visibility: str
    status: str
    tag: tuple[str, str]
    states: list[State]
    activities: list[Activity]
    files: list[File]
    replies: list[Reply]
    sent_at: datetime | None
    url: str
    is_late: bool = False
    rows: list[Row] = field(default_factory=list)
    translations: list[Translated] = field(default_factory=list)


def translations(rows: Iterable[ContributionTranslation], user: AnyUser, writes: bool) -> list[Translated]:
    """Drafts for those who write translations; for all others what somebody else has read over."""
    shown = [row for row in rows if writes or row.status == TranslationStatus.REVIEWED]
    return [_translated(row, user, writes) for row in shown]


def _translated(row: ContributionTranslation, user: AnyUser, writes: bool) -> Translated:
    reviewed = row.status == TranslationStatus.REVIEWED
    reference = row.contribution.reference
    edit = f"{reverse('contribution_translation', args=[reference])}?{urlencode({'language': row.language})}"
    review = reverse("contribution_translation_review", args=[reference, row.language])
    return Translated(
        subject=row.title,
        text=row.text,
        lang=row.language,
        author=str(row.by) if writes else _("General Secretariat"),
        at=row.at,
        tag=("accepted" if reviewed else "draft", str(row.get_status_display())),
        edit_url=edit if writes else "",
        review_url=review if writes and not reviewed and row.by_id != user.pk else "",
        seen=row.version,
    )


def as_state(row: Contribution) -> View:
    author = row.shown_name or _("An accredited organization that asked that its name be withheld")
    files = [_file(file, f"{row.reference}-{number}") for number, file in enumerate(_standing(row), start=1)]
    return _view(row, author, files)


def as_insider(row: Contribution) -> View:
    """For the organization itself and for the Secretariat."""
    return _view(row, row.institution.name, [_file(file, file.original_name) for file in _standing(row)])


def _standing(row: Contribution) -> list[Attachment]:
    return [file for file in row.files.all() if file.removed_at is None]


def _file(file: Attachment, label: str) -> File:
    url = reverse("contribution_file", args=[file.public_id]) if file.is_served else ""
    return File(label, url, f"{file.kind.upper()} · {file.get_scan_state_display()}")


def _view(row: Contribution, author: str, files: list[File]) -> View:
    view = View(
        reference=row.reference,
        author=author,
        title=row.title or _("Without a title yet"),
        text=row.text,
        language=row.language,
        kind=str(Kind(row.kind).label),
        period=f"{month_date(row.period_from)} – {month_date(row.period_to)}" if row.period_from else "",
        visibility=str(Visibility(row.visibility).label),
        status=row.status,
        tag=status_tag(row),
        states=list(row.states.all()),
        activities=list(row.activities.all()),
        files=files,
        replies=[Reply(one.state, one.text, one.language, one.at) for one in row.replies.all()],
        sent_at=row.sent_at,
        url=row.get_absolute_url(),
        is_late=row.is_late,
    )
    view.rows.extend(_rows(view, row))
    return view


def _rows(view: View, row: Contribution) -> list[Row]:
    rows = [
        Row(_("Organization"), view.author),
        Row(_("Kind"), view.kind),
        Row(_("Period of the report"), row.round.code),
        Row(_("Time it is about"), view.period),
        Row(_("States"), ", ".join(state.name for state in view.states)),
        Row(_("Activities"), ", ".join(activity.number for activity in view.activities)),
        Row(_("Who may read it"), view.visibility),
    ]
    return [one for one in rows if one.value]


def status_tag(row: Contribution) -> tuple[str, str]:
    return TAGS[Status(row.status)], str(row.get_status_display())


def list_rows(rows: Iterable[Contribution], own_side: bool) -> list[View]:
    return [as_insider(row) if own_side else as_state(row) for row in rows]


def history(changes: Iterable[Change], insider: bool) -> list[Happened]:
    """Newest first. States read what happened and when, never by whom."""
    return [
        Happened(str(STEP_DONE[Step(change.step)]), change.at, str(change.by) if insider else "")
        for change in reversed(list(changes))
    ]


@dataclass(frozen=True)
class Button:
    label: str
    url: str
    plain: bool  # a form of its own; otherwise a link to a page that asks more
    kind: str = "primary"


def step_buttons(steps: Iterable[Step], row: Contribution) -> list[Button]:
    pages = {Step.NOT_USE: "contribution_not_use"}
    kinds = {Step.NOT_USE: "secondary", Step.WITHDRAW: "danger"}
    return [
        Button(
            label=str(step.label),
            url=reverse(pages[step], args=[row.reference])
            if step in pages
            else reverse("contribution_step", args=[row.reference, step.value]),
            plain=step not in pages,
            kind=kinds.get(step, "primary"),
        )
        for step in steps
        if step != Step.SEND  # it has a page that shows what is sent
    ]


@dataclass(frozen=True)
class BulkRow:
    """A row of a workbook as it would be sent."""

    number: int
    title: str
    language: str
    kind: str
    states: str
    activities: str
    visibility: str
    withheld: bool


def bulk_rows(filing: BulkFiling, names: Mapping[str, str]) -> list[BulkRow]:
    faulty = filing.faulty_rows
    return [_bulk_row(line["row"], line["values"], names) for line in filing.lines if line["row"] not in faulty]


def _bulk_row(number: int, values: Mapping[str, Any], names: Mapping[str, str]) -> BulkRow:
    return BulkRow(
        number=number,
        title=values["title"],
        language=values["language"],
        kind=str(Kind(values["kind"]).label),
        states=", ".join(names.get(code, code) for code in values["states"]),
        activities=", ".join(values["activities"]),
        visibility=str(Visibility(values["visibility"]).label),
        withheld=values["name_withheld"] and values["visibility"] != Visibility.SECRETARIAT,
    )


def bulk_problems(filing: BulkFiling) -> list[dict[str, Any]]:
    """With the column's heading in the reader's language."""
    return [{**problem, "column": _column_words(problem["column"])} for problem in filing.problems]


def _column_words(column: str) -> str:
    if column in SheetColumn.values:
        return str(SheetColumn(column).label)
    return column or _("whole row")


def accreditation_rows(row: Accreditation) -> list[Row]:
    rows = [
        Row(pgettext("organization", "Kind"), row.get_kind_display()),
        Row(_("Reference in the OAS register of civil-society organizations"), row.register_reference),
        Row(_("What it does"), row.purpose, row.name_language),
        Row(_("States"), ", ".join(state.name for state in row.states.all())),
        Row(_("Themes"), ", ".join(row.themes) or _("All")),
        Row(_("Contact"), f"{row.contact_name}, {row.contact_email}"),
        Row(_("Applied on"), month_date(row.applied_at.date())),
        Row(_("First look"), f"{row.vetted_by}: {row.vetting_note}" if row.vetted_by else ""),
        Row(_("Decided by"), str(row.decided_by or "")),
        Row(_("Refused because"), row.refusal_reason),
        Row(_("In force until"), month_date(row.valid_to)),
    ]
    return [one for one in rows if one.value]


def accreditation_tag(row: Accreditation) -> tuple[str, str]:
    if row.status == "accredited" and not row.is_in_force:
        return "overdue", _("Ended")
    return ACCREDITATION_TAGS[row.status], str(row.get_status_display())


def file_rows(files: Iterable[Attachment]) -> list[File]:
    return [_file(file, file.original_name) for file in files if file.removed_at is None]
