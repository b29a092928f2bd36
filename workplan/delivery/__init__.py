"""What is made for people or done behind the pages: files checked, mails, spreadsheets. Calls no service."""

from workplan.delivery.blank import form_content, write_form
from workplan.delivery.digests import calendar, digest_lines, send_digest
from workplan.delivery.evidence import process_evidence
from workplan.delivery.figures import Reading, detail_words
from workplan.delivery.papers import paper_content, write_paper
from workplan.delivery.spreadsheet import ABOUT, LISTS, Mark, Sheet, SheetRow, answer_sheets, report_key, workbook
from workplan.delivery.wording import Wording, WordingArea, compared_areas, part_changes

__all__ = [
    "ABOUT",
    "LISTS",
    "Mark",
    "Reading",
    "Sheet",
    "SheetRow",
    "Wording",
    "WordingArea",
    "answer_sheets",
    "calendar",
    "compared_areas",
    "detail_words",
    "digest_lines",
    "form_content",
    "paper_content",
    "part_changes",
    "process_evidence",
    "report_key",
    "send_digest",
    "workbook",
    "write_form",
    "write_paper",
]
