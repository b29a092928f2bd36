"""The directory, networks and their rooms, cooperation requests, assistance, agreements, routes, plans and law.

Nothing here may hold a victim's identity: texts and files pass core.identity_guard, and what was confirmed after
a warning is kept beside the text.
"""

from networks.models.directory import STEMMERS, Desk
from networks.models.law import InstrumentAct, LegalInstrument, NationalPlan
from networks.models.requests import (
    CooperationRequest,
    Document,
    Escalation,
    RequestChange,
    RequestMessage,
    RequestTranslation,
)
from networks.models.rooms import (
    Announcement,
    Decision,
    GuestOffer,
    Meeting,
    Network,
    NetworkUserObjectPermission,
    Seat,
)
from networks.models.shared import Agreement, AgreementParty, AssistanceItem, AssistanceMatch, RouteFigure

__all__ = [
    "STEMMERS",
    "Agreement",
    "AgreementParty",
    "Announcement",
    "AssistanceItem",
    "AssistanceMatch",
    "CooperationRequest",
    "Decision",
    "Desk",
    "Document",
    "Escalation",
    "GuestOffer",
    "InstrumentAct",
    "LegalInstrument",
    "Meeting",
    "NationalPlan",
    "Network",
    "NetworkUserObjectPermission",
    "RequestChange",
    "RequestMessage",
    "RequestTranslation",
    "RouteFigure",
    "Seat",
]
