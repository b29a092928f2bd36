"""What people do with rounds and reports. Every function is atomic, audited and says who acts."""

from workplan.services.catalogue import CatalogueChange, import_catalogue
from workplan.services.entries import ActionData, EntryData, save_entry
from workplan.services.evidence import (
    MAX_EVIDENCE,
    EvidenceData,
    attach_address,
    attach_file,
    note_download,
    recheck_evidence,
    remove_evidence,
)
from workplan.services.grants import EntryHandover, GrantTerms, grant_entries, remove_ended_grants, revoke_entry
from workplan.services.questions import answer_question, ask_question, resolve_question
from workplan.services.rounds import close_round, create_round, open_round
from workplan.services.steps import (
    RatingData,
    accept,
    approve,
    return_report,
    return_to_author,
    send_to_coordinator,
    take_back,
)

__all__ = [
    "MAX_EVIDENCE",
    "ActionData",
    "CatalogueChange",
    "EntryData",
    "EntryHandover",
    "EvidenceData",
    "GrantTerms",
    "RatingData",
    "accept",
    "answer_question",
    "approve",
    "ask_question",
    "attach_address",
    "attach_file",
    "close_round",
    "create_round",
    "grant_entries",
    "import_catalogue",
    "note_download",
    "open_round",
    "recheck_evidence",
    "remove_ended_grants",
    "remove_evidence",
    "resolve_question",
    "return_report",
    "return_to_author",
    "revoke_entry",
    "save_entry",
    "send_to_coordinator",
    "take_back",
]
