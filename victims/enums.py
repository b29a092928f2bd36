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


# No letter or digit that is taken for another, by eye or by telephone.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
