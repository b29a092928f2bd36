"""Codes of the sealed area."""

from django.db.models import TextChoices


class FieldClass(TextChoices):
    """How a field is kept. Each class of a case has a key of its own, wrapped by the State's key for that class."""

    IDENTITY = "identity"
    NARRATIVE = "narrative"
    QUASI = "quasi"


class Status(TextChoices):
    OPEN = "open"
    CLOSED = "closed"
    ERASED = "erased"


class Purpose(TextChoices):
    """What a consent is for. Nothing is kept without the first; each service and each recipient is asked anew."""

    STORAGE = "storage"
    SERVICE = "service"
    RECIPIENT = "recipient"
    STATISTICS = "statistics"


class GivenBy(TextChoices):
    PERSON = "person"
    GUARDIAN = "guardian"
    GUARDIAN_WITH_ASSENT = "guardian_with_assent"


class Manner(TextChoices):
    WRITTEN = "written"
    SPOKEN = "spoken"
    SIGNED = "signed"  # sign language


class Reason(TextChoices):
    """Why a record is opened. Codes, because the trail holds no text of people."""

    ASSISTANCE = "assistance"
    SAFETY = "safety"
    JUDICIAL = "judicial"
    SUPERVISION = "supervision"


# No letter or digit that is taken for another, by eye or by telephone.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
