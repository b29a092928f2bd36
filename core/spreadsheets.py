"""Tables that people open in a spreadsheet program."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# A cell that begins with one of these is read as a formula by one program or another.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")

# Set to Spanish, French or Portuguese, programs take the semicolon for the end of a cell, quoted or not: what comes
# after it is a cell of its own. A line break ends a row likewise. The dash of a list stays.
_INNER_STARTS = re.compile(r"([;\t\r\n][ \"';\t\r\n]*)(?=[=@]|[+-]\S)")


def harmless(value: object) -> str:
    """The value as text that no program runs: an apostrophe before what would be a formula. A number is none."""
    if isinstance(value, int):
        return str(value)
    text = "" if value is None else str(value)
    return "'" + text if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _harmless_in_text(value: object) -> str:
    return _INNER_STARTS.sub(r"\1'", harmless(value))


def csv_text(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """CSV with a byte order mark, without which accents break in the commonest program."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_harmless_in_text(cell) for cell in head])
    writer.writerows([_harmless_in_text(cell) for cell in row] for row in rows)
    return out.getvalue()
