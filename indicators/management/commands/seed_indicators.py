"""Fill the demonstration with fictitious statistics: returns of every participating State and one release."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.enums import Role
from accounts.models import RoleAssignment, State, User
from indicators import services
from indicators.delivery import pipeline
from indicators.delivery.protect import Block
from indicators.enums import MEASURES, TABLES, Marker, ReleaseStatus
from indicators.management.simulation import count, part_of, simulate
from indicators.models import Release, ReleaseFile, StatisticalReturn

SEED = 16
YEARS = range(2012, 2014)
CASES = 4000  # in a year, over all States
SPREAD = 0.8
SOURCE = "Demonstration: fictitious figures, made by the portal"


class Command(BaseCommand):
    help = (
        "Make fictitious statistical returns for 2012 and 2013 and one published release; a second run changes nothing."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--cases", type=int, default=CASES)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OAS_DEMO:
            raise CommandError("OAS_DEMO is off: fictitious figures are for demonstrations alone.")
        if StatisticalReturn.objects.exists():
            self._say(options, "There are statistical returns already; nothing changed.")
            return
        author, signer = _people()
        rows = list(_returns(options["cases"]))
        services.seed_returns(returns=rows, author=author, signer=signer, source=SOURCE)
        release = make_release(signer, max(YEARS))
        self._say(options, f"Fictitious data: {len(rows)} statistical returns, release {release.number}.")

    def _say(self, options: dict[str, Any], text: str) -> None:
        if options["verbosity"]:
            self.stdout.write(text)


def _people() -> tuple[User, User]:
    """Two people of the demonstration; the returns are nobody's in particular."""
    roles = (Role.CONTRIBUTOR, Role.FOCAL_POINT)
    assignments = RoleAssignment.objects.current().filter(role__in=roles).order_by("pk")
    people = [assignments.filter(role=role).first() for role in roles]
    if None in people:
        raise CommandError("Make the demonstration's people first: manage.py seed_demo.")
    return people[0].user, people[1].user  # type: ignore[union-attr]


def _returns(cases: int) -> Iterator[services.DemoReturn]:
    states = list(State.objects.participating().order_by("iso2").distinct())
    rng = np.random.default_rng(SEED)
    for year in YEARS:
        people = simulate(cases, len(states), rng, SPREAD)
        for measure in MEASURES:
            block = count(part_of(people, measure), [s.iso2 for s in states], year, measure)
            yield from _block_returns(states, block)


def _block_returns(states: list[State], block: Block) -> Iterator[services.DemoReturn]:
    for code, counts in block.counts.items():
        for place, state in enumerate(states):
            values = counts[place].ravel().tolist()
            cells = {
                cell: (Marker.VALUE.value, value) if value else (Marker.ZERO.value, 0)
                for cell, value in zip(TABLES[code].cells(), values, strict=True)
            }
            yield services.DemoReturn(state, block.year, code, cells)


def make_release(actor: User, year: int) -> Release:
    """The same work as the job's, done here: a demonstration is set up before any worker runs."""
    release = Release.objects.create(number=1, year=year, created_by=actor)
    content, written = pipeline.make(release)
    content.save()
    ReleaseFile.objects.bulk_create(written)
    Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.READY)
    Release.objects.filter(pk=release.pk).update(
        status=ReleaseStatus.PUBLISHED, published_at=release.created_at, published_by=actor
    )
    return release
