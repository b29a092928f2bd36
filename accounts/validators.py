"""What a password must not be. Length does the work; this refuses long passwords that are easy to guess."""

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

STATES = Path(__file__).parent / "data" / "states.csv"
# Words anybody would try first here, beside the names of the States.
CONTEXT = (
    "oas|oea|portal|organi[sz]ation|organi[zs]acion|organizacao|american|americas|states|estados|etats|trafficking|"
    "trata|traite|trafico|pessoas|personas|persons|people|victima?|victime|vitima|hemispheric|hemisferico|"
    "secretariat|secretariad?o?|password|contrasena|senha|motdepasse"
)
YEAR = r"(?:19|20)\d\d"
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "01234567890", "abcdefghijklmnopqrstuvwxyz")
MEANINGFUL = 8  # characters that must remain once everything predictable is taken away


def plain(text: str) -> str:
    """Letters and digits in lower case without accents: the forms a guesser tries together."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in decomposed if char.isalnum())


@cache
def context_pattern() -> re.Pattern[str]:
    """The longest name first, so that a name inside another does not leave half of it."""
    with STATES.open(encoding="utf-8", newline="") as file:
        names = {plain(row[key]) for row in csv.DictReader(file) for key in row if key.startswith("name_")}
    return re.compile("|".join([*sorted(names, key=len, reverse=True), CONTEXT, YEAR]))


@cache
def run_pattern() -> re.Pattern[str]:
    """Four neighbors or more on the keyboard or in the alphabet, either way."""
    runs = {row[i : i + 4] for line in ROWS for row in (line, line[::-1]) for i in range(len(line) - 3)}
    return re.compile("|".join(sorted(runs)))


def repeating_unit(text: str) -> str:
    """The shortest piece that the text repeats: "abcabcab" gives "abc"."""
    return next((text[:n] for n in range(1, len(text)) if (text[:n] * len(text))[: len(text)] == text), text)


class PredictablePasswordValidator:
    """Refuses words of this portal, keyboard runs and repetitions; asks for no kinds of characters."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: object = None) -> None:
        rest = run_pattern().sub("", context_pattern().sub("", plain(password)))
        unit = repeating_unit(rest)
        if len(unit) < MEANINGFUL or unit in self.common:
            raise ValidationError(
                _("This password is easy to guess. Try four or more words that have nothing to do with each other."),
                code="password_predictable",
            )

    def get_help_text(self) -> str:
        return _("Not names of States or words of this portal, nor the same word again and again.")
