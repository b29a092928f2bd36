"""What translators get: XLIFF 1.2, one file element for each language of the sources."""

from collections.abc import Sequence
from itertools import groupby

from lxml import etree

from evaluations.enums import TranslationStatus, UnitKind
from evaluations.models import Evaluation
from evaluations.queries.translations import Pair
from evaluations.validators import xml_text

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
STATES = {
    TranslationStatus.MISSING: "needs-translation",
    TranslationStatus.DRAFT: "needs-review-translation",
    TranslationStatus.STALE: "needs-adaptation",
    TranslationStatus.REVIEWED: "final",
}


def write(evaluation: Evaluation, pairs: Sequence[Pair], language: str) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}xliff", nsmap={None: NAMESPACE}, version="1.2")
    ordered = sorted(pairs, key=lambda pair: (pair.unit.language, pair.unit.key))
    for source, group in groupby(ordered, key=lambda pair: pair.unit.language):
        names = {"original": evaluation.symbol, "datatype": "plaintext"}
        file = etree.SubElement(
            root, f"{{{NAMESPACE}}}file", {**names, "source-language": source, "target-language": language}
        )
        body = etree.SubElement(file, f"{{{NAMESPACE}}}body")
        for pair in group:
            _unit(body, pair)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _unit(body: "etree._Element", pair: Pair) -> None:
    unit = etree.SubElement(body, f"{{{NAMESPACE}}}trans-unit", id=pair.unit.key)
    etree.SubElement(unit, f"{{{NAMESPACE}}}source").text = xml_text(pair.unit.source)
    target = etree.SubElement(unit, f"{{{NAMESPACE}}}target", state=STATES[pair.status])
    target.text = xml_text(pair.last.text) if pair.last else ""
    etree.SubElement(unit, f"{{{NAMESPACE}}}note").text = str(UnitKind(pair.unit.kind).label)
