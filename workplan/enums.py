"""Codes of the Work Plan, its rounds and reports. The activities themselves are data, never code."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role


class Responsible(TextChoices):
    MEMBER_STATES = "member_states", _("Member States")
    GENERAL_SECRETARIAT = "general_secretariat", _("General Secretariat")
    JOINT = "joint", _("Member States and General Secretariat")


class Theme(TextChoices):
    """Conclusions 4a-4h of the Third Meeting, used as tags."""

    VISIBILITY = "4a", _("Visibility, against tolerance and impunity")
    VICTIM_CENTRE = "4b", _("The victim at the centre")
    PROTECTION = "4c", _("Protection without punishment")
    SHARED_RESPONSIBILITY = "4d", _("Shared responsibility")
    NETWORKS = "4e", _("Networks of authorities")
    JUSTICE_TRAINING = "4f", _("Training for justice")
    TECHNOLOGY = "4g", _("Technology and education")
    EVERY_FORM = "4h", _("Every form of the crime")


class RoundStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    FROZEN = "frozen", _("Frozen")


class ReportStatus(TextChoices):
    IN_PREPARATION = "in_preparation", _("In preparation")
    WITH_COORDINATOR = "with_coordinator", _("With the coordinator")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")


class ImplementationStatus(TextChoices):
    """Scale of domain.md section 8, after the words of the OAS's own evaluation mechanisms."""

    NOT_STARTED = "not_started", _("Not started")
    PLANNED = "planned", _("Planned or in preparation")
    PARTIAL = "partial", _("Partially implemented")
    SUBSTANTIAL = "substantial", _("Mostly implemented")
    FULL = "full", _("Fully implemented")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    NO_INFORMATION = "no_information", _("No information")


# The system alone writes "no information"; a person chooses among these.
SELECTABLE_STATUSES = [choice for choice in ImplementationStatus.choices if choice[0] != "no_information"]
# Those that count in a distribution's denominator.
COUNTED_STATUSES = ("not_started", "planned", "partial", "substantial", "full")
# Rules of the scale, so that thirty-four States use its words alike.
STATUS_HINTS: dict[str, Promise] = {
    ImplementationStatus.NOT_STARTED: _("No action in or before the period."),
    ImplementationStatus.PLANNED: _("There is a decision, a budget or a draft; nothing has been carried out."),
    ImplementationStatus.PARTIAL: _("Some of the elements, or part of the territory."),
    ImplementationStatus.SUBSTANTIAL: _("Most of the elements work in the whole country; you can name the gaps."),
    ImplementationStatus.FULL: _("All of the elements, and they are kept up."),
    ImplementationStatus.NOT_APPLICABLE: _("Your reason is asked below."),
}


class ActionKind(TextChoices):
    CAMPAIGN = "campaign", _("Campaign")
    TRAINING = "training", _("Training of justice officials")
    VIRTUAL_EDUCATION = "virtual_education", _("Online education or technology")
    ASSISTANCE = "assistance", _("Assistance program")
    PROTECTION = "protection", _("Protection measure")
    LAW_OR_PLAN = "law_or_plan", _("Law or plan")
    AGREEMENT = "agreement", _("Agreement or joint operation")
    NETWORK = "network", _("Network")
    STUDY = "study", _("Study")
    OTHER = "other", _("Other")


class Modality(TextChoices):
    """Forms of the crime that a campaign names; the gaps show which ones no campaign speaks of."""

    SEXUAL_EXPLOITATION = "sexual_exploitation", _("Sexual exploitation")
    FORCED_LABOR = "forced_labor", _("Forced labor")
    SERVITUDE = "servitude", _("Servitude")
    ORGAN_REMOVAL = "organ_removal", _("Removal of organs")
    FORCED_MARRIAGE = "forced_marriage", _("Forced marriage")
    BEGGING = "begging", _("Forced begging")
    OTHER = "other", _("Other forms")


class EducationLevel(TextChoices):
    """ISCED 2011."""

    EARLY_CHILDHOOD = "isced_0", _("Early childhood")
    PRIMARY = "isced_1", _("Primary")
    LOWER_SECONDARY = "isced_2", _("Lower secondary")
    UPPER_SECONDARY = "isced_3", _("Upper secondary")
    POST_SECONDARY = "isced_4", _("Post-secondary, not tertiary")
    SHORT_CYCLE = "isced_5", _("Short-cycle tertiary")
    BACHELOR = "isced_6", _("Bachelor or equivalent")
    MASTER = "isced_7", _("Master or equivalent")
    DOCTORAL = "isced_8", _("Doctoral or equivalent")
    ALL_LEVELS = "isced_all", _("Every level or the general public")


