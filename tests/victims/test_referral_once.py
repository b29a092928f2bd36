"""One referral makes one case: accepted twice at once, accepted again, and killed at every point of the way.

Real commits, and a kill that no handler sees: the child that accepts sends itself signal 9.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from core.db import sealed_scope
from core.testing import record_proof
from tests.victims.referring import Sides, acting, agree, make_case, make_sides, sent
from victims import vault
from victims.models import Case, Referral, ReferralArrival
from victims.services import records
from victims.services import referrals as referring

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sealed", "keys"])

# Where the child dies: just before each of these is called for the nth time.
POINTS: list[tuple[Any, str, int]] = [
    (referring, "_note", 1),
    (vault, "announce", 1),
    (vault, "open_from", 2),
    (vault, "create_keys", 1),
    (records, "_keep_consent", 1),
    (records, "_join", 1),
    (referring, "_step", 1),
    (referring, "_tell", 1),
]


def deadly(real: Callable[..., Any], nth: int) -> Callable[..., Any]:
    calls = 0

    def call(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)

    return call


def killed(sides: Sides, referral: Referral, point: tuple[Any, str, int]) -> None:
    connections.close_all()  # nothing of a connection is shared with the child
    child = os.fork()
    if child == 0:
        module, name, nth = point
        setattr(module, name, deadly(getattr(module, name), nth))
        try:
            acting(sides.recipient, referring.accept, referral)
        finally:
            os._exit(3)  # the point was not reached
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def twice_at_once(sides: Sides, referral: Referral) -> None:
    start, cases = threading.Barrier(2), []

    def accept() -> None:
        start.wait()
        try:
            cases.append(acting(sides.recipient, referring.accept, referral).id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cases) == 2
    assert len(set(cases)) == 1


def accepted(number: int, sides: Sides, referral: Referral) -> None:
    if number % 10 == 0:
        twice_at_once(sides, referral)
    elif number % 10 > 1:
        killed(sides, referral, POINTS[number % 10 - 2])
    once = acting(sides.recipient, referring.accept, referral).id
    assert acting(sides.recipient, referring.accept, referral).id == once


def outcome(sides: Sides, number: int, referral: Referral) -> bool:
    """Whether after this run exactly one more case is there, whole."""
    with sealed_scope(sides.recipient.context()):
        row, arrivals = Referral.objects.get(id=referral.id), ReferralArrival.objects.filter(id=referral.id)
        one = arrivals.count() == 1 and row.stage == "accepted" and row.identity is None
        return one and Case.objects.count() == number + 1 == ReferralArrival.objects.count()


def run(count: int) -> tuple[int, int]:
    sides, wrong = make_sides(), 0
    case = make_case(sides.worker)
    agree(sides.worker, case, "GT")
    for number in range(count):
        referral = sent(sides, case)
        accepted(number, sides, referral)
        wrong += not outcome(sides, number, referral)
    record_proof("referral_once", runs=count, wrong=wrong, kill_points=len(POINTS))
    return count, wrong


def test_a_referral_makes_one_case() -> None:
    assert run(20) == (20, 0)


@pytest.mark.full
def test_two_hundred_referrals_make_two_hundred_cases() -> None:
    assert run(200) == (200, 0)
