"""Count the records of a CTDC-shaped file into fictitious returns, for demonstrations at scale."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.enums import Role
from accounts.models import RoleAssignment, State
from indicators import services
from indicators.enums import TABLES, Marker
from indicators.imports import Case, FaultyFile, read_ctdc
from indicators.validators import FIRST_YEAR

MADE = ("VIC_SEX_AGE", "VIC_SEX_EXP", "VIC_CIT_MOV")
SOURCE = "Demonstration: counted from a file in the shape of the CTDC Global Synthetic Dataset"


class Command(BaseCommand):
    help = "Read a file with the 27 variables of the CTDC codebook and make the victims' tables of the States in it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OAS_DEMO:
            raise CommandError("OAS_DEMO is off: these figures are for demonstrations alone.")
        states = {state.iso3: state for state in State.objects.participating().distinct()}
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as file:
                counts, records = _count(read_ctdc(file), states)
        except FaultyFile as refusal:
            raise CommandError(" ".join(map(str, refusal.faults))) from refusal
        returns = [_return(states[iso3], year, table, cells) for (iso3, year, table), cells in sorted(counts.items())]
        roles = RoleAssignment.objects.current().filter(institution__state__isnull=False).order_by("pk")
        author, signer = (roles.filter(role=role).first() for role in (Role.CONTRIBUTOR, Role.FOCAL_POINT))
        if author is None or signer is None:
            raise CommandError("Make the demonstration's people first: manage.py seed_demo.")
        services.seed_returns(returns=returns, author=author.user, signer=signer.user, source=SOURCE)
        if options["verbosity"]:
            self.stdout.write(f"{records} records counted into {len(returns)} returns.")


Counts = dict[tuple[str, int, str], Counter[tuple[str, str]]]


def _count(cases: Any, states: dict[str, State]) -> tuple[Counts, int]:
    counts: Counts = {}
    records = 0
    for case in cases:
        if case.state in states and case.year >= FIRST_YEAR:
            records += 1
            for table in MADE:
                counts.setdefault((case.state, case.year, table), Counter())[_place(case, table)] += 1
    return counts, records


def _place(case: Case, table: str) -> tuple[str, str]:
    return {
        "VIC_SEX_AGE": (case.sex, case.age),
        "VIC_SEX_EXP": (case.sex, case.exploitation),
        "VIC_CIT_MOV": (case.citizenship, case.movement),
    }[table]


def _return(state: State, year: int, table: str, counts: Counter[tuple[str, str]]) -> services.DemoReturn:
    cells = {
        place: (Marker.VALUE.value, counts[place]) if counts[place] else (Marker.ZERO.value, 0)
        for place in TABLES[table].cells()
    }
    return services.DemoReturn(state, year, table, cells)
