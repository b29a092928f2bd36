"""What the Secretariat does with evaluations and with the register of the Meetings."""

from core import jobs
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from evaluations.imports import MAX_BYTES, BadInterchange
from evaluations.services.consultations import move_consultation, open_consultation, save_comments
from evaluations.services.elements import bring_back_element, restore_element, save_element, withdraw_element
from evaluations.services.evaluations import (
    KIND,
    build_again,
    create_evaluation,
    exclude_state,
    include_state,
    publish,
    record_download,
    record_paper_download,
    record_written_download,
    remind_state,
    request_build,
)
from evaluations.services.meetings import follow_up, keep_record
from evaluations.services.translations import import_translations, save_translation

__all__ = [
    "KIND",
    "MAX_BYTES",
    "BadInterchange",
    "NotAllowed",
    "PortalError",
    "StaleVersion",
    "StepRefused",
    "bring_back_element",
    "build_again",
    "create_evaluation",
    "exclude_state",
    "follow_up",
    "import_translations",
    "include_state",
    "jobs",
    "keep_record",
    "move_consultation",
    "open_consultation",
    "publish",
    "record_download",
    "record_paper_download",
    "record_written_download",
    "remind_state",
    "request_build",
    "restore_element",
    "save_comments",
    "save_element",
    "save_translation",
    "withdraw_element",
]
