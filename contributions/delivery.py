"""The work of tasks: mails without content, copies of files that are given out; and the workbook to fill in."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Language
from accounts.models import User
from contributions.enums import MAX_BULK_ROWS, Kind, SheetColumn, Visibility
from contributions.models import Attachment
from core import audit
from core.checked_files import process_file
from core.models import OutboxMessage

NOTICES = {
    "news": gettext_lazy("There is news of what your organization contributed."),
    "ending": gettext_lazy("The accreditation of your organization ends soon. It can be renewed now."),
}


def send_notice(user_id: int, notice: str) -> None:
    """Say that there is something to read: no State, no title, no organization."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        url = f"{settings.PORTAL_ADDRESS}{reverse('contribution_list')}"
        body = render_to_string("contributions/mail/notice.txt", {"what": str(NOTICES[notice]), "url": url})
        send_mail(_("There is something for you in the portal"), body, None, [user.email])


def process_attachment(message: OutboxMessage, attachment_id: int) -> None:
    attachment = Attachment.objects.get(pk=attachment_id)

    def record(verdict: dict[str, Any]) -> None:
        data = {"sha256": attachment.sha256, "state": verdict["scan_state"]}
        audit.record(system="contributions", verb="attachment.checked", obj=attachment, data=data)

    process_file(message, attachment, folder="contributions", record=record)


# --- the workbook of many contributions -----------------------------------------------------------

ABOUT = "portal_about"  # first cell of the sheets that explain the others
LISTS = "lists"  # the hidden sheet behind the drop-downs
C = SheetColumn
WIDTHS = {
    C.VISIBILITY: 30, C.WITHHELD: 14, C.KIND: 18, C.LANGUAGE: 14, C.STATES: 30, C.ACTIVITIES: 18, C.TITLE: 34,
    C.TEXT: 70, C.FROM: 14, C.UNTIL: 14, C.REASON: 30,
}  # fmt: skip


def bulk_template(states: Sequence[str], activities: Sequence[tuple[str, str]]) -> bytes:
    """In the reader's language, with drop-downs; States and activities are those of the accreditation.

    Every cell is written as text, so that none is ever run as a formula.
    """
    out = io.BytesIO()
    lists = {
        C.VISIBILITY: [str(label) for label in Visibility.labels],
        C.WITHHELD: [_("Yes"), _("No")],
        C.KIND: [str(label) for label in Kind.labels],
        C.LANGUAGE: [str(label) for label in Language.labels],
        C.STATES: list(states),
        C.ACTIVITIES: [code for code, _title in activities],
    }
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": _("Contributions"), "author": "", "comments": ""})
        _explain(book, activities)
        _rows_sheet(book, lists)
        _list_sheet(book, lists)
    return out.getvalue()


def _explain(book: Any, activities: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(_("About this file")[:31])
    sheet.set_column(0, 0, None, None, {"hidden": True})
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 100)
    sheet.write_string(0, 0, ABOUT)
    lines = (
        _("One row is one contribution. Choose from the lists in the cells."),
        _("Where a contribution is about several States or activities, put a semicolon between two."),
        _("Dates are written as 2014-01-31 or 31/01/2014."),
        _("Never write who a victim is: no name, number of a document or telephone, no date of birth."),
        _("Before anything is sent, the portal shows you what each row would be and what is wrong."),
        _("The list of activities is provisional until it is checked against the official text."),
    )
    for number, line in enumerate(lines):
        sheet.write_string(number, 1, line)
    for number, (code, title) in enumerate(activities, start=len(lines) + 1):
        sheet.write_string(number, 1, code)
        sheet.write_string(number, 2, title)
    sheet.protect()


def _rows_sheet(book: Any, lists: Mapping[SheetColumn, Sequence[str]]) -> None:
    base = {"text_wrap": True, "valign": "top", "num_format": "@"}  # text, or a date becomes a number
    head, cell = book.add_format({**base, "bold": True, "bg_color": "#DDE6EE", "bottom": 1}), book.add_format(base)
    sheet = book.add_worksheet(_("Contributions")[:31])
    for place, column in enumerate(C):
        sheet.set_column(place, place, WIDTHS[column], cell)
        sheet.write_string(0, place, str(column.label), head)
        if column in lists:
            sheet.data_validation(1, place, MAX_BULK_ROWS, place, _drop_down(list(lists), column, lists[column]))
    sheet.freeze_panes(1, 0)
    sheet.activate()


def _drop_down(columns: Sequence[SheetColumn], column: SheetColumn, words: Sequence[str]) -> dict[str, Any]:
    letter = "ABCDEF"[columns.index(column)]
    # Several of them are typed, with a semicolon: the list then helps and does not refuse.
    takes_several = column in (C.STATES, C.ACTIVITIES)
    return {
        "validate": "list",
        "source": f"={LISTS}!${letter}$1:${letter}${max(len(words), 1)}",
        "show_error": not takes_several,
        "error_title": _("Choose from the list")[:32],
        "error_message": "; ".join(words)[:250],
    }


def _list_sheet(book: Any, lists: Mapping[SheetColumn, Sequence[str]]) -> None:
    sheet = book.add_worksheet(LISTS)
    for place, words in enumerate(lists.values()):
        for number, word in enumerate(words):
            sheet.write_string(number, place, word)
    sheet.hide()
