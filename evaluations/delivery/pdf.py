"""One document of an evaluation as PDF (core.pdf)."""

from core.pdf import write_pdf
from evaluations.delivery.content import Content

TEMPLATE = Content.template


def write(content: Content) -> bytes:
    return write_pdf(TEMPLATE, {"c": content, "language": content.language}, moment=content.cutoff)
