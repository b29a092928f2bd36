"""Tables that people open in a spreadsheet program."""

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins with one of these is read as a formula by one program or another.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def harmless(value: object) -> str:
    """The value as text that no program runs: an apostrophe before what would be a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def csv_text(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """CSV with a byte order mark, without which accents break in the commonest program."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in head])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()
