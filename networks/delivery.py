"""The work of tasks: mails without content, and the copies of files that are given out."""

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.checked_files import process_file
from core.models import OutboxMessage
from core.spreadsheets import harmless
from networks.enums import Notice
from networks.models import CooperationRequest, Desk, Document

# Where each notice leads; those about one request lead to it.
PAGES = {
    Notice.REQUEST_ESCALATED: "escalation_list",
    Notice.DESK_STALE: "directory_list",
    Notice.MATCH_PROPOSED: "assistance_list",
}


def send_notice(user_id: int, notice: str, request_id: int) -> None:
    """Say that something waits: no State, no subject, no name. Whoever may no longer see it gets nothing."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        url = _address(user, notice, request_id)
        if url:
            body = render_to_string("networks/mail/notice.txt", {"what": str(Notice(notice).label), "url": url})
            send_mail(_("There is something for you in the portal"), body, None, [user.email])


def _address(user: User, notice: str, request_id: int) -> str:
    if Notice(notice) in PAGES:
        return str(settings.PORTAL_ADDRESS) + reverse(PAGES[Notice(notice)])
    request = CooperationRequest.objects.visible_to(user).filter(pk=request_id).first()
    return f"{settings.PORTAL_ADDRESS}{request.get_absolute_url()}" if request else ""


def process_document(message: OutboxMessage, document_id: int) -> None:
    document = Document.objects.get(pk=document_id)

    def record(verdict: dict[str, Any]) -> None:
        data = {"sha256": document.sha256, "state": verdict["scan_state"]}
        audit.record(system="networks", verb="document.checked", obj=document, data=data)

    process_file(message, document, folder="networks", record=record)


# --- the directory to take along ------------------------------------------------------------------

# Text that begins with = + - or @ stays text, and an address stays an address.
_BOOK = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def directory_workbook(desks: Iterable[Desk], filters: str) -> bytes:
    """The desks as a workbook; its first sheet says what it holds and of what day."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, _BOOK)
    rows = [_desk_row(desk) for desk in desks]
    _sheet(book, _("About"), [[_("Directory of contacts")], [_("Date"), timezone.localdate().isoformat()],
                              [_("Filters"), filters or _("None")], [_("Contacts"), str(len(rows))]])  # fmt: skip
    _sheet(book, _("Contacts"), [_desk_head(), *rows])
    book.close()
    return output.getvalue()


def _sheet(book: Any, name: str, rows: list[list[str]]) -> None:
    sheet = book.add_worksheet(name[:31])
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(number, column, harmless(text))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 12, 24)


def _desk_head() -> list[str]:
    words = (_("State"), _("Service"), _("Contact"), _("Institution"), _("Telephone"), _("E-mail"), _("Address"))
    return [*words, _("Languages"), _("Hours"), _("Answers within (hours)"), _("Verified on"), _("Visible to")]


def _desk_row(desk: Desk) -> list[str]:
    return [
        str(desk.institution.state or ""),
        desk.get_service_display(),
        desk.name,
        desk.institution.name,
        desk.phone,
        desk.email,
        desk.address,
        desk.language_names,
        desk.hours,
        str(desk.response_hours or ""),
        desk.verified_on.isoformat(),
        desk.get_visibility_display(),
    ]


def desk_card(desk: Desk) -> str:
    """A vCard 4.0 of the service: an organization, never a person."""
    state = desk.institution.state
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:org",
        f"UID:urn:uuid:{desk.public_id}",
        f"FN:{_card(desk.name)}",
        f"ORG:{_card(desk.institution.name)}",
        f"CATEGORIES:{_card(desk.service)}",
        *([f"TEL;VALUE=text;TYPE=work:{_card(desk.phone)}"] if desk.phone else []),
        *([f"EMAIL;TYPE=work:{_card(desk.email)}"] if desk.email else []),
        f"ADR;TYPE=work:;;{_card(desk.address)};;;;{_card(str(state) if state else '')}",
        *(f"LANG;PREF={number}:{code}" for number, code in enumerate(desk.languages, start=1)),
        f"REV:{desk.verified_on:%Y%m%d}",
        f"NOTE:{_card(desk.hours)}",
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _card(text: str) -> str:
    """RFC 6350: a comma, a semicolon or a line break in a value must not begin another one."""
    flat = " ".join(text.replace("\\", "\\\\").split())
    return flat.replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> str:
    """Lines of at most 75 bytes; no letter is cut in two."""
    pieces, piece = [], ""
    for char in line:
        if len((piece + char).encode()) > 74:
            pieces.append(piece)
            piece = ""
        piece += char
    return "\r\n ".join([*pieces, piece])
