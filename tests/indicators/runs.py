"""Runs of several yearly releases over simulated cases, and the attack on the naive alternative."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from accounts.models import State
from indicators.delivery.attack import Attacker, Outcome, System, Target, Version
from indicators.delivery.compose import KEPT, tell
from indicators.delivery.pipeline import THREADS
from indicators.delivery.protect import Block
from indicators.enums import MEASURES, TABLES
from indicators.management.simulation import People, count, part_of, simulate

LATE, WITHDRAWN = 0.02, 0.005  # of a year's cases, found or withdrawn each year after


@dataclass
class Run:
    outcome: Outcome = field(default_factory=Outcome)
    seconds: list[float] = field(default_factory=list)  # of each release, on two threads
    processor: list[float] = field(default_factory=list)
    steps: int = 0
    kept: int = 0  # corrections that had to wait
    figures: set[int] = field(default_factory=set)


def participating() -> list[str]:
    return sorted(set(State.objects.participating().values_list("iso2", flat=True)))


def yearly_releases(cases: int, releases: int, measures: tuple[str, ...] = MEASURES) -> Run:
    """One release a year. Each tells its own year and all years before as corrected since: in every State that had
    late cases, in every year."""
    rng = np.random.default_rng(cases)
    states = participating()
    people: dict[int, People] = {}
    told: dict[tuple[int, str], list[Version]] = {}
    run = Run()
    for number in range(1, releases + 1):
        for year in people:
            people[year] = _corrected(people[year], len(states), rng)
        people[2009 + number] = simulate(max(cases // releases, 1), len(states), rng)
        blocks = [block for year in people for block in _blocks(people[year], states, year, measures)]
        _release(run, told, blocks, number)
    return run


def _corrected(people: People, states: int, rng: np.random.Generator) -> People:
    late = simulate(max(round(LATE * len(people)), 1), states, rng)
    return people.chosen(rng.random(len(people)) > WITHDRAWN).joined(late)


def _blocks(people: People, states: list[str], year: int, measures: tuple[str, ...]) -> list[Block]:
    return [count(part_of(people, measure), states, year, measure) for measure in measures]


def _release(run: Run, told: dict[tuple[int, str], list[Version]], blocks: list[Block], number: int) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        made = pool.map(lambda b: tell(b, told.get((b.year, b.measure), []), number), blocks)
        for block, one in zip(blocks, made, strict=True):
            told.setdefault((block.year, block.measure), []).append(one.version)
            run.outcome.add(one.outcome)
            run.steps += len(one.version.steps)
            run.kept += KEPT in one.version.steps
            run.figures |= {s.shown % 10 for s in one.version.publication.statements}
    run.seconds.append(time.perf_counter() - wall)
    run.processor.append(time.process_time() - processor)


# --- the naive alternative ------------------------------------------------------------------------


def naive_attack(cases: int, seed: int = 1) -> tuple[int, int]:
    """Hide counts below 10, print all others and all totals exactly: (small counts hidden, recovered exactly)."""
    states = participating()
    block = count(simulate(cases, len(states), np.random.default_rng(seed)), states, 2010)
    table = TABLES["VIC_SEX_AGE"]
    broad = [[0, 1], list(range(2, 9)), [9]]
    counts = np.stack([block.counts[table.code][:, :, places].sum(axis=2) for places in broad], axis=2)
    system = System()
    numbers = np.vectorize(system.unknown)(counts)
    everything = range(len(states))
    for area in [*((s,) for s in everything), tuple(everything)]:
        for rows in [(0,), (1,), (2,), (0, 1, 2)]:
            for columns in [(0,), (1,), (2,), (0, 1, 2)]:
                members = numbers[np.ix_(area, rows, columns)].ravel()
                _tell_naively(system, members, Target(1, table.code, str(area), str(rows), str(columns)))
    attacker = Attacker(system)
    attacker.sweep()
    hidden = int(((attacker.targets.true >= 1) & (attacker.targets.true <= 9)).sum())
    return hidden, sum(f.is_exact and 1 <= f.low <= 9 for f in attacker.settle(thorough=True))


def _tell_naively(system: System, members: np.ndarray, name: Target) -> None:
    total = system.true_sum(members)
    system.between(members, *((total, total) if total >= 10 else (0, 9)))
    if total < 10:
        system.aim(name, members)
