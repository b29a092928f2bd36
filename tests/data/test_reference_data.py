"""People read the reference files and commands load them: what both rely on is checked here, without a database."""

import csv
import json
import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = ROOT / "accounts" / "data"
WORKPLAN = ROOT / "workplan" / "data"
DEMO = ROOT / "oas_trafficking" / "data" / "demo"
LANGUAGES = ("es", "en", "fr", "pt_br")
CONFIDENCES = {"verified", "background", "unsure", "not_found"}
BODY_TYPES = {
    "committee", "commission", "council", "task_force", "secretariat", "unit",
    "coalition", "ministry", "working_group", "office", "other",
}  # fmt: skip
ACTION_KINDS = {
    "campaign", "training", "virtual_education", "assistance", "protection",
    "law_or_plan", "agreement", "network", "study", "other",
}  # fmt: skip
AREA_LISTS = {"narratives": 8, "results": 6, "good_practice": 2, "obstacles": 6, "next_steps": 6, "actions": 10}
COMMON_LISTS = {"authorities": 6, "not_applicable_reasons": 4, "return_comments": 8, "replies": 6, "rating_reasons": 6}
CSV_FILES = sorted([*ACCOUNTS.glob("*.csv"), *WORKPLAN.glob("*.csv")])
JSON_FILES = sorted([*WORKPLAN.glob("*.json"), *DEMO.glob("*.json")])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def states() -> list[dict[str, str]]:
    return rows(ACCOUNTS / "states.csv")


@pytest.fixture(scope="module")
def catalogue() -> list[dict[str, str]]:
    return rows(WORKPLAN / "catalogue.csv")


@pytest.fixture(scope="module")
def plan() -> dict:
    return load(WORKPLAN / "plan.json")


def state_codes() -> set[str]:
    return {row["iso2"] for row in rows(ACCOUNTS / "states.csv")}


def test_the_files_are_there():
    assert [path.name for path in CSV_FILES] == [
        "authorities.csv", "glossary.csv", "grouping_members.csv", "groupings.csv",
        "memberships.csv", "states.csv", "catalogue.csv",
    ]  # fmt: skip


@pytest.mark.parametrize("path", CSV_FILES, ids=lambda path: path.name)
def test_csv_cells_are_clean(path):
    table = rows(path)
    assert table
    for number, row in enumerate(table, start=2):
        assert None not in row, f"{path.name}:{number} has too many cells"
        for column, cell in row.items():
            where = f"{path.name}:{number} {column}"
            assert cell is not None, f"{where} is missing"
            assert cell == cell.strip(), f"{where} has outer blanks"
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), f"{where} would be a formula in a spreadsheet"


@pytest.mark.parametrize("path", [*CSV_FILES, *JSON_FILES], ids=lambda path: path.name)
def test_text_is_normalised_utf8_with_unix_lines(path):
    data = path.read_bytes()
    text = data.decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert b"\r" not in data
    assert "\ufeff" not in text
    assert text.endswith("\n")
    assert not re.search("[\u200b\u00ad\ufffd]|Ã.", text), "sign of a wrong encoding"


def test_thirty_five_states_with_unique_codes(states):
    assert len(states) == 35
    for column, pattern in {"iso2": "[A-Z]{2}", "iso3": "[A-Z]{3}", "numeric": "[0-9]{3}"}.items():
        codes = [row[column] for row in states]
        assert len(set(codes)) == 35
        assert all(re.fullmatch(pattern, code) for code in codes)


def test_state_names_stand_in_four_languages(states):
    for row in states:
        for language in LANGUAGES:
            assert row[f"name_{language}"], (row["iso2"], language)
            assert row[f"official_name_{language}"], (row["iso2"], language)
        assert ZoneInfo(row["time_zone"])
        assert row["source"]


