"""What people do with rounds and reports. Every function is atomic, audited and says who acts."""

from workplan.services.catalogue import CatalogueChange, import_catalogue
from workplan.services.drafts import PageMark, close_draft, keep_draft, set_discarded
from workplan.services.entries import ActionData, EntryData, save_entry
from workplan.services.evidence import (
    MAX_EVIDENCE,
    EvidenceData,
    attach_address,
    attach_file,
    note_download,
    remove_evidence,
)
from workplan.services.extensions import Verdict, decide_extension, request_extension
from workplan.services.grants import EntryHandover, GrantTerms, grant_entries, remove_ended_grants, revoke_entry
from workplan.services.imports import confirm_import, faulty_rows, note_export, start_import, undo_import, undo_until
from workplan.services.papers import request_form, request_paper
from workplan.services.presence import end_presence, note_presence
from workplan.services.publication import publish_report, unpublish_report
from workplan.services.questions import answer_question, ask_question, resolve_question
from workplan.services.reminders import choose_digest, due_offset, mark_read, recipients, remind, remind_now
from workplan.services.rounds import close_round, create_round, freeze_round, open_round
from workplan.services.steps import (
    Filing,
    RatingData,
    accept,
    approve,
    ask_return,
    file_for_state,
    note_opening,
    note_paper,
    reopen,
    return_report,
    return_to_author,
    send_to_coordinator,
    take_back,
    withdraw,
)

__all__ = [
    "MAX_EVIDENCE",
    "ActionData",
    "CatalogueChange",
    "EntryData",
    "EntryHandover",
    "EvidenceData",
    "Filing",
    "GrantTerms",
    "PageMark",
    "RatingData",
    "Verdict",
    "accept",
    "answer_question",
    "approve",
    "ask_question",
    "ask_return",
    "attach_address",
    "attach_file",
    "choose_digest",
    "close_draft",
    "close_round",
    "confirm_import",
    "create_round",
    "decide_extension",
    "due_offset",
    "end_presence",
    "faulty_rows",
    "file_for_state",
    "freeze_round",
    "grant_entries",
    "import_catalogue",
    "keep_draft",
    "mark_read",
    "note_download",
    "note_export",
    "note_opening",
    "note_paper",
    "note_presence",
    "open_round",
    "publish_report",
    "recipients",
    "remind",
    "remind_now",
    "remove_ended_grants",
    "remove_evidence",
    "reopen",
    "request_extension",
    "request_form",
    "request_paper",
    "resolve_question",
    "return_report",
    "return_to_author",
    "revoke_entry",
    "save_entry",
    "send_to_coordinator",
    "set_discarded",
    "start_import",
    "take_back",
    "undo_import",
    "undo_until",
    "unpublish_report",
    "withdraw",
]
