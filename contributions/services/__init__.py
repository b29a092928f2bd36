"""What people do with contributions: atomic, audited, and with the actor named."""

from contributions.services.accreditation import (
    ApplicationData,
    accredit,
    apply,
    refuse,
    remind_of_end,
    renew,
    vet,
)
from contributions.services.bulk import BulkFault, FaultyBulk, file_many, read_bulk, send_bulk
from contributions.services.contributions import (
    Draft,
    answer,
    ask,
    cite,
    draft_contribution,
    not_use,
    reply,
    revise,
    send,
    send_digests,
    take_step,
)
from contributions.services.files import FileData, attach, note_download, remove
from contributions.services.translations import review_translation, translate

__all__ = [
    "ApplicationData",
    "BulkFault",
    "Draft",
    "FaultyBulk",
    "FileData",
    "accredit",
    "answer",
    "apply",
    "ask",
    "attach",
    "cite",
    "draft_contribution",
    "file_many",
    "not_use",
    "note_download",
    "read_bulk",
    "refuse",
    "remind_of_end",
    "remove",
    "renew",
    "reply",
    "review_translation",
    "revise",
    "send",
    "send_bulk",
    "send_digests",
    "take_step",
    "translate",
    "vet",
]
