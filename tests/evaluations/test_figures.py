"""Every figure counted again by plain SQL, and the rules of the figures by small examples."""

import copy
from typing import Any

import pytest
from django.db import connection

from core.canonical import content_hash
from evaluations.models import Evaluation
from evaluations.queries.figures import (
    Answer,
    Change,
    Distribution,
    Moves,
    Row,
    agreement,
    distribution,
    moves,
    percent_of,
    summarize,
)
from evaluations.queries.snapshot import build_snapshot
from tests.factories.evaluations import make_evaluation
from workplan.models import Rating, Report

pytestmark = pytest.mark.django_db

RECOUNT = """
SELECT {group}, rating.{column}, count(*)
FROM workplan_rating rating
JOIN workplan_report report ON report.accepted_version_id = rating.version_id
JOIN workplan_round round ON round.id = report.round_id
JOIN workplan_activity activity ON activity.id = rating.activity_id
JOIN workplan_area area ON area.id = activity.area_id
{join}
WHERE round.code = %s AND report.state_id IS NOT NULL AND activity.responsible <> 'general_secretariat'
GROUP BY 1, 2
"""
THEMES = "CROSS JOIN LATERAL unnest(activity.themes) AS theme"


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def recount(group: str, round_code: str, column: str = "status", join: str = "") -> dict[str, dict[str, int]]:
    """Answers of accepted reports by group and status, "no information" of missing reports not yet added."""
    found: dict[str, dict[str, int]] = {}
    for name, status, number in sql(RECOUNT.format(group=group, column=column, join=join), round_code):
        found.setdefault(name, {})[status] = number
    return found


def missing_reports(round_code: str) -> int:
    statement = """SELECT count(*) FROM workplan_report report JOIN workplan_round round ON round.id = report.round_id
        WHERE round.code = %s AND report.state_id IS NOT NULL AND report.accepted_version_id IS NULL"""
    return int(sql(statement, round_code)[0][0])


def as_counted(of: Distribution, activities: int, missing: int) -> dict[str, int]:
    """What SQL should have found: without the "no information" that missing reports stand for."""
    counts = {status: number for status, number in of.counts.items() if number}
    rest = counts.get("no_information", 0) - missing * activities
    return {**{s: n for s, n in counts.items() if s != "no_information"}, **({"no_information": rest} if rest else {})}


@pytest.fixture
def evaluation(cast: Any) -> Evaluation:
    return make_evaluation(cast)


def check(rows: list[Row], group: str, join: str = "") -> int:
    """Compare every row with SQL in both rounds and both ratings; returns how many figures were compared."""
    now, own, before = (
        recount(group, "2014-1", join=join),
        recount(group, "2014-1", "self_status", join),
        recount(group, "2012-2", join=join),
    )
    for row in rows:
        assert row.change is not None
        assert as_counted(row.distribution, row.activities, missing_reports("2014-1")) == now[row.code]
        assert as_counted(row.own, row.activities, missing_reports("2014-1")) == own[row.code]
        assert as_counted(row.change.before, row.activities, missing_reports("2012-2")) == before[row.code]
    assert {row.code for row in rows} == set(now)
    return len(rows) * 21


def test_distributions_equal_a_recount_by_sql(evaluation: Evaluation) -> None:
    summary = summarize(build_snapshot(evaluation))
    compared = check(list(summary.areas), "area.code")
    compared += check([row for rows in summary.activities.values() for row in rows], "activity.code")
    compared += check(list(summary.themes), "theme", THEMES)
    assert compared == (4 + 36 + 8) * 21


def test_moves_equal_a_recount_by_sql(evaluation: Evaluation) -> None:
    statement = """
        WITH scaled AS (
            SELECT round.code AS round, report.state_id AS state, activity.code AS activity,
                array_position(ARRAY['not_started','planned','partial','substantial','full'], rating.status::text) AS s
            FROM workplan_rating rating
            JOIN workplan_report report ON report.accepted_version_id = rating.version_id
            JOIN workplan_round round ON round.id = report.round_id
            JOIN workplan_activity activity ON activity.id = rating.activity_id
            WHERE report.state_id IS NOT NULL)
        SELECT now.activity, count(*) FILTER (WHERE now.s > past.s), count(*) FILTER (WHERE now.s = past.s),
            count(*) FILTER (WHERE now.s < past.s)
        FROM scaled now JOIN scaled past USING (state, activity)
        WHERE now.round = '2014-1' AND past.round = '2012-2' AND now.s IS NOT NULL AND past.s IS NOT NULL
        GROUP BY 1"""
    expected = {code: Moves(*numbers) for code, *numbers in sql(statement)}
    summary = summarize(build_snapshot(evaluation))
    rows = [row for rows in summary.activities.values() for row in rows]
    assert {row.code: row.change.moves for row in rows if row.change} == expected


