"""What the documents say, in the language that is active: the figures of the summary with their names.

PDF and XLSX print the same objects, so no figure is formatted or labelled in two places.
"""

from evaluations.delivery.content.document import Content
from evaluations.delivery.content.own_words import OwnWords, told_status
from evaluations.delivery.content.paper import OwnLine, Paper, own_lines, paper_of
from evaluations.delivery.content.public import PublicContent
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
    "OwnLine",
    "OwnWords",
    "Paper",
    "PublicContent",
    "QuoteWords",
    "ResponseWords",
    "Status",
    "name_key",
    "own_lines",
    "paper_of",
    "signed",
    "status",
    "told_status",
]
