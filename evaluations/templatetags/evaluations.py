"""Texts of records as own words, for pages that show them as they are kept."""

from typing import Any

from django import template
from django.utils.translation import get_language

from evaluations.delivery.content import OwnWords, told_status

register = template.Library()


@register.filter
def untranslated(row: Any) -> OwnWords:
    """Of which the portal keeps no translation, for the reader of the page."""
    return OwnWords(row.text, row.language, get_language() or "en")


@register.filter
def as_written(row: Any, field: str = "text") -> OwnWords:
    """For whoever works on the original; whether there is a translation is told at the desk."""
    return OwnWords(getattr(row, field), row.language, row.language)


@register.filter
def of_version(version: Any, source_language: str) -> str:
    """How a version of a translation stands."""
    return told_status(source_language, "reviewed" if version.is_reviewed else "draft")
