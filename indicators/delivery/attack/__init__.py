"""The portal attacks its own release: what could anybody compute from everything published so far?

The attacker knows the method, every figure of this and of all earlier releases, which State stands where and why
(the threshold), that tables of one measure share their margins, and which counts a correction left as they were;
of the others, whether they may have risen or fallen. Unknown are the counts. All of this is one system of linear
inequalities per measure and year: years share no unknown.

A count's interval runs from its least to its greatest whole value that fits everything (linear programming, HiGHS).
Asking twice for each of thousands of counts is slow, and seldom needed: every solution fits everything, so it shows
a value that each count can have. Solutions that push many counts at once settle nearly all; the rest are asked for
one by one, and only those can turn out to be narrow.
"""

from collections.abc import Sequence

import numpy as np

from indicators.delivery.attack.attacker import Attacker
from indicators.delivery.attack.escalation import escalate
from indicators.delivery.attack.knowledge import Version, build_system
from indicators.delivery.attack.outcome import Finding, Outcome, SolverFailed, Target
from indicators.delivery.attack.ranges import SMALL_COUNT
from indicators.delivery.attack.system import Floats, System

__all__ = [
    "Attacker",
    "Finding",
    "Outcome",
    "SolverFailed",
    "System",
    "Target",
    "Version",
    "attack",
    "build_system",
    "escalate",
]


def attack(versions: Sequence[Version], *, thorough: bool = True, hints: Sequence[Floats] = ()) -> Outcome:
    """Everything that could be computed of one measure and year after these releases. `hints`: `Outcome.seen` of an
    attack on the same counts told otherwise."""
    attacker = Attacker(build_system(versions))
    attacker.recall(hints)
    attacker.sweep()
    findings = attacker.settle(thorough=thorough)
    true = np.concatenate([attacker.targets.true, attacker.shares.true])
    small = int(((true >= 1) & (true <= SMALL_COUNT)).sum())
    return Outcome(small, findings, attacker.solved, attacker.seen)
