"""ODT and ODS: the same rules as for OOXML, in the words of OpenDocument."""

import re
from urllib.parse import urlsplit

from core.sanitize import archives, images
from core.sanitize.kinds import KINDS, Code, Refused, Removed
from core.sanitize.markup import Element, drop, each, local, parse, serialize

_MANIFEST = "META-INF/manifest.xml"
_MACRO_NAME = re.compile(r"^(?:Basic|Scripts|Dialogs)/", re.IGNORECASE)
_DROPPED_NAME = re.compile(
    r"^(?:meta\.xml|manifest\.rdf|layout-cache|Thumbnails/|Configurations2/|META-INF/(?!manifest\.xml))|(?:^|/)meta\.xml$"
)
_EXTERNAL = {
    "dde-source",
    "dde-link",
    "dde-connection-decl",
    "dde-connection",
    "section-source",
    "cell-range-source",
    "database-source-query",
    "database-source-sql",
    "database-source-table",
    "connection-resource",
}
_EMBEDDED = {"object-ole", "applet", "plugin", "floating-frame"}
_CHANGES = {"tracked-changes", "change", "change-start", "change-end"}
_COMMENTS = {"annotation", "annotation-end"}
_PERSONS = {"creator", "sender-firstname", "sender-lastname", "sender-initials", "sender-email", "sender-phone-private",
            "sender-phone-work", "author-name", "author-initials"}  # fmt: skip
_FORMULA = re.compile(r"\bDDE\s*\(|WEBSERVICE|\bMACRO\b|\bCALL\s*\(|'?(?:file|https?|smb):", re.IGNORECASE)
_TEXT = re.compile(r'"[^"]*"')
_PICTURES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"GIF8": "gif"}


def clean(kind: str, content: bytes) -> tuple[bytes, set[Removed]]:
    members = archives.read(content)
    _check_kind(kind, members)
    removed = {Removed.METADATA}
    if any("signatures" in name for name in members):
        removed.add(Removed.SIGNATURE)
    members = {name: part for name, part in members.items() if not _DROPPED_NAME.search(name)}
    archives.refuse_foreign(members)
    cleaned = {name: _clean_part(name, part, removed) for name, part in members.items()}
    cleaned[_MANIFEST] = _clean_manifest(cleaned[_MANIFEST], cleaned)
    first = {"mimetype": cleaned.pop("mimetype")}
    return archives.write(first | cleaned, stored="mimetype"), removed


def _check_kind(kind: str, members: dict[str, bytes]) -> None:
    if any(_MACRO_NAME.match(name) for name in members):
        raise Refused(Code.MACROS)
    if members.get("mimetype", b"").decode("ascii", "replace").strip() != KINDS[kind].content_type:
        raise Refused(Code.MISMATCH)
    if _MANIFEST not in members or "content.xml" not in members:
        raise Refused(Code.UNREADABLE)
    if each(parse(members[_MANIFEST]), {"encryption-data"}.__contains__):
        raise Refused(Code.PASSWORD)


def _clean_part(name: str, content: bytes, removed: set[Removed]) -> bytes:
    if name in {"mimetype", _MANIFEST}:
        return content
    picture = next((kind for magic, kind in _PICTURES.items() if content.startswith(magic)), "")
    if picture:
        return images.clean(picture, content)[0]
    if name.endswith((".xml", ".svg", ".rdf")) or content.lstrip()[:1] == b"<":
        return _clean_markup(parse(content), removed)
    return content


def _clean_markup(root: Element, removed: set[Removed]) -> bytes:
    _check_active(root)
    for element in each(root, lambda tag: tag in _CHANGES | _COMMENTS | _PERSONS):
        tag = local(element.tag)
        if tag in _PERSONS:
            element.text = ""
            continue
        removed.add(Removed.COMMENTS if tag in _COMMENTS else Removed.REVISIONS)
        drop(element)
    for element in each(root, "config-item".__eq__):
        if "Printer" in element.get(_config("name"), "") or "Rsid" in element.get(_config("name"), ""):
            drop(element)
    for element in root.iter():
        _clean_link(element, removed)
    return serialize(root)


def _config(name: str) -> str:
    return f"{{urn:oasis:names:tc:opendocument:xmlns:config:1.0}}{name}"


def _check_active(root: Element) -> None:
    for element in root.iter():
        tag = local(element.tag).lower()
        if tag in {"script", "event-listener", "foreignobject"} or (tag == "scripts" and len(element)):
            raise Refused(Code.MACROS)
        if tag in _EXTERNAL:
            raise Refused(Code.EXTERNAL)
        if tag in _EMBEDDED:
            raise Refused(Code.EMBEDDED)
        for key, value in element.attrib.items():
            _check_attribute(local(key) or str(key), value)


def _check_attribute(name: str, value: str) -> None:
    if name == "formula" and _FORMULA.search(_TEXT.sub("", value)):
        raise Refused(Code.EXTERNAL)
    if value.strip().lower().startswith(("vnd.sun.star.script:", "macro:", "javascript:", "vbscript:")):
        raise Refused(Code.MACROS)


def _clean_link(element: Element, removed: set[Removed]) -> None:
    """Links to click may lead to the web; pictures and objects must lie in the package."""
    key = "{http://www.w3.org/1999/xlink}href"
    target = element.get(key)
    if target is None or target.startswith("#"):
        return
    scheme = urlsplit(target).scheme.lower()
    if local(element.tag) != "a":
        if scheme or target.startswith(("/", "..", "\\")):
            raise Refused(Code.EXTERNAL)
    elif scheme not in {"http", "https", "mailto"}:
        element.set(key, "about:blank")
        removed.add(Removed.LINKS)


def _clean_manifest(content: bytes, members: dict[str, bytes]) -> bytes:
    root = parse(content)
    for element in each(root, "file-entry".__eq__):
        path = next((value for key, value in element.attrib.items() if local(key) == "full-path"), "")
        if path not in members and path != "/":
            drop(element)
    return serialize(root)
