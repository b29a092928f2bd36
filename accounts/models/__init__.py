"""States, institutions and the people who act for them. Institutions own things; people come and go."""

from accounts.models.appointments import FocalPointAppointment, NoteDocument
from accounts.models.hooks import HookEvent, HookNotice, Webhook, hook_cipher
from accounts.models.keys import ApiKey
from accounts.models.people import Invitation, RoleAssignment, User, UserManager
from accounts.models.reviews import AccessDecision, AccessReview, FactorReset
from accounts.models.states import Grouping, GroupingMember, Institution, State, StateMembership
from accounts.models.views import SavedView, ViewPin

__all__ = [
    "AccessDecision",
    "AccessReview",
    "ApiKey",
    "FactorReset",
    "FocalPointAppointment",
    "Grouping",
    "GroupingMember",
    "HookEvent",
    "HookNotice",
    "Institution",
    "Invitation",
    "NoteDocument",
    "RoleAssignment",
    "SavedView",
    "State",
    "StateMembership",
    "User",
    "UserManager",
    "ViewPin",
    "Webhook",
    "hook_cipher",
]
