"""Two browsers in one entry, killed and resumed at random: no typed text is lost, nothing is overwritten unseen."""

import os
import random
from collections import Counter
from typing import Any

import pytest
from django.test import Client

from core.testing import record_proof
from tests.workplan.pages import url
from tests.workplan.typists import Ledger, Window, stored_words, words
from workplan.models import EntryDraft, Report, ReportEntry

RUNS = 200
STEPS = ("type", "type", "type", "autosave", "autosave", "delay", "arrive", "save", "save")


@pytest.fixture
def entry(open_round: Any) -> ReportEntry:
    return Report.objects.get(reference="CR-2014-1").entries.get(activity__code="PRV-01")


def windows(cast: Any, ledger: Ledger, chance: random.Random) -> list[Window]:
    """Ana's browser and Beto's, and now and then a second window of Ana's."""
    address = url("entry_edit", "CR-2014-1", "PRV-01")
    clients = [Client(raise_request_exception=True) for _ in range(2)]
    for client, person in zip(clients, (cast.ana, cast.beto), strict=True):
        client.force_login(person)
    return [Window(client, address, ledger, chance) for client in (*clients, clients[0])]


def step(window: Window, chance: random.Random) -> str:
    """One thing that one person does, or that happens to their line."""
    if window.form is None:
        window.open()
        return "open"
    answered = chance.random() < 0.85
    if window.is_conflict:
        window.choose(answered=answered)
        return "choose"
    act = chance.choice(STEPS)
    getattr(window, act)(**({"answered": answered} if act in ("autosave", "save") else {}))
    return act


def run(cast: Any, entry: ReportEntry, seed: int, runs: int) -> tuple[Ledger, set[str], set[str], Counter[str]]:
    """(ledger, words lost from drafts, words overwritten unseen, what happened)"""
    chance, ledger = random.Random(seed), Ledger()
    people = windows(cast, ledger, chance)
    lost: set[str] = set()
    overwritten: set[str] = set()
    happened: Counter[str] = Counter()
    for _number in range(runs):
        for _step in range(chance.randrange(3, 9)):
            window = chance.choices(people, (5, 5, 1))[0]
            before = stored_words(entry)
            happened[step(window, chance)] += 1
            gone = ledger.missing(entry) - lost - overwritten
            overwritten |= gone & before
            lost |= gone - before
        victim = chance.choice([window for window in people if window.form is not None] or people)
        victim.kill(beacon=chance.random() < 0.5)
        victim.open()
        missing_on_page = kept_and_not_shown(victim)
        lost |= ledger.missing(entry) - overwritten | missing_on_page
    return ledger, lost, overwritten, happened


def kept_and_not_shown(window: Window) -> set[str]:
    """Words of one's own draft that the page does not bring back."""
    user = window.client.session["_auth_user_id"]
    kept = words(str([draft.answer for draft in EntryDraft.objects.filter(user=user)]))
    return kept - window.seen


def a_seed() -> int:
    return int(os.environ.get("OAS_SEED", random.SystemRandom().randrange(10**6)))


def test_a_few_kills_lose_nothing(cast: Any, entry: ReportEntry) -> None:
    seed = a_seed()
    _ledger, lost, overwritten, _happened = run(cast, entry, seed, 10)
    assert (lost, overwritten) == (set(), set()), f"seed {seed}"


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_nothing_typed_is_lost_or_silently_overwritten(cast: Any, entry: ReportEntry) -> None:
    seed = a_seed()
    ledger, lost, overwritten, happened = run(cast, entry, seed, RUNS)
    record_proof(
        "conflict",
        runs=RUNS,
        lost=len(lost),
        overwritten=len(overwritten),
        promised=len(ledger.promised),
        unanswered=len(ledger.unanswered),
        conflicts=happened["choose"],
        saves=happened["save"],
        seed=seed,
    )
    assert (lost, overwritten) == (set(), set()), f"seed {seed}"
    assert happened["choose"] > RUNS / 10  # two texts did meet
    assert len(ledger.promised) > RUNS / 2
