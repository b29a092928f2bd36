"""Load States, memberships, groupings, authorities and the General Secretariat from accounts/data."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.enums import Confidence, InstitutionKind
from accounts.models import Grouping, GroupingMember, Institution, State, StateMembership

DATA = Path(__file__).resolve().parents[2] / "data"
LANGUAGE_COLUMNS = ("es", "en", "fr", "pt_br")
# The reporter of the General Secretariat's own mandates; its name stands in the Charter's four languages.
SECRETARIAT = "Secretaría General de la Organización de los Estados Americanos"
MEETING = "Reunión de Autoridades Nacionales en Materia de Trata de Personas"


def rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def to_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def to_language(code: str) -> str:
    return "pt-br" if code == "pt" else code


class Command(BaseCommand):
    help = "Load States, memberships, groupings and authorities; a second run changes nothing."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        states = {row["iso2"]: load_state(row) for row in rows("states.csv")}
        for row in rows("memberships.csv"):
            load_membership(states[row["iso2"]], row)
        groupings = {row["slug"]: load_grouping(row) for row in rows("groupings.csv")}
        for row in rows("grouping_members.csv"):
            load_grouping_member(groupings[row["grouping"]], states[row["iso2"]], row)
        for row in rows("authorities.csv"):
            load_authority(states[row["iso2"]], row)
        load_secretariat()
        if options["verbosity"]:
            self.stdout.write(f"{len(states)} States, {Institution.objects.count()} institutions.")


def load_state(row: dict[str, str]) -> State:
    texts = {f"{base}_{end}": row[f"{base}_{end}"] for base in ("name", "official_name") for end in LANGUAGE_COLUMNS}
    codes = {key: row[key] for key in ("iso3", "numeric", "time_zone")}
    state, _ = State.objects.update_or_create(
        iso2=row["iso2"],
        defaults={
            **texts,
            **codes,
            "languages": [to_language(code) for code in row["languages"].split()],
            "tile_row": int(row["tile_row"]) if row["tile_row"] else None,
            "tile_column": int(row["tile_col"]) if row["tile_col"] else None,
        },
    )
    return state


def load_membership(state: State, row: dict[str, str]) -> None:
    StateMembership.objects.update_or_create(
        state=state,
        kind=row["kind"],
        valid_from=to_date(row["valid_from"]),
        defaults={"valid_to": to_date(row["valid_to"]), "source": row["source"]},
    )


def load_grouping(row: dict[str, str]) -> Grouping:
    fields = ("acronym", "legal_basis", "source", "confidence", *(f"name_{end}" for end in LANGUAGE_COLUMNS))
    grouping, _ = Grouping.objects.update_or_create(slug=row["slug"], defaults={name: row[name] for name in fields})
    return grouping


def load_grouping_member(grouping: Grouping, state: State, row: dict[str, str]) -> None:
    GroupingMember.objects.update_or_create(
        grouping=grouping,
        state=state,
        valid_from=to_date(row["valid_from"]),
        defaults={
            "valid_to": to_date(row["valid_to"]),
            "source": row["source"],
            "confidence": row["confidence"],
        },
    )


def load_authority(state: State, row: dict[str, str]) -> None:
    """What a State has confirmed itself is never overwritten by our file."""
    if not row["name"]:
        return
    fields = ("body_type", "parent_institution", "legal_basis", "source", "confidence")
    known = Institution.objects.filter(state=state, name=row["name"]).first()
    if known is not None and known.confidence == Confidence.CONFIRMED:
        return
    Institution.objects.update_or_create(
        state=state,
        name=row["name"],
        defaults={
            **{name: row[name] for name in fields},
            "kind": InstitutionKind.AUTHORITY,
            "name_language": to_language(row["name_language"]) or state.language,
            "valid_from": to_date(row["valid_from"]),
            "valid_to": to_date(row["valid_to"]),
        },
    )


def load_secretariat() -> None:
    for kind, name in ((InstitutionKind.SECRETARIAT, SECRETARIAT), (InstitutionKind.MEETING, MEETING)):
        Institution.objects.get_or_create(
            kind=kind,
            name=name,
            state=None,
            defaults={"name_language": "es", "confidence": Confidence.VERIFIED, "source": "AG/RES. 2551 (XL-O/10)"},
        )
