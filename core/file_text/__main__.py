"""The child: reads a file of a kind from standard input and writes its words."""

from core.sandbox import confine

confine()

import io  # noqa: E402 - nothing that parses is loaded before the limits are set
import logging  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402

from core.sanitize import archives  # noqa: E402
from core.sanitize.markup import local, parse  # noqa: E402

LIMIT = 2_000_000  # characters: more than anybody reads
# Elements after which a word ends, so that two cells do not read as one.
_ENDS = {"p", "br", "tab", "si", "c", "row", "tr", "h", "table-cell", "list-item", "line-break", "s", "t", "cell", "is"}
# In a row of runs ("Ro", "sa") the text of one word may be split; only these of Word do not end it.
_RUNS = {"t"}
_SKIPPED = ("docProps/", "meta.xml", "settings.xml", "styles", "theme", "_rels/", "[Content_Types]", "META-INF")


def _office(kind: str, content: bytes) -> str:
    members = archives.read(content)
    names = [name for name in members if name.endswith(".xml") and not any(part in name for part in _SKIPPED)]
    return "\n".join("".join(_pieces(parse(members[name]), kind)) for name in names)


def _pieces(root: object, kind: str) -> Iterator[str]:
    ends = _ENDS - _RUNS if kind == "docx" else _ENDS
    for element in root.iter():  # type: ignore[attr-defined]
        if local(element.tag) in ends:
            yield "\n"
        yield element.text or ""
        if element.tail:
            yield element.tail


def _pdf(kind: str, content: bytes) -> str:
    from pypdf import PdfReader  # only the child that needs it pays for it

    logging.disable()
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def _plain(kind: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeError:
        return content.decode("cp1252", errors="replace")


READERS: dict[str, Callable[[str, bytes], str]] = {
    "pdf": _pdf,
    "txt": _plain,
    "csv": _plain,
    **dict.fromkeys(("docx", "xlsx", "odt", "ods"), _office),
}


def main(kind: str) -> None:
    reader = READERS.get(kind)
    text = reader(kind, sys.stdin.buffer.read())[:LIMIT] if reader else ""
    sys.stdout.buffer.write(text.encode("utf-8", errors="replace"))


main(sys.argv[1])
