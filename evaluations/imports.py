"""Reading what translators send back: XLIFF 1.2, all of it or nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree
from django.utils.translation import gettext as _

from evaluations.queries.translations import Unit
from evaluations.validators import xml_text
from workplan.validators import UNWANTED

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
REVIEWED_STATES = frozenset({"final", "signed-off"})
MAX_BYTES = 2 * 1024 * 1024
MAX_TEXT = 6000


@dataclass(frozen=True)
class Target:
    """A translation as it came in."""

    unit: Unit
    text: str
    is_reviewed: bool


class BadInterchange(Exception):
    """Everything that is wrong with a file, in words for whoever sent it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def read_xliff(content: bytes, units: Iterable[Unit], language: str) -> list[Target]:
    """The translations of a file. Raises BadInterchange with every problem; then nothing of it may be used."""
    files = _files(content)
    known = {unit.key: unit for unit in units}
    rows = [(file, row) for file in files for row in file.iter(f"{{{NAMESPACE}}}trans-unit")]
    problems = [_wrong_language(file, language) for file in files]
    twice = [key for key, times in Counter(row.get("id", "") for _file, row in rows).items() if times > 1]
    problems += [_("%(key)s is in the file twice.") % {"key": key} for key in twice]
    problems += [_problem(row, known) for _file, row in rows]
    found = list(dict.fromkeys(problem for problem in problems if problem))
    if found:
        raise BadInterchange(found)
    return [target for _file, row in rows if (target := _target(row, known)).text]


def _files(content: bytes) -> list[Any]:
    if len(content) > MAX_BYTES:
        raise BadInterchange([_("The file is larger than 2 MB.")])
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadInterchange([_("This is no XLIFF file.")]) from None
    if root.tag != f"{{{NAMESPACE}}}xliff" or root.get("version") != "1.2":
        raise BadInterchange([_("This is no file of XLIFF 1.2.")])
    return list(root.findall(f"{{{NAMESPACE}}}file"))


def _wrong_language(file: Any, language: str) -> str:
    given = file.get("target-language", "")
    if given.lower() == language:
        return ""
    return _("The file is in %(given)s, and this page is of %(language)s.") % {
        "given": given or "—", "language": language,
    }  # fmt: skip


def _problem(row: Any, known: Mapping[str, Unit]) -> str:
    key = row.get("id", "")
    words = {"key": key or "—"}
    if key not in known:
        return _("%(key)s is no text of this evaluation.") % words
    if _text(row, "source") != xml_text(known[key].source):
        return _("The source of %(key)s has changed since the file was made. Export it again.") % words
    if len(_text(row, "target")) > MAX_TEXT:
        return _("The translation of %(key)s is longer than 6,000 characters.") % words
    if UNWANTED.search(_text(row, "target")):
        return _("The translation of %(key)s holds characters that no text has.") % words
    return ""


def _target(row: Any, known: Mapping[str, Unit]) -> Target:
    element = row.find(f"{{{NAMESPACE}}}target")
    state = element.get("state", "") if element is not None else ""
    return Target(known[row.get("id", "")], _text(row, "target").strip(), state in REVIEWED_STATES)


def _text(row: Any, name: str) -> str:
    """With the text inside of inline marks that a tool may have put in."""
    element = row.find(f"{{{NAMESPACE}}}{name}")
    return xml_text("".join(element.itertext())) if element is not None else ""
