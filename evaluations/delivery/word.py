"""Paragraphs, runs and tables in Word's own elements.

python-docx makes them too, and looks through all styles for each paragraph and through all siblings for each property:
of a paper of a State that was two thirds of the time.
"""

from collections.abc import Sequence
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from evaluations.validators import xml_text

WORD_LANGUAGES = {"es": "es-ES", "en": "en-US", "fr": "fr-FR", "pt-br": "pt-BR"}
P, PPR, PSTYLE, R, RPR, T, BR = (qn(f"w:{tag}") for tag in ("p", "pPr", "pStyle", "r", "rPr", "t", "br"))
TBL, TR, TC = qn("w:tbl"), qn("w:tr"), qn("w:tc")
VAL, SPACE = qn("w:val"), qn("xml:space")


def add(parent: Any, tag: str, **attributes: str) -> Any:
    return etree.SubElement(parent, qn(f"w:{tag}"), {qn(f"w:{name}"): value for name, value in attributes.items()})


def paragraph(style: str = "") -> Any:
    """`style` is the key of a style, such as Heading1; without one the paragraph is normal."""
    made = etree.Element(P)
    if style:
        etree.SubElement(etree.SubElement(made, PPR), PSTYLE, {VAL: style})
    return made


def run(parent: Any, text: str, *, bold: bool = False, size: str = "", language: str = "") -> Any:
    """`size` in half points. The order of the properties is that of the standard."""
    made = etree.SubElement(parent, R)
    if bold or size or language:
        properties = etree.SubElement(made, RPR)
        if bold:
            add(properties, "b")
        if size:
            add(properties, "sz", val=size)
        if language:
            add(properties, "lang", val=WORD_LANGUAGES.get(language, language))
    for number, line in enumerate(xml_text(text).split("\n")):
        if number:
            etree.SubElement(made, BR)
        etree.SubElement(made, T, {SPACE: "preserve"}).text = line
    return made


def link(parent: Any, text: str, mark: str) -> None:
    """To a mark in the same document."""
    run(add(parent, "hyperlink", anchor=mark), text)


def mark(parent: Any, name: str, number: int) -> None:
    """Where links lead to; numbers are not used twice in a document."""
    add(parent, "bookmarkStart", id=str(number), name=name)
    add(parent, "bookmarkEnd", id=str(number))


def field(parent: Any, instruction: str, shown: str) -> None:
    """What Word works out itself: a page number, the number of a table, the contents."""
    add(etree.SubElement(parent, R), "fldChar", fldCharType="begin")
    words = add(etree.SubElement(parent, R), "instrText")
    words.set(SPACE, "preserve")
    words.text = f" {instruction} "
    add(etree.SubElement(parent, R), "fldChar", fldCharType="separate")
    run(parent, shown)
    add(etree.SubElement(parent, R), "fldChar", fldCharType="end")


def table(style: str, widths: Sequence[int]) -> Any:
    """Empty, with columns of these widths in twentieths of a point."""
    made = etree.Element(TBL)
    properties = add(made, "tblPr")
    add(properties, "tblStyle", val=style)
    add(properties, "tblW", type="auto", w="0")
    add(properties, "tblLook", firstColumn="1", firstRow="1", noHBand="0", noVBand="1", val="04A0")
    grid = add(made, "tblGrid")
    for width in widths:
        add(grid, "gridCol", w=str(width))
    return made


def row(parent: Any, *, head: bool = False) -> Any:
    """A head stands on each page of its table, and programs that read aloud know it for a head."""
    made = etree.SubElement(parent, TR)
    if head:
        add(add(made, "trPr"), "tblHeader", val="true")
    return made


def next_to(paragraph: Any) -> Any:
    """One more paragraph in the same cell."""
    return etree.SubElement(paragraph.getparent(), P)


def cell(parent: Any, width: int) -> Any:
    """A cell with its paragraph, which is returned."""
    made = etree.SubElement(parent, TC)
    add(add(made, "tcPr"), "tcW", type="dxa", w=str(width))
    return etree.SubElement(made, P)