def test_response_equals_a_recount_by_sql(evaluation: Evaluation) -> None:
    summary = summarize(build_snapshot(evaluation))
    statement = """SELECT state.iso2 FROM workplan_report report
        JOIN accounts_state state ON state.id = report.state_id JOIN workplan_round round ON round.id = report.round_id
        WHERE round.code = '2014-1' AND report.status = %s ORDER BY 1"""
    accepted, submitted, missing = (
        [iso2 for (iso2,) in sql(statement, s)] for s in ("accepted", "submitted", "in_preparation")
    )
    response = summary.response
    assert (list(response.accepted), list(response.submitted), list(response.not_reported)) == (
        accepted,
        submitted,
        missing,
    )
    assert (response.asked, response.total, len(accepted), len(submitted)) == (34, 34, 26, 3)


def test_secretariat_answers_for_its_own(evaluation: Evaluation) -> None:
    summary = summarize(build_snapshot(evaluation))
    report = Report.objects.get(reference="SG-2014-1")
    stored = Rating.objects.filter(version=report.accepted_version)
    expected = {r.activity.code: (r.status, r.self_status) for r in stored.select_related("activity")}
    assert {a.activity: (a.rating, a.own) for a in summary.secretariat} == expected
    assert len(expected) == 10  # eight of its own and two joint ones
    assert summary.secretariat_standing == "accepted"


def test_same_data_give_the_same_hash_and_other_data_another(evaluation: Evaluation) -> None:
    first = build_snapshot(evaluation)
    assert content_hash(build_snapshot(Evaluation.objects.get())) == content_hash(first)
    rated = Rating.objects.filter(version__accepted_for__round=evaluation.round).first()
    assert rated is not None
    changed = copy.deepcopy(first)
    code = rated.version.report.state.iso2 if rated.version.report.state else "SG"
    changed["rounds"][0]["reports"][code]["ratings"][rated.activity.code][0] = "another"
    assert content_hash(changed) != content_hash(first)


def test_snapshot_is_read_in_a_fixed_number_of_queries(cast: Any, django_assert_num_queries: Any) -> None:
    evaluation = Evaluation.objects.with_page_data().get(pk=make_evaluation(cast, accepted=6, submitted=1).pk)
    with django_assert_num_queries(27):
        build_snapshot(evaluation)


def test_snapshot_of_thirty_reports_needs_no_more_queries(cast: Any, django_assert_num_queries: Any) -> None:
    evaluation = Evaluation.objects.with_page_data().get(pk=make_evaluation(cast, accepted=30).pk)
    with django_assert_num_queries(27):
        build_snapshot(evaluation)


# --- rules, by example ----------------------------------------------------


def counts(**numbers: int) -> Distribution:
    return distribution(Answer("XX", "A", status) for status, n in numbers.items() for _ in range(n))


def test_not_applicable_and_no_information_stay_out_of_the_denominator() -> None:
    of = counts(full=1, substantial=1, partial=2, not_applicable=5, no_information=7)
    assert (of.counted, of.advanced, of.share, of.total) == (4, 2, 50, 16)


def test_share_of_nothing_is_not_zero() -> None:
    assert counts(no_information=3).share is None
    assert percent_of(0, 0) is None


@pytest.mark.parametrize(("part", "whole", "expected"), [(1, 8, 13), (1, 3, 33), (2, 3, 67), (1, 200, 1), (0, 5, 0)])
def test_percentages_round_halves_up(part: int, whole: int, expected: int) -> None:
    assert percent_of(part, whole) == expected


def test_points_are_computed_before_rounding() -> None:
    """1 of 3 to 2 of 3: 33.3 to 66.7, a difference of 33 points, not of 67 minus 33."""
    change = Change(counts(full=1, partial=2), counts(full=2, partial=1), Moves(0, 0, 0))
    assert (change.before.share, change.now.share, change.points) == (33, 67, 33)
    back = Change(counts(full=2, partial=1), counts(full=1, partial=2), Moves(0, 0, 0))
    assert back.points == -33
    assert Change(counts(no_information=1), counts(full=1), Moves(0, 0, 0)).points is None


def test_moves_compare_each_reporter_with_itself() -> None:
    before = [Answer("AR", "A", "planned"), Answer("BR", "A", "full"), Answer("CL", "A", "not_applicable")]
    now = [
        Answer("AR", "A", "full"),
        Answer("BR", "A", "partial"),
        Answer("CL", "A", "full"),
        Answer("PE", "A", "full"),
    ]
    assert moves(before, now) == Moves(forward=1, same=0, back=1)


def test_agreement_counts_both_directions_and_what_left_the_scale() -> None:
    of = agreement(
        [
            Answer("AR", "A", "full", "full"),
            Answer("BR", "A", "partial", "full"),
            Answer("CL", "A", "full", "planned"),
            Answer("PE", "A", "not_applicable", "full"),
            Answer("UY", "A"),
        ]
    )
    assert (of.same, of.review_lower, of.review_higher, of.off_scale) == (1, 1, 1, 1)
