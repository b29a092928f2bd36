"""What is made for people or done behind the pages: files checked, mails, spreadsheets. Calls no service."""

from workplan.delivery.digests import calendar, digest_lines, send_digest
from workplan.delivery.evidence import FileDamaged, process_evidence
from workplan.delivery.spreadsheet import ABOUT, LISTS, Mark, Sheet, SheetRow, answer_sheets, report_key, workbook

__all__ = [
    "ABOUT",
    "LISTS",
    "FileDamaged",
    "Mark",
    "Sheet",
    "SheetRow",
    "answer_sheets",
    "calendar",
    "digest_lines",
    "process_evidence",
    "report_key",
    "send_digest",
    "workbook",
]
