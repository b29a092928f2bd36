"""What the documents say, in the language that is active: the figures of the summary with their names.

PDF and XLSX print the same objects, so no figure is formatted or labelled in two places.
"""

from evaluations.delivery.content.document import Content
from evaluations.delivery.content.words import (
    FILLS,
    Chapter,
    Line,
    Matrix,
    QuoteWords,
    ResponseWords,
    Status,
    name_key,
    signed,
    status,
)

__all__ = [
    "FILLS",
    "Chapter",
    "Content",
    "Line",
    "Matrix",
    "QuoteWords",
    "ResponseWords",
    "Status",
    "name_key",
    "signed",
    "status",
]
