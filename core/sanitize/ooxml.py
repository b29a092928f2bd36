"""DOCX and XLSX: parts are read, judged, cleaned and packed anew.

Refused: macros, embedded files, whatever is fetched from elsewhere. Taken away: properties, thumbnails,
comments, the names and dates of tracked changes (the changes are accepted), rsids, printers, paths.
"""

import posixpath
import re
from urllib.parse import unquote, urlsplit

from core.sanitize import archives, images
from core.sanitize.kinds import Code, Refused, Removed
from core.sanitize.markup import Element, drop, each, local, parse, serialize, unwrap

_CONTENT_TYPES = "[Content_Types].xml"
_MAIN = {
    "docx": "wordprocessingml.document.main+xml",
    "xlsx": "spreadsheetml.sheet.main+xml",
}
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MACRO_NAME = re.compile(r"vbaproject|vbadata|macrosheets/|dialogsheets/|activex|customui", re.IGNORECASE)
_MACRO_TYPE = re.compile(r"macro|vba|activex|dialogsheet", re.IGNORECASE)
# Relationships by the last part of their type. A part that is dropped takes its references along.
_DROPPED = {
    "core-properties": Removed.METADATA,
    "extended-properties": Removed.METADATA,
    "custom-properties": Removed.METADATA,
    "thumbnail": Removed.METADATA,
    "customXml": Removed.METADATA,
    "printerSettings": Removed.METADATA,
    "attachedTemplate": Removed.METADATA,
    "classificationlabels": Removed.METADATA,
    "origin": Removed.SIGNATURE,
    "package": Removed.METADATA,  # the workbook behind a chart; the chart keeps the values it shows
    "comments": Removed.COMMENTS,
    "commentsExtended": Removed.COMMENTS,
    "commentsIds": Removed.COMMENTS,
    "commentsExtensible": Removed.COMMENTS,
    "people": Removed.COMMENTS,
    "person": Removed.COMMENTS,
    "threadedComment": Removed.COMMENTS,
    "vmlDrawing": Removed.COMMENTS,
    "revisionHeaders": Removed.REVISIONS,
    "usernames": Removed.REVISIONS,
}
_REFUSED = {
    "oleObject": Code.EMBEDDED,
    "aFChunk": Code.EMBEDDED,
    "subDocument": Code.EMBEDDED,
    "control": Code.MACROS,
    "ctrlProp": Code.MACROS,
    "vbaProject": Code.MACROS,
    "xlMacrosheet": Code.MACROS,
    "xlIntlMacrosheet": Code.MACROS,
    "attachedToolbars": Code.MACROS,
    "keyMapCustomizations": Code.MACROS,
    "extensibility": Code.MACROS,
    "externalLink": Code.EXTERNAL,
    "externalLinkPath": Code.EXTERNAL,
    "connections": Code.EXTERNAL,
    "queryTable": Code.EXTERNAL,
    "frame": Code.EXTERNAL,
    "webextensiontaskpanes": Code.EXTERNAL,
    "webextension": Code.EXTERNAL,
    "model": Code.EMBEDDED,
}
# Elements that point to a dropped part and go with it; elsewhere only the reference goes.
_POINTERS = {"attachedTemplate", "externalData", "legacyDrawing", "legacyDrawingHF", "OLEObject"}
_COMMENT_MARKS = {"commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"}
_DELETED = {"del", "moveFrom", "cellDel"}
_INSERTED = {"ins", "moveTo", "cellIns"}
_MOVES = {"moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"}
_PRIVATE = {"rsids", "docVars", "mailMerge", "absPath", "fileSharing", "trackRevisions", "removePersonalInformation"}
_PRIVATE_ATTRIBUTES = ("rsid", "author", "initials", "userId", "providerId", "refreshedBy")
_FIELD = re.compile(
    r"DDE|INCLUDE(?:PICTURE|TEXT)|\bLINK\b|\bIMPORT\b|\bDATABASE\b|QUOTE\s+\d|MACROBUTTON", re.IGNORECASE
)
_FORMULA = re.compile(
    r"\||WEBSERVICE|\bCALL\s*\(|REGISTER(?:\.ID)?\s*\(|\bEXEC\s*\(|IMPORT(?:XML|DATA|HTML)|\bRTD\s*\(|\[\d+\]|\\\\",
    re.IGNORECASE,
)
_TEXT = re.compile(r'"[^"]*"')
_PICTURES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"GIF8": "gif"}


