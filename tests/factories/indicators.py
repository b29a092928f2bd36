"""Statistical returns of the tests: signed ones in bulk, and whole years of simulated States."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace

import numpy as np

from accounts.models import State
from core import jobs
from core.models import OutboxMessage
from indicators import services
from indicators.delivery import pipeline
from indicators.enums import TABLES
from indicators.management.simulation import count, simulate
from indicators.models import Release, ReturnVersion

Values = Mapping[tuple[str, str], int]


def answers(values: Iterable[int], table: str) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Counts in the order of the table's cells."""
    pairs = zip(TABLES[table].cells(), values, strict=True)
    return {place: ("value", value) if value else ("zero", 0) for place, value in pairs}


def sign(cast: SimpleNamespace, returns: Iterable[services.DemoReturn]) -> list[ReturnVersion]:
    return services.seed_returns(returns=list(returns), author=cast.ana, signer=cast.beto, source="Test register")


def simulated_year(year: int, cases: int, seed: int = 1, tables: tuple[str, ...] = ()) -> list[services.DemoReturn]:
    """What all States would report of these simulated cases: victims identified."""
    states = list(State.objects.participating().order_by("iso2").distinct())
    block = count(simulate(cases, len(states), np.random.default_rng(seed)), [s.iso2 for s in states], year)
    return [
        services.DemoReturn(state, year, code, answers(counts[place].ravel().tolist(), code))
        for code, counts in block.counts.items()
        if not tables or code in tables
        for place, state in enumerate(states)
    ]


def build_release(cast: SimpleNamespace, year: int) -> Release:
    """A release asked for by the Secretariat and made as the worker makes it."""
    release = services.request_release(year=year, actor=cast.denise)
    message = OutboxMessage.objects.get(job=release.job)
    with jobs.claim(str(message.pk)) as claimed:
        assert claimed is not None
        pipeline.build(claimed, release.pk)
    release.refresh_from_db()
    return release
