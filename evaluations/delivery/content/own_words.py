"""Words of somebody: in the language in which they were written, with what there is of them in another."""

from dataclasses import dataclass

from django.utils.translation import gettext, pgettext

from evaluations.enums import TranslationStatus


@dataclass(frozen=True)
class OwnWords:
    """A text of a State, an organization or the Secretariat, for a reader of one language."""

    text: str
    language: str
    reader: str
    translation: str = ""  # into the language of the reader; reviewed, and of this very wording
    translated_title: str = ""

    @property
    def status(self) -> TranslationStatus | None:
        """None: it is in the language of the reader, and nothing is to be translated."""
        if self.language == self.reader:
            return None
        return TranslationStatus.REVIEWED if self.translation else TranslationStatus.MISSING

    @property
    def of_original(self) -> str:
        """What is said of the original, before it."""
        return told_status(self.language, self.status if self.status == TranslationStatus.MISSING else None)

    @property
    def of_reading(self) -> str:
        """What is said of the one text that a reader is given first: the translation, or else the original."""
        return told_status(self.language, self.status)

    @property
    def in_short(self) -> str:
        """In a cell of its own, where nothing follows."""
        return gettext("Not translated") if self.status == TranslationStatus.MISSING else self.of_reading


def told_status(language: str, status: str | None = None) -> str:
    """The one way in which pages and documents tell how a text of somebody stands; None is the original."""
    return _sentence(status) % {"language": language_name(language)}


def _sentence(status: str | None) -> str:
    sentences = {
        None: gettext("Original: %(language)s"),
        TranslationStatus.MISSING: gettext("Not translated; the original in %(language)s follows"),
        TranslationStatus.DRAFT: gettext("Translation from %(language)s, draft"),
        TranslationStatus.STALE: gettext("Translation from %(language)s, of an earlier wording"),
        TranslationStatus.REVIEWED: gettext("Translated from %(language)s (reviewed)"),
    }
    return sentences[TranslationStatus(status) if status else None]


def language_name(language: str) -> str:
    """In the language of the reader, as it stands inside a sentence."""
    names = {
        "es": pgettext("language, inside a sentence", "Spanish"),
        "en": pgettext("language, inside a sentence", "English"),
        "fr": pgettext("language, inside a sentence", "French"),
        "pt-br": pgettext("language, inside a sentence", "Portuguese"),
    }
    return names[language]