class NetworkLevel(TextChoices):
    LOCAL = "local", _("Local")
    NATIONAL = "national", _("National")
    SUBREGIONAL = "subregional", _("Subregional")
    HEMISPHERIC = "hemispheric", _("Hemispheric")


class NoCount(TextChoices):
    """Why a count is not given. Blank says nothing, and 0 is a count."""

    NO_DATA = "no_data", _("No data available")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class Detail(TextChoices):
    """What is asked of an action beyond its title, dates and place."""

    MODALITIES = "modalities", _("Forms of trafficking named")
    AUDIENCE = "audience", _("Audience")
    REACH = "reach", _("People reached")
    INSTITUTION = "institution", _("Institution")
    WOMEN = "women", _("Women trained")
    MEN = "men", _("Men trained")
    HOURS = "hours", _("Hours of training")
    EDUCATION_LEVEL = "education_level", _("Level of education")
    PARTICIPANTS = "participants", _("Participants")
    BENEFICIARIES = "beneficiaries", _("Beneficiaries")
    SERVICES = "services", _("Services given")
    MEASURE = "measure", _("What protects, and whom")
    IN_FORCE_FROM = "in_force_from", _("In force from")
    IN_FORCE_TO = "in_force_to", _("In force until")
    REFERENCE = "reference", _("Number or name of the document")
    PARTNER_STATES = "partner_states", _("Partner States")
    NETWORK_LEVEL = "network_level", _("Level of the network")
    ODD = "odd", _("Why a figure differs from the period before")


class DetailType(TextChoices):
    COUNT = "count", _("Count")
    TEXT = "text", _("Text")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    CHOICES = "choices", _("Choices")
    STATES = "states", _("States")


_COUNTS = (Detail.REACH, Detail.WOMEN, Detail.MEN, Detail.HOURS, Detail.PARTICIPANTS, Detail.BENEFICIARIES)
DETAIL_TYPES: dict[str, DetailType] = {
    **dict.fromkeys(_COUNTS, DetailType.COUNT),
    **dict.fromkeys((Detail.AUDIENCE, Detail.INSTITUTION, Detail.SERVICES, Detail.MEASURE), DetailType.TEXT),
    **dict.fromkeys((Detail.REFERENCE, Detail.ODD), DetailType.TEXT),
    **dict.fromkeys((Detail.IN_FORCE_FROM, Detail.IN_FORCE_TO), DetailType.DATE),
    **dict.fromkeys((Detail.EDUCATION_LEVEL, Detail.NETWORK_LEVEL), DetailType.CHOICE),
    Detail.MODALITIES: DetailType.CHOICES,
    Detail.PARTNER_STATES: DetailType.STATES,
}
DETAIL_CHOICES: dict[str, type[TextChoices]] = {
    Detail.MODALITIES: Modality,
    Detail.EDUCATION_LEVEL: EducationLevel,
    Detail.NETWORK_LEVEL: NetworkLevel,
}
# What the conclusions of the Third Meeting ask to be countable, by kind of action. The one table: forms, services,
# pages and tests read it.
DETAILS: dict[str, tuple[Detail, ...]] = {
    ActionKind.CAMPAIGN: (Detail.MODALITIES, Detail.AUDIENCE, Detail.REACH),
    ActionKind.TRAINING: (Detail.INSTITUTION, Detail.WOMEN, Detail.MEN, Detail.HOURS),
    ActionKind.VIRTUAL_EDUCATION: (Detail.EDUCATION_LEVEL, Detail.PARTICIPANTS),
    ActionKind.ASSISTANCE: (Detail.BENEFICIARIES, Detail.SERVICES),
    ActionKind.PROTECTION: (Detail.MEASURE,),
    ActionKind.LAW_OR_PLAN: (Detail.IN_FORCE_FROM, Detail.IN_FORCE_TO, Detail.REFERENCE),
    ActionKind.AGREEMENT: (Detail.PARTNER_STATES, Detail.REFERENCE),
    ActionKind.NETWORK: (Detail.NETWORK_LEVEL,),
    ActionKind.STUDY: (Detail.REFERENCE,),
    ActionKind.OTHER: (),
}
MAX_COUNT = 10**9
MAX_DETAIL = 300  # characters


