"""Content in four languages: reference texts live in four columns, one per language."""

from typing import Any

from django.utils.translation import get_language

LANGUAGES = ("es", "en", "fr", "pt-br")
SUFFIXES = {"es": "es", "en": "en", "fr": "fr", "pt-br": "pt_br"}
# Native names, shown in every header whatever the language of the page.
NATIVE_NAMES = {"es": "Español", "en": "English", "fr": "Français", "pt-br": "Português"}


def column_suffix(language: str | None = None) -> str:
    """Column ending for a language code; English where the code is unknown (commands run without one)."""
    return SUFFIXES.get(language or get_language() or "en", "en")


class Localized:
    """Read `title_es`, `title_en`, … as `title` in the language of the page."""

    def __init__(self, base: str) -> None:
        self.base = base

    def __get__(self, instance: Any, owner: type | None = None) -> str:
        return str(getattr(instance, f"{self.base}_{column_suffix()}"))
