"""Codes of the sealed area. What is read by people is in data/codes.csv, in four languages; the rest is here."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FieldClass(TextChoices):
    """How a field is kept. Each class of a case has a key of its own, wrapped by the State's key for that class."""

    IDENTITY = "identity", _("Identity")
    NARRATIVE = "narrative", _("What was told and done")
    QUASI = "quasi", _("Facts of the case")


class Status(TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    ERASED = "erased", _("Erased")


class Standing(TextChoices):
    """What was found about the person. The database lets nobody be confirmed without the elements of the crime."""

    POSSIBLE = "possible", _("Possible victim of trafficking")
    CONFIRMED = "confirmed", _("Victim of trafficking, confirmed")
    NOT_A_VICTIM = "not_a_victim", _("Not a victim of trafficking")


class Element(TextChoices):
    """Elements of the crime in the Palermo Protocol. For a child no means is needed, so `means` stands for both: that
    somebody is a child is never in clear."""

    ACT = "act", _("an act")
    MEANS = "means", _("a means")
    PURPOSE = "purpose", _("a purpose of exploitation")


class Stage(TextChoices):
    INTAKE = "intake", _("Intake")
    ASSESSMENT = "assessment", _("Assessment")
    PLAN = "plan", _("Plan")
    SERVICES = "services", _("Services")
    FOLLOW_UP = "follow_up", _("Follow-up")
    EXIT = "exit", _("Exit")


class Kind(TextChoices):
    """What is written in a record beside its facts. Each kind is one form, and sealed with one class."""

    SAFETY = "safety", _("Immediate safety")
    NEED = "need", _("Need")
    GOAL = "goal", _("Goal of the life project")
    STEP = "step", _("Step towards a goal")
    SERVICE = "service", _("Service")
    PROTECTION = "protection", _("Protection measure")
    INTERVIEW = "interview", _("Interview or statement")
    EVENT = "event", _("What happened, where and when")
    NOTE = "note", _("Note")
    TASK = "task", _("Task")
    EXIT = "exit", _("Exit plan")

    @property
    def field_class(self) -> str:
        return FieldClass.NARRATIVE if self == Kind.NOTE else FieldClass.QUASI


class EntryStatus(TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Given up")


class NoteKind(TextChoices):
    GENERAL = "general", _("General")
    HEALTH = "health", _("Health")
    LEGAL = "legal", _("Legal")
    NON_PUNISHMENT = "non_punishment", _("Non-punishment")


class Question(TextChoices):
    """What one person asks and another decides."""

    PLAN = "plan", _("Approval of the plan")
    CLOSURE = "closure", _("Closing of the case")
    IDENTITY = "identity", _("Sight of the identity")
    EMERGENCY = "emergency", _("Emergency access, to be reviewed")


class Decision(TextChoices):
    ASKED = "asked", _("Waits for a decision")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")


class Purpose(TextChoices):
    """What a consent is for. Nothing is kept without the first; each service and each recipient is asked anew."""

    STORAGE = "storage", _("To keep the record here")
    SERVICE = "service", _("To receive services")
    RECIPIENT = "recipient", _("To share with the authority of another State")
    STATISTICS = "statistics", _("To be counted in statistics, without any name")


class GivenBy(TextChoices):
    PERSON = "person", _("The person")
    GUARDIAN = "guardian", _("A guardian, in the best interest of the child")
    GUARDIAN_WITH_ASSENT = "guardian_with_assent", _("A guardian, and the child agrees")


class Manner(TextChoices):
    SPOKEN = "spoken", _("Spoken")
    WRITTEN = "written", _("Written")
    SIGNED = "signed", _("In a sign language")
    AT_SOURCE = "at_source", _("On paper, where the record comes from")


class Reason(TextChoices):
    """Why a record is opened. Codes, because the trail holds no text of people."""

    ASSISTANCE = "assistance", _("To assist the person")
    SAFETY = "safety", _("Safety of the person")
    JUDICIAL = "judicial", _("A judicial proceeding")
    SUPERVISION = "supervision", _("Supervision of the case")


class SearchIndex(TextChoices):
    """Compounds that hardly two people share. A single name, a nationality or a place is never searched."""

    DOCUMENT = "document", _("Identity document")
    PERSON = "person", _("Names and date of birth")
    SOUND = "sound", _("Names as they sound, and date of birth")


class SearchReason(TextChoices):
    NEW_PERSON = "new_person", _("Before a person is registered")
    RETURNED = "returned", _("The person is here again")
    CONTACT = "contact", _("The person, or a guardian, asks about the record")
    JUDICIAL = "judicial", _("A judicial proceeding")


class AlertKind(TextChoices):
    """What the watch over the access log finds unusual."""

    MANY = "many", _("Many cases opened within an hour")
    NIGHT = "night", _("Cases opened at night")
    REVEALS = "reveals", _("Identities shown often")
    MISSES = "misses", _("Addresses of cases tried that are not theirs")
    EXPORTS = "exports", _("Records taken away")
    SEARCHES = "searches", _("Searches that found nobody")


class AlertOutcome(TextChoices):
    EXPLAINED = "explained", _("Explained by the work")
    REMINDED = "reminded", _("Talked over with the person")
    REPORTED = "reported", _("Reported to the head of the authority")


# No letter or digit that is taken for another, by eye or by telephone.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class ReferralKind(TextChoices):
    """A service there while the case stays here, or the case goes over."""

    SERVICE = "service", _("A service there; the case stays with us")
    TRANSFER = "transfer", _("The other authority takes the case")


class Help(TextChoices):
    """What is asked for: all that the other side learns of the person before it accepts."""

    SHELTER = "shelter", _("A safe place to stay")
    HEALTH = "health", _("Health care")
    LEGAL = "legal", _("Legal assistance")
    PROTECTION = "protection", _("Protection as a witness")
    RETURN = "return", _("A safe and voluntary return")
    FAMILY = "family", _("Tracing of the family")
    OTHER = "other", _("Other assistance")


class Urgency(TextChoices):
    URGENT = "urgent", _("Urgent: an answer within 24 hours")
    SOON = "soon", _("Soon: an answer within 3 days")
    NORMAL = "normal", _("Normal: an answer within 14 days")


class ReferralStage(TextChoices):
    DRAFT = "draft", _("Waits for approval")
    SENT = "sent", _("Sent, waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Refusal(TextChoices):
    NO_CAPACITY = "no_capacity", _("No capacity at present")
    NOT_COMPETENT = "not_competent", _("Another authority is competent")
    NO_SERVICE = "no_service", _("The service does not exist here")
    OTHER = "other", _("Another reason")


class MessageKind(TextChoices):
    """Sealed for the other State, each under a key of its own."""

    QUESTION = "question", _("Question")
    ANSWER = "answer", _("Answer")
    FEEDBACK = "feedback", _("Feedback")


class CountStage(TextChoices):
    READ = "read", _("Counting the cases")


class Cause(TextChoices):
    """Why somebody has to decide whether a record is kept."""

    DUE = "due", _("The period is over")
    CONSENT = "consent", _("The person took back that the record is kept")
    REQUEST = "request", _("Proposed by a supervisor")


class DisposalStage(TextChoices):
    PROPOSED = "proposed", _("To be decided")
    ASKED = "asked", _("A second person has to confirm")
    KEPT = "kept", _("Kept longer")


class EraseReason(TextChoices):
    PERIOD_OVER = "period_over", _("The period is over")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("The consent was withdrawn")
    PERSON_ASKED = "person_asked", _("The person asked for it")
    MISTAKE = "mistake", _("Registered by mistake")


class HoldReason(TextChoices):
    COURT = "court", _("An order of a court or prosecutor")
    INVESTIGATION = "investigation", _("A criminal investigation")
    CLAIM = "claim", _("A claim of the person, such as compensation")
    OVERSIGHT = "oversight", _("A review by an oversight body")


class RetentionStep(TextChoices):
    """What people do about how long a record is kept."""

    KEEP = "keep", _("Keep until a new date")
    ERASE = "erase", _("Ask for the erasure")
    WITHDRAW = "withdraw", _("Take back what you asked")
    CONFIRM = "confirm", _("Confirm the erasure")
    DECLINE = "decline", _("Decline the erasure")
    HOLD = "hold", _("Set a legal hold")
    LIFT = "lift", _("Lift the legal hold")
