"""The measure of the whole: no count recovered over years of releases with corrections, and what leaks without."""

import pytest

from core.testing import record_proof
from tests.indicators.runs import naive_attack, yearly_releases

# Cases over all years, and yearly releases; all but the first are the design's, and long.
SIZES = [(2_000, 2), *(pytest.param(cases, 5, marks=pytest.mark.full) for cases in (5_000, 50_000, 500_000))]
NAIVE = [1_000, *(pytest.param(cases, marks=pytest.mark.full) for cases in (10_000, 100_000))]
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(3600)]


@pytest.mark.parametrize(("cases", "releases"), SIZES)
def test_no_count_is_recovered_over_successive_releases(cases: int, releases: int) -> None:
    run = yearly_releases(cases, releases)
    record_proof(
        "release_attack",
        cases=cases,
        states=34,
        releases=releases,
        cells=run.outcome.cells,
        recovered=run.outcome.recovered,
        narrow=run.outcome.narrow,
        told_less_of=run.steps,
        kept=run.kept,
        seconds=[round(seconds, 1) for seconds in run.seconds],
        processor_seconds=[round(seconds, 1) for seconds in run.processor],
    )
    assert run.figures == {0}
    assert run.outcome.cells > 500
    assert (run.outcome.recovered, run.outcome.narrow) == (0, 0)
    # Two minutes, on one core even; by the processor's clock, so that a busy machine does not make it fail.
    assert max(run.processor) < 120


@pytest.mark.parametrize("cases", NAIVE)
def test_hiding_below_ten_leaks(cases: int) -> None:
    """The same States and cases with the usual rule: a good part of what is hidden can be computed."""
    cells, recovered = naive_attack(cases)
    record_proof("naive_attack", cases=cases, cells=cells, recovered=recovered)
    assert cells > 50  # with many cases few counts are small, and nearly each of them falls
    assert recovered > cells // 20
