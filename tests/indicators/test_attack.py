"""The attacker finds what is there to be found: each test plants a leak, or compares with another method."""

import itertools
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from indicators.delivery.attack import Attacker, SolverFailed, System, Target, Version, attack, build_system, escalate
from indicators.delivery.compose import Stopped, tell
from indicators.delivery.protect import Block, bounds_of, protect, round_base
from indicators.enums import releases_of
from indicators.management.simulation import count, simulate

STATES = ("AR", "BR", "CL", "CO", "EC", "PE", "PY", "SR")


def small_block(seed: int = 1, cases: int = 500, measure: str = "VIC") -> Block:
    return count(simulate(cases, len(STATES), np.random.default_rng(seed)), STATES, 2013, measure)


def test_four_zeros_under_a_twenty_tell_their_counts() -> None:
    """4+4+4+4: each is shown as 0, their total as 20, so that each is 3 or 4. Rounding alone is not enough."""
    system = System()
    numbers = np.array([system.unknown(4) for _ in range(4)])
    for number in numbers:
        system.between(np.array([number]), *bounds_of(0))
        system.aim(Target(1, "t", "AR", str(number), ""), np.array([number]))
    system.between(numbers, *bounds_of(20))
    attacker = Attacker(system)
    attacker.sweep()
    assert {(f.low, f.high) for f in attacker.settle(thorough=True)} == {(3, 4)}


@pytest.mark.parametrize("seed", range(4))
def test_intervals_are_those_of_every_possible_table(seed: int) -> None:
    """On a table small enough to try all counts, the attacker's intervals are the true ones."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 8, 4)
    sums = [(0, 1), (2, 3), (0, 2), (1, 3), (0, 1, 2, 3)]
    system = System()
    for value in truth:
        number = system.unknown(int(value))
        system.between(np.array([number]), *bounds_of(round_base(int(value))))
        system.aim(Target(1, "t", "AR", str(number), ""), np.array([number]))
    for members in sums:
        total = int(truth[list(members)].sum())
        system.between(np.array(members), *bounds_of(round_base(total)))
    possible = [
        counts
        for counts in itertools.product(range(15), repeat=4)
        if all(round_base(c) == round_base(int(t)) for c, t in zip(counts, truth, strict=True))
        and all(round_base(sum(counts[i] for i in m)) == round_base(int(truth[list(m)].sum())) for m in sums)
    ]
    attacker = Attacker(system)
    for place, name in enumerate(attacker.targets.names):
        goal, _extra = attacker.targets.single(place)
        attacker._solve(goal)
        attacker._solve(-goal)
        values = [counts[int(name.row)] for counts in possible]
        assert attacker.targets.interval(place) == (min(values), max(values))


def test_agrees_with_a_plain_attack_cell_by_cell() -> None:
    """No sweeps, no shortcuts, another entry of the solver: two problems per cell."""
    block = small_block()
    version = Version(1, block, protect(block))
    quick = attack([version])
    attacker = Attacker(build_system([version]))
    matrix, low, high = attacker.rows.toarray(), attacker.lower, attacker.upper
    a_ub = np.vstack([matrix[np.isfinite(high)], -matrix[np.isfinite(low)]])
    b_ub = np.concatenate([high[np.isfinite(high)], -low[np.isfinite(low)]])
    narrow = set()
    small = np.flatnonzero(attacker.targets.true <= 11)
    for number in small[:: max(1, len(small) // 60)]:
        goal, _extra = attacker.targets.single(number)
        ends = [linprog(sign * goal, A_ub=a_ub, b_ub=b_ub).fun for sign in (1, -1)]
        first, last = np.ceil(ends[0] - 1e-6), np.floor(-ends[1] + 1e-6)
        if last - first < 3 and last >= 1 and first <= 9:
            narrow.add(attacker.targets.names[number])
    assert narrow <= {finding.target for finding in quick.findings}


def convictions() -> Block:
    """Women, men and a few others convicted, in States large enough to stand alone."""
    rows = [[[60 + 7 * place], [30 + 5 * place], [3 + place % 4]] for place in range(len(STATES))]
    return Block(2013, "CON", STATES, {"CON_SEX": np.array(rows)})


def others_of(system: System) -> dict[str, np.ndarray]:
    """The unknown of the small row of each State."""
    found = {target.area: members for target, members in system.targets.values() if target.row == "_O"}
    return {area: found[area] for area in STATES}


def findings_of(system: System) -> dict[str, tuple[int, int]]:
    attacker = Attacker(system)
    attacker.sweep()
    return {f.target.area: (f.low, f.high) for f in attacker.settle(thorough=True) if f.target.row == "_O"}


def test_an_exact_figure_among_rounded_ones_is_found() -> None:
    """The defect planted: one State's figure is told exactly. Without it there is nothing to find."""
    block = convictions()
    system = build_system([Version(1, block, protect(block))])
    assert findings_of(system) == {}
    number = others_of(system)["BR"]
    system.between(number, 4, 4)
    assert findings_of(system) == {"BR": (4, 4)}


