"""Who gets what, for every route, method, person and object; and nothing of anybody else's on the way."""

import os

import pytest

from core.testing import record_proof
from tests.access import matrix
from tests.access.matrix import Case
from tests.access.policy import ACTORS, MAY_READ, NOBODY, SEES, SIGNED_IN, URLS
from tests.access.world import World
from tests.support import note_figures

FULL = os.environ.get("PORTAL_FULL") == "1"
KEY_ACTORS = {"focal_point", "secretariat_officer", "public"}
ONE_IN = 89  # of what is not always tried


def chosen_cases(actor: str) -> list[Case]:
    """All of them in the full run; else every page for the key people, and an even share of the rest."""
    cases = [case for case in matrix.all_cases() if case.actor == actor]
    if FULL:
        return cases
    pages = [case for case in cases if case.method == "GET" and not case.htmx and case.actor in KEY_ACTORS]
    always = one_of_each_answer(pages)
    kept = set(always)
    rest = [case for case in cases if case not in kept]
    return always + rest[ACTORS.index(actor) :: ONE_IN]


def one_of_each_answer(pages: list[Case]) -> list[Case]:
    """Of each page one object that answers, one that is hidden, and so on; not the same object of every page."""
    alike: dict[tuple[str, frozenset[str]], list[Case]] = {}
    for case in pages:
        alike.setdefault((case.url, frozenset(matrix.expected(case))), []).append(case)
    return [cases[number % len(cases)] for number, cases in enumerate(alike.values())]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_gets_what_the_policy_says_and_no_more(world: World, actor: str) -> None:
    cases = chosen_cases(actor)
    seen = [matrix.try_case(world, case) for case in cases]
    wrong = [str(one) for one in seen if one.faults or one.leaks]
    leaks = sum(bool(one.leaks) for one in seen)
    note_figures("access_matrix", combinations=len(cases), actors=1, deviations=len(wrong), leaks=leaks)
    assert not wrong, "\n".join(wrong[:500])


def test_the_whole_matrix_is_large_enough() -> None:
    assert len(list(matrix.all_cases())) >= 20_000
    assert len(ACTORS) >= 18


def some_of_each_page(pairs: list[tuple[Case, Case]]) -> list[tuple[Case, Case]]:
    """Each page and method for one person, and the next page for the next; then an even share up to five hundred."""
    by_page: dict[tuple[str, str], dict[str, list[tuple[Case, Case]]]] = {}
    for pair in pairs:
        people = by_page.setdefault((pair[0].url, pair[0].method), {})
        people.setdefault(pair[0].actor, []).append(pair)
    tried: list[tuple[Case, Case]] = []
    for number, people in enumerate(by_page.values()):
        tried += [*people.values()][number % len(people)][:3]
    missing = max(0, 500 - len(tried))
    rest = sorted(set(pairs) - set(tried), key=str)
    return tried + rest[:: max(1, len(rest) // max(1, missing))][:missing]


@pytest.mark.timeout(900)
def test_what_is_hidden_answers_like_what_never_existed(world: World) -> None:
    pairs = list(matrix.foreign_pairs())
    tried = pairs if FULL else some_of_each_page(pairs)
    shapes = {never: matrix.shape(world, never) for never in {never for _hidden, never in tried}}
    different = []
    for hidden, never in tried:
        if told := matrix.told_apart(matrix.shape(world, hidden), shapes[never]):
            different.append(f"{hidden}: {told}")
    record_proof("existence_oracle", pairs=len(tried), differences=len(different))
    assert len(tried) >= 500
    assert not different, "\n".join(different[:500])


# --- what asks for the second factor once more (bar B50) -------------------------------------------


def test_sensitive_pages_and_no_others_ask_again_after_five_minutes(world: World) -> None:
    """Each page at the first of its objects; before the second factor is shown nothing is looked up."""
    wrong = []
    for url, row in URLS.items():
        if row.gate == NOBODY:
            continue
        target = next(iter(SEES[row.over])) if row.over else ""
        actor = min(row.gate) if row.gate and "secretariat_admin" not in row.gate else "secretariat_admin"
        cases = [Case(url, method, actor, target) for method in ("GET", "POST") if not row.library]
        wrong += [str(case) for case in cases if matrix.asks_again(world, case) != (case.method in row.fresh)]
    assert wrong == []


# --- the instruments themselves -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "url", "target", "family"),
    [
        ("focal_point", "report_check", "own draft", "CR-DRAFT"),
        ("ministry", "entry_edit", "own draft", "CR-HANDED"),
        ("secretariat_officer", "report_version", "other State's sent", "GT-SENT"),
        ("secretariat_officer", "entry_edit", "Secretariat's draft", "SG-DRAFT"),
        ("meeting_officer", "report_version", "Secretariat's sent", "SG-SENT"),
        ("state_auditor", "audit_trail", "", "CR-AUDIT"),
        ("secretariat_admin", "person_detail", "partner's", "OTHER-PARTNER"),
        ("focal_point", "team", "", "CR-PEOPLE"),
        ("secretariat_officer", "evidence_download", "other State's sent", "GT-EVIDENCE"),
        ("secretariat_officer", "report_paper", "other State's", "GT-EVIDENCE"),
        ("meeting_officer", "report_paper", "own, public", "CR-SENT"),
        ("meeting_officer", "document_download", "of a draft", "EVAL"),
        ("focal_point", "consultation_paper", "own State's", "CR-SENT"),
    ],
)
def test_a_canary_sings_where_it_may(world: World, actor: str, url: str, target: str, family: str) -> None:
    """Were a canary lost on its way to a page, its absence elsewhere would prove nothing."""
    text = matrix.everything(matrix.ask(world, Case(url, "GET", actor, target)))
    assert family in matrix.families_in(text)


def test_a_canary_of_somebody_else_is_a_leak() -> None:
    text = "CNRY-GT-DRAFT-narrative CNRY-CR-DRAFT-place gt-author@example.org"
    assert matrix.leaked_families(text, "focal_point") == ["GT-DRAFT", "GT-PEOPLE"]


def test_every_canary_is_hidden_from_somebody() -> None:
    assert {family for family, who in MAY_READ.items() if who >= SIGNED_IN} == {"PUBLIC", "PASSKEY"}
