"""Which files are taken, told by their first bytes and never by what the browser says of them."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TYPE = "type"  # a format that is not on the list
    MISMATCH = "mismatch"  # the content is not what the name says
    PASSWORD = "password"  # noqa: S105
    LEGACY = "legacy"  # Office formats of before 2007
    UNREADABLE = "unreadable"  # broken, or more than a reader can take
    ARCHIVE = "archive"  # packed so that it would fill a disk or leave its folder
    MACROS = "macros"
    SCRIPT = "script"
    EMBEDDED = "embedded"  # another file inside
    EXTERNAL = "external"  # fetches something from elsewhere when opened
    ENTITIES = "entities"  # XML that defines entities
    PIXELS = "pixels"


class Refused(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code


class Removed(StrEnum):
    """What the original has and its copy has not."""

    METADATA = "metadata"
    COMMENTS = "comments"
    REVISIONS = "revisions"
    SIGNATURE = "signature"
    LINKS = "links"
    FORMULAS = "formulas"


@dataclass(frozen=True)
class Kind:
    extensions: tuple[str, ...]
    content_type: str
    magic: bytes
    module: str


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_ZIP = b"PK\x03\x04"
KINDS = {
    "pdf": Kind((".pdf",), "application/pdf", b"%PDF-", "pdf"),
    "docx": Kind((".docx",), f"{_OOXML}.wordprocessingml.document", _ZIP, "ooxml"),
    "xlsx": Kind((".xlsx",), f"{_OOXML}.spreadsheetml.sheet", _ZIP, "ooxml"),
    "odt": Kind((".odt",), f"{_ODF}.text", _ZIP, "odf"),
    "ods": Kind((".ods",), f"{_ODF}.spreadsheet", _ZIP, "odf"),
    "jpeg": Kind((".jpg", ".jpeg"), "image/jpeg", b"\xff\xd8\xff", "images"),
    "png": Kind((".png",), "image/png", b"\x89PNG\r\n\x1a\n", "images"),
    "txt": Kind((".txt",), "text/plain; charset=utf-8", b"", "text"),
    "csv": Kind((".csv",), "text/csv; charset=utf-8", b"", "text"),
}
EXTENSIONS = {extension: name for name, kind in KINDS.items() for extension in kind.extensions}

# What is no text whatever its name (and holds no NUL): scripts, archives, pictures, and markup a browser runs.
_NOT_TEXT = re.compile(
    rb"\s*(?:PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf|\x1f\x8b|GIF8|%PDF|%!PS|\{\\rtf|\xff\xd8\xff|\x89PNG|#!|<[!?a-z])",
    re.IGNORECASE,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_PASSWORD = "EncryptedPackage".encode("utf-16-le")


def kind_of(extension: str, content: bytes, limit: int) -> str:
    """The kind of a file, by cheap looks alone: nothing is parsed or unpacked. Raises Refused."""
    if not content:
        raise Refused(Code.EMPTY)
    if len(content) > limit:
        raise Refused(Code.TOO_LARGE)
    if extension not in EXTENSIONS:
        raise Refused(Code.LEGACY if content.startswith(_OLE) and extension in {".doc", ".xls"} else Code.TYPE)
    name = EXTENSIONS[extension]
    _check_content(KINDS[name].magic, content)
    return name


def _check_content(magic: bytes, content: bytes) -> None:
    if magic == _ZIP and content.startswith(_OLE):
        raise Refused(Code.PASSWORD if _OLE_PASSWORD in content else Code.LEGACY)
    if not content.startswith(magic) or (not magic and looks_binary(content)):
        raise Refused(Code.MISMATCH)
    if magic == _ZIP and len(content) > 8 and content[6] & 1:
        raise Refused(Code.PASSWORD)


def looks_binary(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as Excel writes "Unicode text"
        return False
    return b"\x00" in content or bool(_NOT_TEXT.match(content.removeprefix(b"\xef\xbb\xbf")))