def clean(kind: str, content: bytes) -> tuple[bytes, set[Removed]]:
    members = archives.read(content)
    package = _Package(members)
    package.check_types(kind)
    package.clean_relationships()
    package.forget_orphans()
    archives.refuse_foreign(package.members)
    for name in list(package.members):
        package.clean_part(name)
    package.clean_types()
    return archives.write(package.members), package.removed


class _Package:
    """The parts being cleaned, and what was taken away so far."""

    def __init__(self, members: dict[str, bytes]) -> None:
        self.members = members
        self.removed: set[Removed] = set()
        self.targets: dict[str, set[str]] = {}  # part ("" is the package) -> the parts it points to
        self.dangling: dict[str, set[str]] = {}  # part -> relationship ids whose target is gone
        if _CONTENT_TYPES not in members:
            raise Refused(Code.MISMATCH)
        self.types = parse(members[_CONTENT_TYPES])

    def check_types(self, kind: str) -> None:
        if any(_MACRO_NAME.search(name) for name in self.members):
            raise Refused(Code.MACROS)
        declared = [element.get("ContentType", "") for element in self.types]
        if any(_MACRO_TYPE.search(value) for value in declared):
            raise Refused(Code.MACROS)
        mains = {name for name, suffix in _MAIN.items() for value in declared if value.endswith(suffix)}
        if mains != {kind}:
            raise Refused(Code.MISMATCH)

    def clean_relationships(self) -> None:
        for name in [name for name in self.members if name.endswith(".rels")]:
            root = parse(self.members[name])
            folder, _, file = name.rpartition("_rels/")
            for relationship in list(root):
                self._judge(folder + file.removesuffix(".rels"), folder, relationship)
            self.members[name] = serialize(root)

    def _judge(self, source: str, folder: str, relationship: Element) -> None:
        kind = relationship.get("Type", "").rpartition("/")[2]
        target = _resolve(folder, relationship.get("Target", ""))
        if kind in _DROPPED:
            self.removed.add(_DROPPED[kind])
            self.dangling.setdefault(source, set()).add(relationship.get("Id", ""))
            drop(relationship)
        elif kind in _REFUSED:
            raise Refused(_REFUSED[kind])
        elif relationship.get("TargetMode") == "External":
            self._judge_external(kind, relationship)
        elif target in self.members:
            self.targets.setdefault(source, set()).add(target)

    def _judge_external(self, kind: str, relationship: Element) -> None:
        """A link that a person must click is an ordinary part of a document; all else would be fetched on opening."""
        if kind != "hyperlink":
            raise Refused(Code.EXTERNAL)
        if urlsplit(relationship.get("Target", "")).scheme.lower() not in {"http", "https", "mailto"}:
            relationship.set("Target", "about:blank")
            self.removed.add(Removed.LINKS)

    def forget_orphans(self) -> None:
        """Keep what can be reached from the package; the rest shows nowhere and may hold anything."""
        reached, waiting = {""}, [""]
        while waiting:
            found = self.targets.get(waiting.pop(), set()) - reached
            reached |= found
            waiting += found
        keep = reached | {_rels_of(name) for name in reached} | {_CONTENT_TYPES}
        self.members = {name: content for name, content in self.members.items() if name in keep}

    def clean_part(self, name: str) -> None:
        content = self.members[name]
        if name == _CONTENT_TYPES or name.endswith(".rels"):
            return
        if name.endswith((".xml", ".vml", ".svg")) or content.lstrip()[:1] == b"<":
            root = parse(content)
            self.members[name] = b""  # a large sheet fits in memory as text or as a tree, not twice
            del content
            self.members[name] = self._clean_markup(name, root)
        else:
            self._clean_media(name, content)

    def _clean_media(self, name: str, content: bytes) -> None:
        kind = next((kind for magic, kind in _PICTURES.items() if content.startswith(magic)), "")
        if kind:
            self.members[name] = images.clean(kind, content)[0]
        elif name.endswith(".bin"):
            raise Refused(Code.EMBEDDED)

    def _clean_markup(self, name: str, root: Element) -> bytes:
        _check_fields(root)
        _check_formulas(root)
        _check_scripts(root)
        self._drop_pointers(root, self.dangling.get(name, set()))
        self._accept_changes(root)
        _drop_private(root)
        return serialize(root)

    def _drop_pointers(self, root: Element, ids: set[str]) -> None:
        for element in list(root.iter()) if ids else []:
            keys = [key for key, value in element.attrib.items() if value in ids and key.startswith(_R)]
            if keys and local(element.tag) in _POINTERS:
                drop(element)
                continue
            for key in keys:
                del element.attrib[key]

    def _accept_changes(self, root: Element) -> None:
        """What was deleted is gone, what was inserted stays: the text as its author would send it today."""
        if not root.tag.endswith(("}document", "}hdr", "}ftr", "}footnotes", "}endnotes", "}styles", "}numbering")):
            return
        for element in each(root, _COMMENT_MARKS.__contains__):
            drop(element)
        for element in each(root, lambda tag: tag in _DELETED | _INSERTED | _MOVES or tag.endswith("PrChange")):
            self.removed.add(Removed.REVISIONS)
            is_run = local(element.tag) in _INSERTED and local(element.getparent().tag) not in {"rPr", "trPr", "tcPr"}
            if is_run:
                unwrap(element)
            else:
                drop(element)

    def clean_types(self) -> None:
        for element in list(self.types):
            part = element.get("PartName", "").removeprefix("/")
            if part and part not in self.members:
                drop(element)
        self.members[_CONTENT_TYPES] = serialize(self.types)


