"""A small reader of HTML: elements in document order with their attributes."""

from dataclasses import dataclass
from html.parser import HTMLParser

VOID = {"input", "meta", "link", "br", "hr", "img", "rect", "path", "circle"}


@dataclass(frozen=True)
class Element:
    depth: int
    tag: str
    attributes: dict[str, str | None]

    @property
    def classes(self) -> frozenset[str]:
        return frozenset((self.attributes.get("class") or "").split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(self.depth, tag, dict(attrs)))
        if tag not in VOID:
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(self.depth, tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.depth -= 1


def elements(html: str) -> list[Element]:
    reader = _Reader()
    reader.feed(html)
    return reader.elements
