"""What pages of a record show: words for codes, the frame around every section, never a name."""

from victims.presenters.accesses import access_rows
from victims.presenters.consents import approval_rows, consent_rows
from victims.presenters.counts import count_job_context, running_counts
from victims.presenters.entries import (
    EntryRow,
    entry_details,
    entry_labels,
    entry_rows,
    entry_title,
    note_rows,
    told_times,
)
from victims.presenters.frame import (
    ADD,
    FACT_SECTIONS,
    SECTION_OF,
    SECTIONS,
    StageStep,
    frame,
    is_answered,
    risk_of,
    summary_rows,
)
from victims.presenters.parts import Fact, Link, Row, approximate, fact_rows, shown
from victims.presenters.referrals import envelope_rows, preview_parts, preview_rows, timeline
from victims.presenters.retention import erased_rows, key_finding, retention_rows, retention_steps

__all__ = [
    "ADD",
    "FACT_SECTIONS",
    "SECTIONS",
    "SECTION_OF",
    "EntryRow",
    "Fact",
    "Link",
    "Row",
    "StageStep",
    "access_rows",
    "approval_rows",
    "approximate",
    "consent_rows",
    "count_job_context",
    "entry_details",
    "entry_labels",
    "entry_rows",
    "entry_title",
    "envelope_rows",
    "erased_rows",
    "fact_rows",
    "frame",
    "is_answered",
    "key_finding",
    "note_rows",
    "preview_parts",
    "preview_rows",
    "retention_rows",
    "retention_steps",
    "risk_of",
    "running_counts",
    "shown",
    "summary_rows",
    "timeline",
    "told_times",
]
