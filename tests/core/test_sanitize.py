"""Ordinary files keep their content and lose what hides in them."""

import io
import zipfile

import openpyxl
import pikepdf
import pytest
from lxml import etree
from PIL import Image

from core.sanitize import Copy, check, safe_copy
from core.sanitize.kinds import KINDS
from core.sanitize.names import split_name
from core.testing import record_proof
from tests.factories import files
from tests.factories.files import CANARY, GOOD, Sample, members_of

LIMIT = 10 * 1024 * 1024


def cleaned(sample: Sample) -> tuple[str, bytes, Copy]:
    original = sample.make()
    _name, kind = check(sample.name, original, LIMIT)
    return kind, original, safe_copy(kind, original)


def visible_bytes(kind: str, content: bytes) -> bytes:
    """Everything a reader of the file could get at, unpacked."""
    if KINDS[kind].magic == b"PK\x03\x04":
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        return b"\n".join([*members_of(content).values(), *(name.encode() for name in names)])
    if kind != "pdf":
        return content
    with pikepdf.open(io.BytesIO(content)) as document:
        buffer = io.BytesIO()
        document.save(
            buffer,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
        )
        return buffer.getvalue()


def text_of(kind: str, content: bytes) -> object:
    """What the file says to its reader, to be the same before and after."""
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        return [[[cell.value for cell in row] for row in sheet] for sheet in book]
    if kind == "docx":
        root = etree.fromstring(members_of(content)["word/document.xml"])
        return "".join(root.itertext("{*}t"))
    if kind == "pdf":
        with pikepdf.open(io.BytesIO(content)) as document:
            return [bytes(page.obj.Contents.read_bytes()) for page in document.pages]
    if kind in {"jpeg", "png"}:
        return None  # test_pictures_keep_their_look
    if kind in {"odt", "ods"}:
        return "Se aprobó" in etree.tostring(etree.fromstring(members_of(content)["content.xml"]), encoding=str)
    text = content.decode("utf-8-sig") if b"\x00" not in content else content.decode("utf-16")
    return text.replace("\r\n", "\n")


def test_served_copies_have_no_trace_of_who_and_where() -> None:
    """Author, GPS, thumbnail, company, comments, deleted text, orphan parts: in none of the copies."""
    carried, kept = [], []
    for sample in GOOD:
        kind, original, copy = cleaned(sample)
        carried.append(CANARY.encode() in visible_bytes(kind, original))
        if CANARY.encode() in visible_bytes(kind, copy.content):
            kept.append(sample.name)
    assert kept == []
    assert sum(carried) >= 20  # or there was nothing to lose
    record_proof("evidence_metadata", files=len(GOOD), with_metadata=sum(carried), kept=len(kept))


@pytest.mark.parametrize("sample", [s for s in GOOD if s.name != "antiguo.txt"], ids=lambda sample: sample.name)
def test_the_content_stays(sample: Sample) -> None:
    kind, original, copy = cleaned(sample)
    assert text_of(kind, copy.content) == text_of(kind, original)
    assert safe_copy(kind, copy.content).removed in {(), ("metadata",)}  # the copy is itself an ordinary file


def test_an_old_encoding_becomes_utf_8() -> None:
    assert safe_copy("txt", "Acción".encode("cp1252")).content.decode() == "Acción"


@pytest.mark.parametrize(("kind", "make"), [("jpeg", files.jpeg), ("png", files.png)])
def test_pictures_keep_their_look_and_lose_their_place(kind: str, make: object) -> None:
    before, after = (Image.open(io.BytesIO(c)) for c in (make(), safe_copy(kind, make()).content))  # type: ignore[operator]
    assert before.getexif().get_ifd(0x8825)
    assert dict(after.getexif()) == {}
    assert after.size == before.size[::-1]  # it lay on its side by its metadata; now it stands by its pixels
    turned = before.transpose(Image.Transpose.ROTATE_270).convert("L")
    assert all(
        abs(turned.getpixel(at) - after.convert("L").getpixel(at)) < 6 for at in [(0, 0), (100, 160), (199, 319)]
    )


