"""Codes of people and institutions. Roles are those of the design's list; each is held for a time in an institution."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Language(TextChoices):
    ES = "es", "Español"
    EN = "en", "English"
    FR = "fr", "Français"
    PT_BR = "pt-br", "Português"


class InstitutionKind(TextChoices):
    AUTHORITY = "authority", _("National authority")
    AGENCY = "agency", _("Agency or ministry")
    MISSION = "mission", _("Permanent mission to the OAS")
    SECRETARIAT = "secretariat", _("OAS General Secretariat")
    MEETING = "meeting", _("Officers of the Meeting")
    PARTNER = "partner", _("Partner organization")


class BodyType(TextChoices):
    COMMITTEE = "committee", _("Committee")
    COMMISSION = "commission", _("Commission")
    COUNCIL = "council", _("Council")
    TASK_FORCE = "task_force", _("Task force")
    SECRETARIAT = "secretariat", _("Secretariat")
    UNIT = "unit", _("Specialized unit")
    COALITION = "coalition", _("Coalition")
    MINISTRY = "ministry", _("Ministry")
    WORKING_GROUP = "working_group", _("Working group")
    OFFICE = "office", _("Office")
    OTHER = "other", _("Other")


class Confidence(TextChoices):
    """How sure the portal is of a fact about a State; only verified and confirmed facts are shown as such."""

    CONFIRMED = "confirmed", _("Confirmed by the State")
    VERIFIED = "verified", _("Found in a public source")
    BACKGROUND = "background", _("To be confirmed by the State")
    UNSURE = "unsure", _("Unsure, to be confirmed by the State")
    NOT_FOUND = "not_found", _("Not found")


class Role(TextChoices):
    FOCAL_POINT = "focal_point", _("National focal point")
    CONTRIBUTOR = "contributor", _("National contributor")
    APPROVER = "approver", _("Approver")
    MISSION_OBSERVER = "mission_observer", _("Permanent mission observer")
    CASE_WORKER = "case_worker", _("Case worker")
    CASE_SUPERVISOR = "case_supervisor", _("Case supervisor")
    CUSTODIAN = "custodian", _("Custodian of identities")
    STATE_AUDITOR = "state_auditor", _("State auditor")
    STATE_USER_ADMIN = "state_user_admin", _("State user administrator")
    SECRETARIAT_OFFICER = "secretariat_officer", _("Secretariat officer")
    SECRETARIAT_ADMIN = "secretariat_admin", _("Secretariat administrator")
    TRANSLATOR = "translator", _("Translator")
    MEETING_OFFICER = "meeting_officer", _("Officer of the Meeting")
    PARTNER = "partner", _("Partner organization")


# Which roles an institution of each kind can give.
ROLES_OF_KIND: dict[str, frozenset[str]] = {
    InstitutionKind.AUTHORITY: frozenset(
        {
            Role.FOCAL_POINT,
            Role.CONTRIBUTOR,
            Role.APPROVER,
            Role.CASE_WORKER,
            Role.CASE_SUPERVISOR,
            Role.CUSTODIAN,
            Role.STATE_AUDITOR,
            Role.STATE_USER_ADMIN,
        }
    ),
    InstitutionKind.AGENCY: frozenset(
        {Role.CONTRIBUTOR, Role.CASE_WORKER, Role.CASE_SUPERVISOR, Role.CUSTODIAN, Role.STATE_AUDITOR}
    ),
    InstitutionKind.MISSION: frozenset({Role.MISSION_OBSERVER}),
    InstitutionKind.SECRETARIAT: frozenset({Role.SECRETARIAT_OFFICER, Role.SECRETARIAT_ADMIN, Role.TRANSLATOR}),
    InstitutionKind.MEETING: frozenset({Role.MEETING_OFFICER}),
    InstitutionKind.PARTNER: frozenset({Role.PARTNER}),
}

# Roles of the sealed area: the institutions of a State give them, never the General Secretariat.
SEALED_ROLES = frozenset({Role.CASE_WORKER, Role.CASE_SUPERVISOR, Role.CUSTODIAN, Role.STATE_AUDITOR})
# Whoever holds one of these manages the people of their own State.
MANAGER_ROLES = (Role.FOCAL_POINT, Role.STATE_USER_ADMIN)
# Roles that read the whole report of their own State; everybody else reads what was handed to them.
REPORT_ROLES = (Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.APPROVER, Role.MISSION_OBSERVER)
SECRETARIAT_ROLES = (Role.SECRETARIAT_OFFICER, Role.SECRETARIAT_ADMIN)
