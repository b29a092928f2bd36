"""What the pages of networks share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of a summary list."""

    key: str
    value: str
    lang: str = ""
    note: str = ""