def test_oas_languages_of_the_states(states):
    spoken = Counter(language for row in states for language in row["languages"].split())
    # English is an official language of 14 and, for want of Dutch in the OAS, the working language of Suriname.
    assert spoken == {"es": 18, "en": 14 + 1, "fr": 2, "pt": 1}
    by_code = {row["iso2"]: row["languages"] for row in states}
    assert (by_code["CA"], by_code["SR"], by_code["HT"], by_code["BR"]) == ("en fr", "en", "fr", "pt")


def test_each_participant_has_a_tile_of_its_own(states):
    tiles = {row["iso2"]: (int(row["tile_row"]), int(row["tile_col"])) for row in states if row["tile_row"]}
    participants = {row["iso2"] for row in rows(ACCOUNTS / "memberships.csv") if row["kind"] == "participates"}
    assert set(tiles) == participants
    assert len(set(tiles.values())) == len(tiles)
    assert all(1 <= row <= 11 and 1 <= column <= 8 for row, column in tiles.values())


def test_all_are_members_and_all_but_cuba_participate():
    table = rows(ACCOUNTS / "memberships.csv")
    by_kind = {kind: [row["iso2"] for row in table if row["kind"] == kind] for kind in {row["kind"] for row in table}}
    assert set(by_kind) == {"member", "participates"}
    assert set(by_kind["member"]) == state_codes()
    assert set(by_kind["participates"]) == state_codes() - {"CU"}
    assert all(len(codes) == len(set(codes)) for codes in by_kind.values())


@pytest.mark.parametrize("name", ["memberships", "authorities", "groupings", "grouping_members"])
def test_dates_are_iso_and_in_order(name):
    for row in rows(ACCOUNTS / f"{name}.csv"):
        starts, ends = (date.fromisoformat(row[key]) if row[key] else None for key in ("valid_from", "valid_to"))
        assert not (starts and ends) or starts <= ends
        assert row["source"]


def test_authorities_name_a_body_or_say_that_none_was_found():
    table = rows(ACCOUNTS / "authorities.csv")
    assert {row["iso2"] for row in table} == state_codes() - {"CU"}
    assert {row["confidence"] for row in table} <= CONFIDENCES
    assert {row["body_type"] for row in table} <= BODY_TYPES
    assert {row["iso2"] for row in table if not row["name"]} == {"DM", "GD", "KN"}
    assert all((row["confidence"] == "not_found") == (not row["name"]) for row in table)
    assert all(row["name_language"] in {"es", "en", "fr", "pt"} for row in table)


def test_groupings_and_members_agree():
    groupings = {row["slug"]: row for row in rows(ACCOUNTS / "groupings.csv")}
    members = rows(ACCOUNTS / "grouping_members.csv")
    assert {row["grouping"] for row in members} == set(groupings)
    assert {row["iso2"] for row in members} <= state_codes()
    assert len({(row["grouping"], row["iso2"]) for row in members}) == len(members)
    assert {row["confidence"] for row in members} <= CONFIDENCES
    assert all(row[f"name_{language}"] for row in groupings.values() for language in LANGUAGES)


def test_catalogue_counts(catalogue):
    assert Counter(row["area"] for row in catalogue) == {"PRV": 15, "PRO": 15, "PRS": 8, "COO": 6}
    assert Counter(row["responsible"] for row in catalogue) == {
        "member_states": 34,
        "general_secretariat": 8,
        "joint": 2,
    }
    sizes = {"PRV": 15, "PRO": 15, "PRS": 8, "COO": 6}
    numbered = [(f"{area}-{number:02}", area) for area, size in sizes.items() for number in range(1, size + 1)]
    assert [(row["provisional_code"], row["area"]) for row in catalogue] == numbered


def test_catalogue_claims_nothing_official(catalogue):
    assert {(row["official_number"], row["verified"]) for row in catalogue} == {("", "false")}


