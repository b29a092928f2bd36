"""Translations of what people wrote into an evaluation: versions, each of one wording of its source."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.enums import Language
from evaluations.models.evaluations import SHA256, Evaluation
from evaluations.querysets import TranslationQuerySet

User = settings.AUTH_USER_MODEL


class Translation(models.Model):
    """One version. It is stale when the source is no longer the wording that it names by its hash."""

    app_rights = ("SELECT", "INSERT")

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="translations")
    key = models.CharField(max_length=40)  # queries.translations.units_of
    language = models.CharField(max_length=5, choices=Language)
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    source_sha256 = models.CharField(max_length=64)
    is_reviewed = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")  # whose words these are
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = TranslationQuerySet.as_manager()

    class Meta:
        ordering = ("key", "number")
        constraints = [
            models.UniqueConstraint(fields=("evaluation", "key", "language", "number"), name="translation_once"),
            models.CheckConstraint(condition=Q(text__gt="", source_sha256__regex=SHA256), name="translation_of_words"),
            models.CheckConstraint(
                condition=Q(is_reviewed=False, reviewed_by=None)
                | Q(is_reviewed=True, reviewed_by__isnull=False) & ~Q(reviewed_by=F("by")),
                name="translation_reviewed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.key} {self.language} v{self.number}"
