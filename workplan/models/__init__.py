"""The Work Plan, its catalogue of activities, the rounds of reporting and the reports of States and Secretariat."""

from workplan.models.deadlines import Digest, DigestChoice, Extension, Notification
from workplan.models.evidence import Evidence
from workplan.models.imports import ImportRun
from workplan.models.plan import Activity, Area, Catalogue, Plan, PlanAmendment
from workplan.models.publication import PublicConsent
from workplan.models.reports import (
    Action,
    BlankForm,
    EntryDraft,
    EntryPresence,
    EntryUserObjectPermission,
    NoNegativeNumber,
    Report,
    ReportEntry,
    Round,
)
from workplan.models.versions import Question, Rating, Reply, ReportPaper, ReportVersion, ReviewOpening, StatusChange

__all__ = [
    "Action",
    "Activity",
    "Area",
    "BlankForm",
    "Catalogue",
    "Digest",
    "DigestChoice",
    "EntryDraft",
    "EntryPresence",
    "EntryUserObjectPermission",
    "Evidence",
    "Extension",
    "ImportRun",
    "NoNegativeNumber",
    "Notification",
    "Plan",
    "PlanAmendment",
    "PublicConsent",
    "Question",
    "Rating",
    "Reply",
    "Report",
    "ReportEntry",
    "ReportPaper",
    "ReportVersion",
    "ReviewOpening",
    "Round",
    "StatusChange",
]