def counts_of(kind: str) -> list[Detail]:
    return [name for name in DETAILS.get(kind, ()) if DETAIL_TYPES[name] == DetailType.COUNT]


class Obstacle(TextChoices):
    LEGAL = "legal", _("Legal")
    BUDGET = "budget", _("Budget")
    HUMAN_RESOURCES = "human_resources", _("Human resources")
    COORDINATION = "coordination", _("Coordination")
    DATA = "data", _("Data")
    SECURITY = "security", _("Security")
    POLITICAL = "political", _("Political change or transition")
    RELUCTANCE = "reluctance", _("Fear or reluctance of victims")
    DISASTER = "disaster", _("Disaster")
    OTHER = "other", _("Other")


class QuestionStatus(TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    RESOLVED = "resolved", _("Resolved")


class EntryField(TextChoices):
    """The parts of an entry that a question can be about."""

    STATUS = "status", _("Status")
    NARRATIVE = "narrative", _("What was done")
    RESULTS = "results", _("Results")
    PRACTICE = "practice", _("Good practice")
    OBSTACLES = "obstacles", _("Obstacles")
    ACTIONS = "actions", _("Actions in the period")


class EvidenceType(TextChoices):
    LAW = "law", _("Law")
    DECREE = "decree", _("Decree or regulation")
    PLAN = "plan", _("Plan or policy")
    BUDGET = "budget", _("Budget")
    STATISTICS = "statistics", _("Statistics")
    TRAINING_RECORD = "training_record", _("Training record")
    AGREEMENT = "agreement", _("Agreement")
    EVALUATION = "evaluation", _("Evaluation")
    JUDGMENT = "judgment", _("Judgment")
    PUBLICATION = "publication", _("Publication")
    WEB_PAGE = "web_page", _("Web page")
    OTHER = "other", _("Other")


class Visibility(TextChoices):
    STATE = "state", _("State only")
    SECRETARIAT = "secretariat", _("State and Secretariat")
    PUBLIC = "public", _("May be published")


# Of the Secretariat's own reports, which the officers of the Meeting read.
SECRETARIATS_VISIBILITY: dict[str, Promise] = {
    Visibility.STATE: _("Secretariat only"),
    Visibility.SECRETARIAT: _("Secretariat and officers of the Meeting"),
    Visibility.PUBLIC: Visibility.PUBLIC.label,
}


class Refusal(TextChoices):
    """Why a file is not taken, and what to do (core.sanitize.kinds.Code)."""

    EMPTY = "empty", _("The file is empty.")
    TOO_LARGE = "too_large", _("The file is larger than 10 MB. Make it smaller or split it.")
    TYPE = "type", _("Files of this type are not accepted. Attach a PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT or CSV.")
    MISMATCH = "mismatch", _("The content of the file is not what its name says. Save it again in the right format.")
    PASSWORD = "password", _("The file is protected by a password. Remove the password and attach it again.")
    LEGACY = "legacy", _("The file is in an old Office format. Save it as DOCX, XLSX or PDF.")
    UNREADABLE = "unreadable", _("The file is damaged or too complex to be checked. Save it as a new PDF.")
    ARCHIVE = "archive", _("The file unpacks to too much or to unsafe names. Save it as a new PDF.")
    MACROS = "macros", _("The file contains macros or controls. Save it without them, or as PDF.")
    SCRIPT = "script", _("The file contains a program or script. Print it to a new PDF.")
    EMBEDDED = "embedded", _("The file contains other files. Take them out, or print it to a new PDF.")
    EXTERNAL = "external", _("The file fetches content from elsewhere when it is opened. Save it as PDF.")
    ENTITIES = "entities", _("The file defines XML entities, as attacks do. Save it as a new PDF.")
    PIXELS = "pixels", _("The picture has too many pixels. Save it at a smaller size.")


class RemovedPart(TextChoices):
    """What the copy that is given out has no more (core.sanitize.kinds.Removed)."""

    METADATA = "metadata", _("author, dates, place and other hidden data")
    COMMENTS = "comments", _("comments")
    REVISIONS = "revisions", _("tracked changes (accepted)")
    SIGNATURE = "signature", _("digital signature (kept in the original)")
    LINKS = "links", _("links to files")
    FORMULAS = "formulas", _("formulas (shown as text)")


class Step(TextChoices):
    SEND_TO_COORDINATOR = "send_to_coordinator", _("Send to the coordinator")
    TAKE_BACK = "take_back", _("Take back")
    RETURN_TO_AUTHOR = "return_to_author", _("Return to the author")
    APPROVE = "approve", _("Approve and send to the Secretariat")
    RETURN = "return", _("Return to the State")
    ACCEPT = "accept", _("Accept")
    WITHDRAW = "withdraw", _("Take back from the Secretariat")
    ASK_RETURN = "ask_return", _("Ask for return")
    REOPEN = "reopen", _("Reopen")
    FILE_FOR_STATE = "file_for_state", _("File for the State")


@dataclass(frozen=True)
class Transition:
    sources: frozenset[str]
    target: str


_S = ReportStatus
# The one table of steps; services, pages and tests all read it.
TRANSITIONS: dict[str, Transition] = {
    Step.SEND_TO_COORDINATOR: Transition(frozenset({_S.IN_PREPARATION, _S.RETURNED}), _S.WITH_COORDINATOR),
    Step.TAKE_BACK: Transition(frozenset({_S.WITH_COORDINATOR}), _S.IN_PREPARATION),
    Step.RETURN_TO_AUTHOR: Transition(frozenset({_S.WITH_COORDINATOR}), _S.IN_PREPARATION),
    Step.APPROVE: Transition(frozenset({_S.WITH_COORDINATOR}), _S.SUBMITTED),
    Step.RETURN: Transition(frozenset({_S.SUBMITTED}), _S.RETURNED),
    Step.ACCEPT: Transition(frozenset({_S.SUBMITTED}), _S.ACCEPTED),
    Step.WITHDRAW: Transition(frozenset({_S.SUBMITTED}), _S.IN_PREPARATION),  # until somebody opens it
    Step.ASK_RETURN: Transition(frozenset({_S.SUBMITTED}), _S.SUBMITTED),  # from then on one asks
    Step.REOPEN: Transition(frozenset({_S.ACCEPTED}), _S.RETURNED),
    Step.FILE_FOR_STATE: Transition(frozenset({_S.IN_PREPARATION}), _S.SUBMITTED),  # in closed periods alone
}
# Who writes and who approves in a national authority; the Secretariat's own report has its own rule.
WRITERS = (Role.FOCAL_POINT, Role.CONTRIBUTOR)
APPROVERS = (Role.FOCAL_POINT, Role.APPROVER)
EDITABLE_STATUSES = (_S.IN_PREPARATION, _S.RETURNED)
# Not with the Secretariat (any more): what reminders and "overdue" are about.
NOT_YET_SENT = (_S.IN_PREPARATION, _S.WITH_COORDINATOR)


class Channel(TextChoices):
    """How a report came to the Secretariat, which files it for the State."""

    NOTE_VERBALE = "note_verbale", _("Note verbale")
    LETTER = "letter", _("Letter")
    EMAIL = "email", _("E-mail")
    BY_HAND = "by_hand", _("Handed over in person")


# Tasks, and the kinds of their jobs.
PAPER_KIND = "workplan.write_paper"
FORM_KIND = "workplan.write_form"


class PaperStage(TextChoices):
    """What the making of a document does; the labels are those of the job page."""

    WRITE = "write", _("Write the document")


class Decision(TextChoices):
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class NotificationKind(TextChoices):
    DEADLINE = "deadline", _("Report due")
    EXTENSION = "extension", _("Your request for more time was decided")


class SheetColumn(TextChoices):
    """Columns of a report's spreadsheet; the key is hidden and the same in every language."""

    KEY = "portal_key", "portal_key"
    NUMBER = "number", _("Number")
    TITLE = "title", _("Activity")
    STATUS = "status", _("Status")
    REASON = "reason", _("Why it does not apply")
    NARRATIVE = "narrative", _("What was done")
    RESULTS = "results", _("Results")
    GOOD_PRACTICE = "good_practice", _("Good practice")
    OBSTACLES = "obstacles", _("Obstacles")
    OBSTACLE_KINDS = "obstacle_kinds", _("Kinds of obstacle")
    LANGUAGE = "language", _("Language of your answer")
    READY = "is_ready", _("This section is complete")
    PROBLEM = "problem", _("Problem")


class ImportState(TextChoices):
    READ = "read", _("Read, not imported")
    IMPORTED = "imported", _("Imported")
    UNDONE = "undone", _("Undone")


# Days from the effective date on which people are reminded.
REMINDER_OFFSETS = (-30, -14, -3, 1, 7)
