"""Codes of people and institutions. Roles are those of the design's list; each is held for a time in an institution."""

from functools import cache
from zoneinfo import available_timezones

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
# Two people give these: one asks, another confirms. The last three make such second people (docs/adr/0197).
TWO_PERSON_ROLES = SEALED_ROLES | {Role.STATE_USER_ADMIN, Role.SECRETARIAT_ADMIN, Role.FOCAL_POINT}
# Whoever holds one of these manages the people of their own State.
MANAGER_ROLES = (Role.FOCAL_POINT, Role.STATE_USER_ADMIN)
# Keys of a signed-in session: when it began, its last activity, whether the second factor is set up.
STARTED, SEEN, PROTECTED = "access_started", "access_seen", "access_protected"
# Why the session before was ended, until the next sign-in; that sign-in then returns to the interrupted page.
ENDED, RETURNING = "access_ended", "access_returning"

# Roles that read the whole report of their own State; everybody else reads what was handed to them.
REPORT_ROLES = (Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.APPROVER, Role.MISSION_OBSERVER)
SECRETARIAT_ROLES = (Role.SECRETARIAT_OFFICER, Role.SECRETARIAT_ADMIN)

# Who may have a key to the API: the roles of the open area.
API_ROLES = (*REPORT_ROLES, *SECRETARIAT_ROLES, Role.MEETING_OFFICER, Role.PARTNER)
KEY_LIFETIMES = [(30, _("30 days")), (90, _("90 days")), (365, _("One year"))]

# Who reads a note verbale beside the Secretariat's administrators.
NOTE_READERS = (*MANAGER_ROLES, Role.STATE_AUDITOR)


# --- the note verbale as a file -------------------------------------------------------------------

NOTE_KINDS = ("pdf", "jpeg", "png")  # core.sanitize.kinds


class NoteRefusal(TextChoices):
    """Why a file is not taken, and what to do; codes of core.sanitize.kinds.Code, those that can come here."""

    EMPTY = "empty", _("The file is empty.")
    TOO_LARGE = "too_large", _("The file is larger than 10 MB. Make it smaller.")
    TYPE = "type", _("Attach the note as a PDF, JPG or PNG file.")
    MISMATCH = "mismatch", _("The content of the file is not what its name says. Save it again in the right format.")
    PASSWORD = "password", _("The file is protected by a password. Remove the password and attach it again.")
    PIXELS = "pixels", _("The picture is too large. Make it smaller.")
    SCRIPT = "script", _("The file holds a program. Print it to a new PDF and attach that.")
    EMBEDDED = "embedded", _("The file holds another file. Print it to a new PDF and attach that.")
    UNREADABLE = "unreadable", _("The file is damaged or too complex to be checked. Print it to a new PDF.")

    @classmethod
    def of(cls, code: str) -> "NoteRefusal":
        return cls(code) if code in cls.values else cls.UNREADABLE


# --- a lost second factor -------------------------------------------------------------------------


class Identified(TextChoices):
    """How the coordinator made sure who asks. A mail or a call from an unknown number is no way."""

    IN_PERSON = "in_person", _("In person")
    BY_VIDEO = "by_video", _("By video; I know the face")
    CALLED_BACK = "called_back", _("I called back at the number the institution has")


class FactorNotice(TextChoices):
    """Mails about a reset; what they say is in accounts.delivery."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    STOPPED = "stopped"
    APPLIED = "applied"


class KeyScope(TextChoices):
    """What a key to the API opens of what its person may do."""

    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


# One line for each role, so that who gives it knows what they give.
ROLE_HINTS = {
    Role.CONTRIBUTOR: _("Writes the entries of the report, or those handed over."),
    Role.APPROVER: _("Approves what somebody else wrote and sends it."),
    Role.MISSION_OBSERVER: _("Reads the reports of the own State."),
    Role.CASE_WORKER: _("Keeps the records of the own cases. Sealed area."),
    Role.CASE_SUPERVISOR: _("Assigns and follows cases. Sealed area."),
    Role.CUSTODIAN: _("Decides who sees identities. Sealed area."),
    Role.STATE_AUDITOR: _("Reads the trail of who did what in the State’s data."),
    Role.STATE_USER_ADMIN: _("Invites people of the State and ends their access."),
    Role.SECRETARIAT_OFFICER: _("Opens rounds, reviews reports, drafts the evaluation."),
    Role.SECRETARIAT_ADMIN: _("Records appointments and manages accounts."),
    Role.TRANSLATOR: _("Edits translations; originals stay locked."),
    Role.MEETING_OFFICER: _("Chair, vice-chair or rapporteur: reads what was submitted."),
    Role.PARTNER: _("Contributes beside a State’s report."),
}
_AMERICAS = ("America/", "Atlantic/Bermuda", "Pacific/Galapagos", "Pacific/Easter", "Pacific/Honolulu")


@cache
def time_zones() -> list[tuple[str, str]]:
    """Choices of a person's time zone: those of the hemisphere."""
    names = sorted(name for name in available_timezones() if name.startswith(_AMERICAS))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


# --- notices to another system --------------------------------------------------------------------

# Who may have the portal call a system of their institution: whoever answers for the institution.
HOOK_ROLES = (Role.FOCAL_POINT, Role.SECRETARIAT_ADMIN, Role.PARTNER)


class HookKind(TextChoices):
    """What a system is told of. Codes are part of the interface: one that was used is never given another meaning."""

    ROUND_OPENED = "round.opened", _("A reporting period opened")
    REPORT_SUBMITTED = "report.submitted", _("A report was sent to the Secretariat")
    REPORT_RETURNED = "report.returned", _("A report was returned")
    REPORT_ACCEPTED = "report.accepted", _("A report was accepted")
    REPORT_REOPENED = "report.reopened", _("An accepted report was reopened")
    QUESTION_ASKED = "question.asked", _("The Secretariat asked a question")
    QUESTION_ANSWERED = "question.answered", _("A question was answered")
    REQUEST_RECEIVED = "request.received", _("A request from another State arrived")
    REQUEST_ANSWERED = "request.answered", _("A request was answered or declined")
    CONSULTATION_OPENED = "consultation.opened", _("An evaluation waits for the State’s comments")
    CONSULTATION_COMMENTED = "consultation.commented", _("A State commented on an evaluation")
    EVALUATION_PUBLISHED = "evaluation.published", _("An evaluation was published")
    CONTRIBUTION_RECEIVED = "contribution.received", _("A contribution arrived")
    CONTRIBUTION_DECIDED = "contribution.decided", _("A contribution was accepted or not used")
    TEST = "test", _("A test")


# Of these nobody can ask to be told, or everybody is.
UNCHOSEN_HOOKS = (HookKind.TEST,)


class HookState(TextChoices):
    ACTIVE = "active", _("Switched on")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Switched off after too many failures")
    ENDED = "ended", _("Removed")


class NoticeState(TextChoices):
    """Where one notice stands."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Delivered")
    DEAD = "dead", _("Given up")