def test_tracked_changes_are_accepted_and_comments_gone() -> None:
    copy = safe_copy("docx", files.full_docx())
    parts = members_of(copy.content)
    document = parts["word/document.xml"].decode()
    assert text_of("docx", copy.content) == "Se aprobó la leyOEA"
    assert not [mark for mark in ("w:ins", "w:del", "rsid", "comment") if mark in document]
    assert "w:hyperlink" in document
    assert b"https://www.oas.org/" in parts["word/_rels/document.xml.rels"]
    assert sorted(parts) == [
        "[Content_Types].xml",
        "_rels/.rels",
        "word/_rels/document.xml.rels",
        "word/_rels/settings.xml.rels",
        "word/document.xml",
        "word/media/image1.jpeg",
        "word/settings.xml",
    ]
    assert copy.removed == ("comments", "metadata", "revisions")


def test_charts_links_and_formulas_of_a_workbook_stay() -> None:
    charts = openpyxl.load_workbook(io.BytesIO(safe_copy("xlsx", files.xlsx(files._chart)).content)).active._charts
    assert len(charts) == 1
    sheet = openpyxl.load_workbook(io.BytesIO(safe_copy("xlsx", files.xlsx(files._formulas)).content)).active
    assert sheet["C3"].value == '=IF(B2>10,"más | menos","")'
    assert sheet["A5"].hyperlink.target == "https://www.oas.org/es"


def test_links_links_to_files_and_opening_actions_of_a_pdf() -> None:
    def uri(entry: str) -> str:
        original = files.annotated(Subtype=pikepdf.Name.Link, A=files.action("URI", URI=entry))
        with pikepdf.open(io.BytesIO(safe_copy("pdf", original).content)) as document:
            assert "/OpenAction" not in document.Root
            return str(document.pages[0].obj.Annots[0].A.URI)

    assert uri("https://www.oas.org/es") == "https://www.oas.org/es"
    assert uri("file:///C:/Users/ana/") == "about:blank"


def test_a_signature_is_told_and_a_permission_password_is_no_obstacle() -> None:
    by_name = {sample.name: sample for sample in GOOD}
    assert "signature" in cleaned(by_name["firmado.pdf"])[2].removed
    with pikepdf.open(io.BytesIO(cleaned(by_name["sin permiso de imprimir.pdf"])[2].content)) as document:
        assert not document.is_encrypted


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|x", "'+cmd|x"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-2+3", "'-2+3"),
        ("-3,5", "-3,5"),
        ("+12%", "+12%"),
        ("2013-2014", "2013-2014"),
        ("a=b", "a=b"),
    ],
)
def test_formulas_in_csv_become_text_and_numbers_stay(cell: str, written: str) -> None:
    assert safe_copy("csv", f"a;{cell};b\n".encode()).content.decode() == f"a;{written};b\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Informe anual.PDF", ("Informe anual", ".pdf")),
        ("../../etc/passwd.pdf", ("passwd", ".pdf")),
        ("C:\\Users\\ana\\ley.docx", ("ley", ".docx")),
        ("informe\u202efdp.exe", ("informefdp", ".exe")),
        ("x" * 400 + ".pdf", ("x" * 100, ".pdf")),
        ("con.pdf", ("_con", ".pdf")),
        ('a"b;c%0a.pdf', ("a_b_c_0a", ".pdf")),
        ("a\r\nX: y.pdf", ("aX_ y", ".pdf")),
        ("\u200b\u200e.pdf", ("pdf", "")),
        ("...", ("file", "")),
        ("", ("file", "")),
        ("Québec – São Paulo ñ.odt", ("Québec – São Paulo ñ", ".odt")),
    ],
)
def test_names_are_safe_to_show_and_to_store(given: str, expected: tuple[str, str]) -> None:
    assert split_name(given) == expected