def test_a_hemisphere_that_differs_by_one_state_is_found() -> None:
    """Exact sums of all States and of all but one: their difference is the last State's count."""
    block = convictions()
    system = build_system([Version(1, block, protect(block))])
    numbers = others_of(system)
    everything = np.concatenate(list(numbers.values()))
    system.between(everything, system.true_sum(everything), system.true_sum(everything))
    assert findings_of(system) == {}
    rest = np.concatenate([numbers[area] for area in STATES[1:]])
    system.between(rest, system.true_sum(rest), system.true_sum(rest))
    assert findings_of(system) == {"AR": (3, 3)}


def test_what_the_attack_finds_is_told_less_of() -> None:
    """Four columns at the upper end of 0, under a total at the lower end of 20: the audit merges, and then holds."""
    counts = np.zeros((8, 5, 1), dtype=np.int64)
    counts[:, :, 0] = 40
    counts[0, :, 0] = [20, 4, 4, 4, 3]
    block = Block(2013, "OFF", STATES, {"OFF_EXP": counts})
    told = tell(block, [], 1)
    assert attack([told.version]).findings == []


def test_a_release_that_stays_weak_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    block = small_block(measure="CON")
    from indicators.delivery import compose
    from indicators.delivery.attack import Finding, Outcome

    found = Outcome(1, [Finding(Target(1, "persons-convicted", "AR", "F", "_T"), 3, 3)])
    monkeypatch.setattr(compose, "attack", lambda versions, **options: found)
    with pytest.raises(Stopped) as stopped:
        tell(block, [], 1)
    assert [f.target.area for f in stopped.value.findings] == ["AR"]


def test_escalation_merges_then_folds_then_hides() -> None:
    from indicators.delivery.attack import Finding
    from indicators.delivery.protect import Escalation

    block = small_block(measure="CON", cases=2000)
    finding = Finding(Target(1, "persons-convicted", "AR", "F", "_T"), 3, 3)
    first = escalate([finding], protect(block))
    assert first == {Escalation("merge", "AR", "persons-convicted")}
    second = escalate([finding], protect(block, first))
    assert second == {Escalation("fold", "AR")}
    assert protect(block, first | second).placement["AR"] != "AR"


def test_a_correction_is_linked_to_the_release_before() -> None:
    """Unchanged counts are the same unknowns; the changed one is a new one, bound to the old."""
    block = small_block(measure="CON", cases=2000)
    counts = block.counts["CON_SEX"].copy()
    counts[0, 0, 0] += 3
    later = Block(2013, "CON", STATES, {"CON_SEX": counts})
    once = build_system([Version(1, block, protect(block))])
    twice = build_system([Version(1, block, protect(block)), Version(2, later, protect(later))])
    assert len(twice.truth) == len(once.truth) + 1


