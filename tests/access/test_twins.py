"""What a key does of what the pages do: the table of docs/adr/0165 is whole, true, and keeps to its rule."""

import re
from pathlib import Path

import pytest

from oas_trafficking.api import described
from tests.access.policy import URLS, Row

TABLE = Path(__file__).resolve().parents[2] / "docs/adr/0165-what-a-key-does-of-the-pages.md"
REASONS = ("second factor", "the person's own account", "of a page", "for all States")
SECOND_FACTOR = "a page that asks for the second factor has no operation, and no other says that it asks"
# They have a file made of what the same key reads (docs/adr/0161): on the page that is a link.
FILES = {"dashboard_export", "state_export"}
Twins = dict[str, str]


def twins(text: str) -> Twins:
    return dict(re.findall(r"^\| ([a-z_0-9]+) \| (.+) \|$", text, re.MULTILINE))


def operations(words: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", words))


def with_a_form() -> set[str]:
    """Pages of the open area that take something in. What is walled is the sealed area."""
    return {name for name, row in URLS.items() if row.post is not None and not row.walled and name[:4] != "api_"}


def faults(found: Twins, pages: dict[str, Row], known: set[str]) -> list[str]:
    wrong = [f"{name} is not in the table" for name in sorted(pages.keys() - found.keys())]
    wrong += [f"{name} is no form of a page" for name in sorted(found.keys() - pages.keys())]
    for name, words in found.items():
        named, is_fresh = operations(words), "POST" in pages[name].fresh if name in pages else False
        wrong += [f"{name}: there is no operation {one}" for one in sorted(named - known)]
        if not named and not words.startswith(REASONS):
            wrong.append(f"{name} has neither an operation nor a reason")
        if is_fresh != (words == "second factor"):
            wrong.append(f"{name}: {SECOND_FACTOR}")
    return wrong


@pytest.fixture(scope="module")
def known() -> set[str]:
    return {operation["operationId"] for item in described()["paths"].values() for operation in item.values()}


def test_every_form_has_an_operation_or_a_reason(known: set[str]) -> None:
    found = twins(TABLE.read_text(encoding="utf-8"))
    assert faults(found, {name: URLS[name] for name in with_a_form()}, known) == []


def test_every_change_by_key_stands_in_the_table(known: set[str]) -> None:
    """No operation changes something that no page changes."""
    named = {one for words in twins(TABLE.read_text(encoding="utf-8")).values() for one in operations(words)}
    methods = ("post", "put", "patch", "delete")
    changing = {
        item[method]["operationId"] for item in described()["paths"].values() for method in methods if method in item
    }
    assert changing - named == FILES


def test_a_table_with_a_gap_is_noticed() -> None:
    """Each planted defect is told."""
    pages = {"one": Row(), "two": Row(fresh=("POST",)), "three": Row()}
    found = {"one": "`nothing`", "two": "`entry_write`", "four": "for all States"}
    assert faults(found, pages, {"entry_write"}) == [
        "three is not in the table",
        "four is no form of a page",
        "one: there is no operation nothing",
        f"two: {SECOND_FACTOR}",
    ]
