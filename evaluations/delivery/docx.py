"""One document as DOCX, made from the same page as the PDF: real headings, lists, captions and table heads.

The page is written once, as HTML; here its elements become Word's own. Nothing is formatted or counted again.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any, Protocol

import docx
import lxml.html
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image, ImageDraw

from evaluations.delivery import word
from evaluations.delivery.word import WORD_LANGUAGES
from evaluations.models import Evaluation
from evaluations.validators import same_lines

NAVY = RGBColor(0x0B, 0x3C, 0x5D)
HEADINGS = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "h4": "Heading 3"}
TABLE = "Light Grid Accent 1"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
BAR_PIXELS = (400, 44)
TWENTIETH = 635  # of a point, in the units of python-docx
WIDE = 12  # tables of more columns stand on a page on its side


class Printed(Protocol):
    """What becomes a document: the evaluation, the paper of a State, the register of the Meetings."""

    template: str
    language: str
    evaluation: Evaluation

    @property
    def title(self) -> str: ...
    @property
    def subtitle(self) -> str: ...
    @property
    def running_head(self) -> str: ...
    @property
    def cutoff(self) -> datetime: ...


def write(content: Printed) -> bytes:
    return write_page(content, render_to_string(content.template, {"c": content, "language": content.language}))


def write_page(content: Printed, html: str) -> bytes:
    document = docx.Document(io.BytesIO(_base()))
    _prepare(document, content)
    writer = _Writer(document)
    for section in lxml.html.document_fromstring(html).body:
        writer.section(section)
    return _same_bytes(document)


@cache
def _base() -> bytes:
    """The empty document of python-docx without what nothing here uses: nine tenths of it are styles of tables, in two
    versions, which each paper would read, write and carry."""
    document = docx.Document()
    for rels in (document.part.rels, document.part.package.rels):
        for key, rel in list(rels.items()):
            if rel.reltype.endswith(("/stylesWithEffects", "/thumbnail")):
                del rels[key]
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:styleId")) not in {_key(TABLE), "TableNormal"}:
            styles.remove(style)
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def _prepare(document: Any, content: Printed) -> None:
    properties = document.core_properties
    properties.title = f"{content.title} · {content.evaluation.symbol}"
    properties.subject, properties.keywords = content.subtitle, content.evaluation.symbol
    properties.author = _("General Secretariat of the Organization of American States")
    properties.last_modified_by, properties.comments = "", ""
    properties.language = content.language
    properties.created = properties.modified = content.cutoff.replace(tzinfo=None, microsecond=0)
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(20)
    _styles(document, WORD_LANGUAGES[content.language])
    page.header.paragraphs[0].text = f"{content.running_head}\t\t{content.evaluation.symbol}"
    _page_number(page.footer.paragraphs[0])


def _styles(document: Any, language: str) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10)
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), language)
    normal.element.get_or_add_rPr().append(mark)
    for name in (*HEADINGS.values(), "Caption"):
        document.styles[name].font.color.rgb = NAVY
        document.styles[name].font.name = "Calibri"
    document.styles["Caption"].paragraph_format.keep_with_next = True


def _page_number(paragraph: Any) -> None:
    word.field(paragraph._p, "PAGE", "1")
    word.run(paragraph._p, " / ")
    word.field(paragraph._p, "NUMPAGES", "1")


class _Writer:
    """Walks the elements of the page in order."""

    def __init__(self, document: Any) -> None:
        self.document, self.tables, self.pictures, self.marks = document, 0, 0, 0
        self.is_wide = False
        self.end = document.element.body.sectPr  # what is written stands before it

    def section(self, element: Any) -> None:
        if "cover" not in _classes(element) and "page" in _classes(element):
            self.document.add_page_break()
        self.children(element)

    def children(self, element: Any) -> None:
        for child in element:
            self.block(child)

    def block(self, element: Any) -> None:
        """One element as Word's own; what only holds others is walked through."""
        tag = element.tag
        if tag in HEADINGS:
            word.run(self.add(HEADINGS[tag]), _text(element))
        elif tag in {"p", "dt", "dd", "blockquote"}:
            self.paragraph(element)
        elif tag in {"ul", "ol"}:
            self.list(element)
        elif tag == "table":
            self.table(element)
        elif tag != "svg":
            self.children(element)

    def add(self, style: str = "") -> Any:
        made = word.paragraph(_key(style))
        self.end.addprevious(made)
        return made

    def paragraph(self, element: Any) -> None:
        """A quotation may hold several."""
        is_quote = element.tag == "blockquote"
        for part in (element.findall("p") if is_quote else []) or [element]:
            language = part.get("lang") or element.get("lang") or ""
            words = _lines(part) if is_quote else _text(part)
            word.run(self.add("Quote" if is_quote else ""), words, bold=element.tag == "dt", language=language)

    def list(self, element: Any) -> None:
        """The contents become Word's own table of contents; other lists stay lists."""
        if "toc" in _classes(element):
            word.field(self.add(), 'TOC \\o "1-2" \\h \\z \\u', "\n".join(_text(item) for item in element))
            return
        for item in element:
            made, source = self.add("List Bullet"), item.find("a[@class='ref']")
            if source is None:
                word.run(made, _text(item), language=item.get("lang") or "")
            else:
                word.run(made, f"{(item.text or '').strip()} ")
                word.link(made, _text(source), source.get("href").partition("#")[2])

    def table(self, element: Any) -> None:
        rows = list(element.iter("tr"))
        columns = max(len(row) for row in rows)
        self.orient(columns > WIDE)
        self.caption(element)
        widths = [self.width // columns] * columns
        table, heads = word.table(_key(TABLE), widths), len(element.findall("thead/tr"))
        self.end.addprevious(table)
        for number, row in enumerate(rows):
            self.row(word.row(table, head=number < heads), row, widths)

    @property
    def width(self) -> int:
        """Of the page between its margins, in twentieths of a point."""
        page = self.document.sections[-1]
        return int(page.page_width - page.left_margin - page.right_margin) // TWENTIETH

    def orient(self, wide: bool) -> None:
        """A wide table gets pages on their side; what follows stands upright again."""
        if wide == self.is_wide:
            return
        self.is_wide = wide
        page = self.document.add_section()
        page.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        page.page_width, page.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))

    def caption(self, element: Any) -> None:
        self.tables += 1
        made = self.add("Caption")
        word.run(made, _("Table") + " ")
        word.field(made, "SEQ Table \\* ARABIC", str(self.tables))
        word.run(made, f". {_text(element.find('caption'))}")

    def row(self, target: Any, row: Any, widths: Sequence[int]) -> None:
        """A row that is shorter than its table ends in empty cells."""
        for width, source in zip_longest(widths, row):
            paragraph = word.cell(target, width)
            drawing = None if source is None else source.find("svg")
            if drawing is not None:
                self.picture(paragraph, drawing)
            elif source is not None:
                self.words(paragraph, source)

    def words(self, paragraph: Any, source: Any) -> None:
        """Of a cell; each of its paragraphs is one, in its own language."""
        if source.get("id"):
            self.marks += 1
            word.mark(paragraph, source.get("id"), self.marks)
        for number, part in enumerate(source.findall("p") or [source]):
            target = word.next_to(paragraph) if number else paragraph
            language = part.get("lang") or source.get("lang") or ""
            word.run(target, _text(part), size="15", bold=source.tag == "th", language=language)

    def picture(self, paragraph: Any, drawing: Any) -> None:
        """The bar of the page as a picture, with its words as alternative text."""
        self.pictures += 1
        inline = self.document.part.new_pic_inline(io.BytesIO(_bar(drawing)), width=Mm(24))
        inline.docPr.set("descr", _text(drawing.find("title")))
        inline.docPr.set("name", f"Bar {self.pictures}")
        word.add(word.run(paragraph, ""), "drawing").append(inline)