def test_every_step_asked_for_tells_less() -> None:
    """Whatever is found, and however often: a step without an effect would stop a release that could be mended."""
    from indicators.delivery.attack import Finding
    from indicators.delivery.protect import Escalation

    block = small_block(cases=400)
    for table, area in [(t.code, a) for t in releases_of("VIC") for a in (*STATES, "O005", "W")]:
        steps: frozenset[Escalation] = frozenset()
        told = protect(block)
        while told.areas:
            finding = Finding(Target(1, table, area, "F", "_T"), 3, 3)
            steps |= escalate([finding], told)
            less = protect(block, steps)
            assert less.statements != told.statements
            if "W" not in less.areas:
                break
            told = less


def test_a_correction_that_cannot_be_told_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the new counts is told, not even that there are any; the next release tries again."""
    from indicators.delivery import compose
    from indicators.delivery.attack import Finding, Outcome

    block, later = small_block(measure="CON", cases=2000), small_block(seed=2, measure="CON", cases=2000)
    first = tell(block, [], 1).version
    found = [Finding(Target(1, "persons-convicted", "AR", "F", "_T"), 3, 3)]

    def weak(versions: Any, **options: Any) -> Outcome:
        return Outcome(1, [] if versions[-1].block is block else found)

    monkeypatch.setattr(compose, "attack", weak)
    kept = tell(later, [first], 2).version
    assert compose.KEPT in kept.steps
    assert kept.publication == first.publication


def test_a_year_that_cannot_be_told_stays_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    from indicators.delivery import compose
    from indicators.delivery.attack import Finding, Outcome

    found = [Finding(Target(1, "persons-convicted", "AR", "F", "_T"), 3, 3)]

    def weak(versions: Any, **options: Any) -> Outcome:
        return Outcome(1, found if versions[-1].publication.statements else [])

    monkeypatch.setattr(compose, "attack", weak)
    assert tell(small_block(measure="CON", cases=2000), [], 1).version.publication.statements == []


def test_no_answer_of_the_solver_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither safe nor found: the work fails and is tried again."""
    from indicators.delivery.attack.solver import Solver

    monkeypatch.setattr(Solver, "_found", lambda self, options: False)
    with pytest.raises(SolverFailed):
        attack([Version(1, convictions(), protect(convictions()))])


def test_what_an_attack_recalls_is_checked_against_what_is_told_now() -> None:
    """Answers of a looser system tighten nothing and hide nothing: the planted leak is still found."""
    block = convictions()
    version = Version(1, block, protect(block))
    loose = attack([version])
    assert loose.seen
    assert loose.findings == []
    again = attack([version], hints=loose.seen)
    assert (again.findings, again.solved < loose.solved) == ([], True)
    system = build_system([version])
    number = others_of(system)["BR"]
    system.between(number, 4, 4)
    attacker = Attacker(system)
    attacker.recall([*loose.seen, np.zeros(3)])
    attacker.sweep()
    found = {f.target.area: (f.low, f.high) for f in attacker.settle(thorough=True) if f.target.row == "_O"}
    assert found == {"BR": (4, 4)}


def test_one_more_unknown_leaves_no_trace_in_the_solver() -> None:
    """A State's own finer count is asked for with an unknown of its own, and the next question has it no more."""
    attacker = Attacker(build_system([Version(1, small_block(), protect(small_block()))]))
    goal, _none = attacker.targets.single(0)
    attacker._solve(goal)
    before = attacker.solver.minimize(goal)
    for number in range(0, len(attacker.shares.names), 97):
        single, extra = attacker.shares.single(number)
        attacker._solve(-single, extra)
        attacker._solve(single, extra)
    highs = attacker.solver.highs
    assert (highs.getNumCol(), highs.getNumRow()) == attacker.rows.shape[::-1]
    assert goal @ attacker.solver.minimize(goal) == pytest.approx(goal @ before, abs=1e-6)
