"""The tags of a PDF against its pages, beyond what the checker looks at: everything painted is tagged or marked as
decoration, and every mark and every link leads to its element."""

from collections.abc import Iterator
from typing import Any

import pikepdf

PAINTING = frozenset({"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "EI"})


def tag_findings(document: pikepdf.Pdf) -> list[str]:
    elements = dict(_numbers(document.Root.StructTreeRoot.ParentTree))
    return [
        f"page {number}: {found}"
        for number, page in enumerate(document.pages, start=1)
        for found in _page(page, elements)
    ]


def _numbers(node: Any) -> Iterator[tuple[int, Any]]:
    """A number tree, flat."""
    pairs = list(node.get("/Nums", []))
    yield from ((int(number), value) for number, value in zip(pairs[::2], pairs[1::2], strict=True))
    for child in node.get("/Kids", []):
        yield from _numbers(child)


def _page(page: Any, elements: dict[int, Any]) -> Iterator[str]:
    if page.get("/Tabs") != "/S":
        yield "the order of tabs is not that of the tags"
    marks = list(_marks(page))
    known = elements.get(int(page.get("/StructParents", -1)), [])
    for mark in (mark for mark in marks if isinstance(mark, int)):
        if mark >= len(known) or not isinstance(known[mark], pikepdf.Dictionary):
            yield f"mark {mark} has no element"
    yield from (mark for mark in marks if isinstance(mark, str))
    yield from _links(page, elements)


def _marks(page: Any) -> Iterator[int | str]:
    """The numbers of the marked pieces of a page, and a word for each that is painted outside of them."""
    inside: list[bool] = []
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator in {"BDC", "BMC"}:
            mark = _mark(instruction)
            inside.append(mark is not None or str(instruction.operands[0]) == "/Artifact")
            if mark is not None:
                yield mark
        elif operator == "EMC":
            inside.pop()
        elif operator in PAINTING and not any(inside):
            yield f"{operator} outside of the tags"


def _mark(instruction: Any) -> int | None:
    properties = instruction.operands[-1]
    found = properties.get("/MCID") if isinstance(properties, pikepdf.Dictionary) else None
    return None if found is None else int(found)


def _links(page: Any, elements: dict[int, Any]) -> Iterator[str]:
    for note in page.get("/Annots", []):
        element = elements.get(int(note.get("/StructParent", -1)))
        if element is None or element.get("/S") != "/Link" or not str(note.get("/Contents", "")):
            yield "a link without its element or its words"