def test_catalogue_texts_stand_in_four_languages(catalogue):
    for language in LANGUAGES:
        titles = [row[f"title_{language}"] for row in catalogue]
        assert all(titles)
        assert len(set(titles)) == len(titles)
        for row in catalogue:
            assert row[f"text_{language}"].count(". ") == 1, (row["provisional_code"], language)


def test_every_theme_is_used_and_known(catalogue, plan):
    used = {row["provisional_code"]: set(row["themes"].split()) for row in catalogue}
    known = {theme["code"] for theme in plan["themes"]}
    assert known == {f"4{letter}" for letter in "abcdefgh"}
    assert set().union(*used.values()) == known
    assert {code for code, themes in used.items() if "4c" in themes} == {"PRO-07", "PRO-08"}


def test_smuggling_is_never_named_as_trafficking(catalogue):
    """Spanish "tráfico" and French "trafic" alone mean another crime; Portuguese "tráfico" is the right word."""
    for row in catalogue:
        assert "tráfico" not in (row["title_es"] + row["text_es"]).lower(), row["provisional_code"]
        assert "trafic" not in (row["title_fr"] + row["text_fr"]).lower(), row["provisional_code"]
        assert not re.search(r"\btrata\b", (row["title_pt_br"] + row["text_pt_br"]).lower()), row["provisional_code"]


def translations(value):
    if isinstance(value, dict):
        if "es" in value:
            yield value
        else:
            for part in value.values():
                yield from translations(part)
    elif isinstance(value, list):
        for part in value:
            yield from translations(part)


def test_plan_texts_stand_in_four_languages(plan):
    texts = list(translations(plan))
    assert len(texts) == 32
    assert all(set(text) == set(LANGUAGES) and all(text.values()) for text in texts)


def test_plan_is_extended_to_2014(plan):
    (amendment,) = plan["amendments"]
    assert (plan["plan"]["slug"], plan["plan"]["adopted_on"]) == ("wp-2010", "2010-06-08")
    assert (amendment["decided_on"], amendment["new_end"], amendment["meeting"]) == ("2012-10-16", "2014-12-31", 3)
    assert [area["code"] for area in plan["areas"]] == ["PRV", "PRO", "PRS", "COO"]
    assert [meeting["number"] for meeting in plan["meetings"]] == [1, 2, 3, 4]
    assert all(date.fromisoformat(m["starts_on"]) <= date.fromisoformat(m["ends_on"]) for m in plan["meetings"])
    assert {meeting["host"] for meeting in plan["meetings"]} <= state_codes()


def test_glossary_terms_are_complete():
    table = rows(ACCOUNTS / "glossary.csv")
    assert len({row["key"] for row in table}) == len(table)
    assert all(row[language] for row in table for language in LANGUAGES)
    assert {row["mark"] for row in table} <= {"verified", "background", "ours"}
    assert len([row for row in table if row["category"] == "status"]) == 7


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt"])
def test_demo_narratives_have_the_same_shape(language):
    demo = load(DEMO / f"narratives_{language}.json")
    assert demo["language"] == language
    assert demo["notice"]
    assert {name: len(demo[name]) for name in COMMON_LISTS} == COMMON_LISTS
    assert set(demo["areas"]) == {"PRV", "PRO", "PRS", "COO"}
    for area in demo["areas"].values():
        assert {name: len(area[name]) for name in AREA_LISTS} == AREA_LISTS
        assert {action["kind"] for action in area["actions"]} <= ACTION_KINDS
    placeholders = set(re.findall(r"\{(\w*)\}", json.dumps(demo)))
    assert placeholders <= {"state", "authority", "year", "n"}


def test_demo_names_are_forty_a_language():
    names = load(DEMO / "names.json")
    distinct = {key: len({(one["given"], one["family"]) for one in people}) for key, people in names["people"].items()}
    assert distinct == {"es": 40, "en": 40, "fr": 40, "pt": 40}
    assert [person["key"] for person in names["cast"]] == ["ana", "beto", "carla", "denise", "evan"]
