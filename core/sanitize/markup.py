"""XML of office files: no entities, no network, prefixes kept (a word processor insists on them)."""

from collections.abc import Callable
from typing import Any, TypeAlias

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError
from lxml import etree

from core.sanitize.kinds import Code, Refused

Element: TypeAlias = Any  # lxml carries no types


class _Nothing:
    """Keeps nothing of what it hears: the first reading is there to refuse, and must not cost memory."""

    def close(self) -> None:
        pass


def parse(content: bytes) -> Element:
    """The root element. defusedxml reads first and refuses every document type and entity."""
    gate = DefusedXMLParser(target=_Nothing(), forbid_dtd=True)
    try:
        gate.feed(content)
        gate.close()
    except DefusedXmlException:
        raise Refused(Code.ENTITIES) from None
    except (ParseError, ValueError, LookupError):
        raise Refused(Code.UNREADABLE) from None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise Refused(Code.UNREADABLE) from None


def serialize(root: Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def local(name: object) -> str:
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def drop(element: Element) -> None:
    """Remove an element and keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def unwrap(element: Element) -> None:
    """Replace an element by its children."""
    parent = element.getparent()
    if parent is None:
        return
    for child in list(element):
        element.addprevious(child)
    drop(element)


def each(root: Element, wanted: Callable[[str], bool]) -> list[Element]:
    """Elements whose local name is wanted, as a list that survives changes to the tree."""
    return [element for element in root.iter() if wanted(local(element.tag))]
