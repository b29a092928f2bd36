from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EvaluationStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    BUILDING = "building", _("Being generated")
    READY = "ready", _("Ready")


class DocumentFormat(TextChoices):
    PDF = "pdf", "PDF"
    XLSX = "xlsx", "XLSX"