def _rels_of(name: str) -> str:
    folder, slash, file = name.rpartition("/")
    return f"{folder}{slash}_rels/{file}.rels"


def _resolve(folder: str, target: str) -> str:
    base = "" if target.startswith("/") else folder
    return posixpath.normpath(posixpath.join(base, unquote(target.lstrip("/"))))


def _check_fields(root: Element) -> None:
    """Fields that fetch or run something; their code may be cut into many runs."""
    runs = [element.text or "" for element in each(root, {"instrText", "delInstrText"}.__contains__)]
    simple = [value for element in root.iter() for key, value in element.attrib.items() if local(key) == "instr"]
    if any(_FIELD.search(text) for text in ("".join(runs), " ".join(runs), *simple)):
        raise Refused(Code.EXTERNAL)


def _check_formulas(root: Element) -> None:
    """Formulas of cells, names and rules that would start a program or fetch a page. Quoted text is no code."""
    for element in each(root, {"f", "formula", "formula1", "formula2", "definedName"}.__contains__):
        if _FORMULA.search(_TEXT.sub("", element.text or "")):
            raise Refused(Code.EXTERNAL)
        if local(element.tag) == "definedName" and re.match(r"(_xlnm\.)?auto_", element.get("name", ""), re.IGNORECASE):
            raise Refused(Code.MACROS)
    if each(root, {"ddeLink", "oleLink", "externalReference", "webPr"}.__contains__):
        raise Refused(Code.EXTERNAL)


def _check_scripts(root: Element) -> None:
    """Drawings in SVG and VML are markup too."""
    for element in root.iter():
        if local(element.tag).lower() in {"script", "foreignobject", "iframe", "scriptanchor"}:
            raise Refused(Code.SCRIPT)
        for key, value in element.attrib.items():
            name = local(key).lower() or str(key).lower()
            is_event = name.startswith("on") and element.tag.startswith("{http://www.w3.org/2000/svg}")
            if is_event or value.strip().lower().startswith(("javascript:", "vbscript:", "data:text")):
                raise Refused(Code.SCRIPT)
            if name in {"macro", "onaction"} and value:
                raise Refused(Code.MACROS)
            if name in {"href", "src"} and re.match(r"(?:[a-z]+:)?(?://|\\\\)", value, re.IGNORECASE):
                raise Refused(Code.EXTERNAL)


def _drop_private(root: Element) -> None:
    for element in each(root, _PRIVATE.__contains__):
        drop(element)
    for element in root.iter():
        for key in [key for key in element.attrib if key.rpartition("}")[2].startswith(_PRIVATE_ATTRIBUTES)]:
            del element.attrib[key]
