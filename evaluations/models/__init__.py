"""The evaluation summary for the Fourth Meeting, and the register of the Meetings."""

from evaluations.models.consultations import Consultation, StateComment
from evaluations.models.evaluations import (
    Artefact,
    Document,
    Element,
    Evaluation,
    Exclusion,
    FurtherRound,
    Publication,
    Snapshot,
    StatePaper,
    all_formats,
    all_languages,
)
from evaluations.models.meetings import AgendaItem, Conclusion, FollowUp, Meeting, MeetingDocument, Officer
from evaluations.models.translations import Translation

__all__ = [
    "AgendaItem",
    "Artefact",
    "Conclusion",
    "Consultation",
    "Document",
    "Element",
    "Evaluation",
    "Exclusion",
    "FollowUp",
    "FurtherRound",
    "Meeting",
    "MeetingDocument",
    "Officer",
    "Publication",
    "Snapshot",
    "StateComment",
    "StatePaper",
    "Translation",
    "all_formats",
    "all_languages",
]
