"""PDF: opened and written anew by pikepdf, page by page and object by object.

Refused: passwords, JavaScript, programs, embedded files, forms that carry scripts, bombs. Taken away: document
information, XMP, thumbnails, private data of programs, notes and their authors, opening actions, signatures
(a copy that was changed cannot carry one; the original is kept), and the metadata of the pictures inside.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from core.sanitize.images import MAX_PIXELS, strip_jpeg
from core.sanitize.kinds import Code, Refused, Removed

MAX_STREAM = 100 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_DEPTH = 60
_CHUNK = 1024 * 1024
_REFUSED_KEYS = {
    "/JS": Code.SCRIPT,
    "/JavaScript": Code.SCRIPT,
    "/XFA": Code.SCRIPT,
    "/RichMediaContent": Code.EMBEDDED,
    "/EmbeddedFiles": Code.EMBEDDED,
    "/EF": Code.EMBEDDED,
    "/Collection": Code.EMBEDDED,
}
_REFUSED_ACTIONS = {
    "/JavaScript": Code.SCRIPT,
    "/Launch": Code.SCRIPT,
    "/ImportData": Code.SCRIPT,
    "/Rendition": Code.EMBEDDED,
    "/Movie": Code.EMBEDDED,
    "/RichMediaExecute": Code.EMBEDDED,
    "/GoToE": Code.EMBEDDED,
    "/GoToR": Code.EXTERNAL,
    "/SubmitForm": Code.EXTERNAL,
}
_REFUSED_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D", "/Sound"}
_METADATA = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AA", "/OpenAction", "/DSS", "/Perms", "/AF")
_NOTES = {"/Text", "/Popup"}
_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def clean(kind: str, content: bytes) -> tuple[bytes, set[Removed]]:
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            return _rewrite(pdf)
    except pikepdf.PasswordError:
        raise Refused(Code.PASSWORD) from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, RecursionError):
        raise Refused(Code.UNREADABLE) from None


def _rewrite(pdf: Pdf) -> tuple[bytes, set[Removed]]:
    if not len(pdf.pages):
        raise Refused(Code.UNREADABLE)
    removed = {Removed.METADATA}
    budget = _Budget()
    for found in pdf.objects:
        for item in _containers(found, 0):
            _judge(item)
            if isinstance(item, Stream):
                budget.spend(item)
            _strip(item, removed)
    for page in pdf.pages:
        _clean_notes(page.obj, removed)
    if "/AcroForm" in pdf.Root:
        _unsign(pdf.Root.AcroForm)
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    buffer = io.BytesIO()
    pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue(), removed


def _containers(item: Any, depth: int) -> Iterator[Any]:
    """Dictionaries inside one numbered object; those it points to come on their own."""
    if depth > MAX_DEPTH:
        raise Refused(Code.UNREADABLE)
    if isinstance(item, Dictionary | Stream):
        # Listed before the caller takes anything away, or what an opening action does would go unseen.
        values = [item[key] for key in item.keys()]  # noqa: SIM118 - a dictionary of PDF, not of Python
        yield item
    elif isinstance(item, Array):
        values = list(item)
    else:
        return
    for value in values:
        if isinstance(value, Dictionary | Array) and not value.is_indirect:
            yield from _containers(value, depth + 1)


def _judge(item: Any) -> None:
    for key, code in _REFUSED_KEYS.items():
        if key in item:
            raise Refused(code)
    action = str(item.get("/S", ""))
    if action in _REFUSED_ACTIONS:
        raise Refused(_REFUSED_ACTIONS[action])
    if str(item.get("/Subtype", "")) in _REFUSED_ANNOTATIONS:
        raise Refused(Code.EMBEDDED)


def _strip(item: Any, removed: set[Removed]) -> None:
    for key in _METADATA:
        if key in item:
            del item[key]
    if str(item.get("/S", "")) == "/URI" and not _LINK.match(str(item.get("/URI", ""))):
        item["/URI"] = pikepdf.String("about:blank")
        removed.add(Removed.LINKS)
    if str(item.get("/FT", "")) == "/Sig" and "/V" in item:
        del item["/V"]
        removed.add(Removed.SIGNATURE)
    if isinstance(item, Stream) and item.get("/Filter") in (Name.DCTDecode, [Name.DCTDecode]):
        _strip_picture(item)


def _strip_picture(stream: Any) -> None:
    lean = strip_jpeg(bytes(stream.read_raw_bytes()))
    if lean:
        stream.write(lean, filter=Name.DCTDecode, decode_parms=stream.get("/DecodeParms"))


class _Budget:
    """How much the streams of one file may unpack to. They are unpacked piece by piece, and thrown away."""

    def __init__(self) -> None:
        self.left = MAX_UNPACKED

    def spend(self, stream: Any) -> None:
        if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > MAX_PIXELS:
            raise Refused(Code.PIXELS)
        filters = stream.get("/Filter", [])
        names = [str(name) for name in filters] if isinstance(filters, Array) else [str(filters)]
        if names[:1] not in (["/FlateDecode"], ["/Fl"]):
            return
        if sum(name in {"/FlateDecode", "/Fl", "/LZWDecode", "/RunLengthDecode"} for name in names) > 1:
            raise Refused(Code.ARCHIVE)  # packed twice: nobody does that but for a bomb
        self.left -= _unpacked_size(bytes(stream.read_raw_bytes()))
        if self.left < 0:
            raise Refused(Code.ARCHIVE)


def _unpacked_size(packed: bytes) -> int:
    unpacker, size = zlib.decompressobj(), 0
    try:
        while packed and not unpacker.eof:
            size += len(unpacker.decompress(packed, _CHUNK))
            packed = unpacker.unconsumed_tail
            if size > MAX_STREAM:
                raise Refused(Code.ARCHIVE)
    except zlib.error:
        return size  # damaged: readers stop here as well
    return size


def _clean_notes(page: Any, removed: set[Removed]) -> None:
    annotations = page.get("/Annots")
    if not isinstance(annotations, Array):
        return
    kept = []
    for note in annotations:
        subtype = str(note.get("/Subtype", "")) if isinstance(note, Dictionary) else "/Text"
        if subtype in _NOTES:
            removed.add(Removed.COMMENTS)
            continue
        _forget_author(note, subtype)
        kept.append(note)
    page["/Annots"] = Array(kept)


def _forget_author(note: Any, subtype: str) -> None:
    """Marks and stamps stay on the page, without who made them and when."""
    keys = ["/M", "/NM", "/CreationDate", "/Popup"]
    if subtype not in {"/Widget", "/Link"}:  # /T of a form field is its name, /Contents of a link says where it leads
        keys += ["/T", "/RC"] + ([] if subtype == "/FreeText" else ["/Contents"])
    for key in keys:
        if key in note:
            del note[key]


def _unsign(form: Any) -> None:
    if "/SigFlags" in form:
        del form["/SigFlags"]