def _key(style: str) -> str:
    """Of a style by its name, as the built-in ones have it: List Bullet is ListBullet."""
    return style.replace(" Accent", "-Accent").replace(" ", "")


def _bar(drawing: Any) -> bytes:
    image = Image.new("RGB", BAR_PIXELS, "white")
    pen, scale = ImageDraw.Draw(image), (BAR_PIXELS[0] - 1) / 100
    for part in drawing.iter("rect"):
        left, width = (float(part.get(side).rstrip("%")) for side in ("x", "width"))
        box = (left * scale, 0, (left + width) * scale, BAR_PIXELS[1] - 1)
        pen.rectangle(box, fill=part.get("fill"), outline="#0b3c5d")
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def _classes(element: Any) -> set[str]:
    return set((element.get("class") or "").split())


def _text(element: Any) -> str:
    """The words of an element, without those of drawings inside it: in one line, and where it is the text of somebody,
    in the lines of that text."""
    return _lines(element) if "text" in _classes(element) else _one_line("".join(_words(element)))


def _lines(element: Any) -> str:
    return "\n".join(_one_line(line) for line in same_lines("".join(_words(element))).strip().split("\n"))


def _one_line(words: str) -> str:
    return " ".join(words.replace("\u00a0", "\x00").split()).replace("\x00", "\u00a0")


def _words(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag != "svg":
            yield from _words(child)
        yield child.tail or ""


def _same_bytes(document: Any) -> bytes:
    """The file without the time of this run, which the archive would carry."""
    plain, output = io.BytesIO(), io.BytesIO()
    document.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, ZIP_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return output.getvalue()
