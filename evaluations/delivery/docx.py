"""One document as DOCX, made from the same page as the PDF: real headings, lists, captions and table heads.

The page is written once, as HTML; here its elements become Word's own. Nothing is formatted or counted again.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import lxml.html
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image, ImageDraw

from evaluations.delivery.content import Content
from evaluations.delivery.pdf import TEMPLATE

NAVY = RGBColor(0x0B, 0x3C, 0x5D)
HEADINGS = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "h4": "Heading 3"}
WORD_LANGUAGES = {"es": "es-ES", "en": "en-US", "fr": "fr-FR", "pt-br": "pt-BR"}
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
BAR_PIXELS = (400, 44)
WIDE = 12  # tables of more columns stand on a page on its side


def write(content: Content) -> bytes:
    html = render_to_string(TEMPLATE, {"c": content, "language": content.language})
    document = docx.Document()
    _prepare(document, content)
    writer = _Writer(document)
    for section in lxml.html.document_fromstring(html).body:
        writer.section(section)
    return _same_bytes(document)


def _prepare(document: Any, content: Content) -> None:
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
    page.header.paragraphs[0].text = f"{content.evaluation.series}\t\t{content.evaluation.symbol}"
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
    _field(paragraph, "PAGE", "1")
    paragraph.add_run(" / ")
    _field(paragraph, "NUMPAGES", "1")


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    """A field that Word works out itself: a page number, the number of a table, the contents."""
    for kind, text in (("begin", ""), ("instr", instruction), ("separate", ""), ("text", shown), ("end", "")):
        run = paragraph.add_run()
        if kind == "text":
            run.text = text
            continue
        element = OxmlElement("w:instrText" if kind == "instr" else "w:fldChar")
        if kind == "instr":
            element.set(qn("xml:space"), "preserve")
            element.text = f" {text} "
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


class _Writer:
    """Walks the elements of the page in order."""

    def __init__(self, document: Any) -> None:
        self.document, self.tables, self.pictures = document, 0, 0
        self.is_wide = False

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
            self.document.add_paragraph(_text(element), style=HEADINGS[tag])
        elif tag in {"p", "dt", "dd", "blockquote"}:
            self.paragraph(element)
        elif tag in {"ul", "ol"}:
            self.list(element)
        elif tag == "table":
            self.table(element)
        elif tag != "svg":
            self.children(element)

    def paragraph(self, element: Any) -> None:
        style = "Quote" if element.tag == "blockquote" else "Normal"
        run = self.document.add_paragraph(style=style).add_run(_text(element))
        run.bold = element.tag == "dt" or None
        if language := element.get("lang"):
            _set_language(run, language)

    def list(self, element: Any) -> None:
        """The contents become Word's own table of contents; other lists stay lists."""
        if "toc" in _classes(element):
            paragraph = self.document.add_paragraph()
            _field(paragraph, 'TOC \\o "1-2" \\h \\z \\u', "\n".join(_text(item) for item in element))
            return
        for item in element:
            self.document.add_paragraph(_text(item), style="List Bullet")

    def table(self, element: Any) -> None:
        rows = list(element.iter("tr"))
        width = max(len(row) for row in rows)
        self.orient(width > WIDE)
        self.caption(element)
        table = self.document.add_table(rows=0, cols=width, style="Light Grid Accent 1")
        for row in rows:
            self.row(table.add_row(), row)
        for number in range(len(element.findall("thead/tr"))):
            _repeat(table.rows[number])

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
        paragraph = self.document.add_paragraph(_("Table") + " ", style="Caption")
        _field(paragraph, "SEQ Table \\* ARABIC", str(self.tables))
        paragraph.add_run(f". {_text(element.find('caption'))}")

    def row(self, target: Any, row: Any) -> None:
        for cell, source in zip(target.cells, row, strict=False):
            paragraph = cell.paragraphs[0]
            drawing = source.find("svg")
            if drawing is not None:
                self.picture(paragraph, drawing)
                continue
            run = paragraph.add_run(_text(source))
            run.font.size = Pt(7.5)
            run.bold = source.tag == "th"
            if language := source.get("lang"):
                _set_language(run, language)

    def picture(self, paragraph: Any, drawing: Any) -> None:
        """The bar of the page as a picture, with its words as alternative text."""
        self.pictures += 1
        shape = paragraph.add_run().add_picture(_bar(drawing), width=Mm(24))
        properties = shape._inline.docPr
        properties.set("descr", _text(drawing.find("title")))
        properties.set("name", f"Bar {self.pictures}")


def _bar(drawing: Any) -> io.BytesIO:
    image = Image.new("RGB", BAR_PIXELS, "white")
    pen, scale = ImageDraw.Draw(image), (BAR_PIXELS[0] - 1) / 1000
    for part in drawing.iter("rect"):
        left, width = float(part.get("x")), float(part.get("width"))
        box = (left * scale, 0, (left + width) * scale, BAR_PIXELS[1] - 1)
        pen.rectangle(box, fill=part.get("fill"), outline="#0b3c5d")
    output = io.BytesIO()
    image.save(output, "PNG")
    output.seek(0)
    return output


def _classes(element: Any) -> set[str]:
    return set((element.get("class") or "").split())


def _text(element: Any) -> str:
    """The words of an element in one line, without those of drawings inside it."""
    return " ".join("".join(_words(element)).replace("\u00a0", "\x00").split()).replace("\x00", "\u00a0")


def _words(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag != "svg":
            yield from _words(child)
        yield child.tail or ""


def _set_language(run: Any, language: str) -> None:
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), WORD_LANGUAGES.get(language, language))
    run._r.get_or_add_rPr().append(mark)


def _repeat(row: Any) -> None:
    """The head of a table stands on each of its pages, and programs that read aloud know it for a head."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _same_bytes(document: Any) -> bytes:
    """The file without the time of this run, which the archive would carry."""
    plain, output = io.BytesIO(), io.BytesIO()
    document.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, ZIP_TIME), source.read(name), zipfile.ZIP_DEFLATED)
    return output.getvalue()
