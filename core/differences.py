"""What changed between two texts, word by word, so that a reader sees it at a glance.

Myers' greedy algorithm (Algorithmica 1, 1986) finds the fewest words removed and added; its cost grows with that
number, whatever the texts. Texts that differ in more than MAX_CHANGES words, or have little in common, are shown
whole, one after the other: nobody reads a patchwork, and no text can be made that takes long to compare.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

MAX_CHANGES = 240
MIN_COMMON = 0.3  # of the words of both texts
TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
WORD = re.compile(r"\w")

SAME, REMOVED, ADDED = "same", "removed", "added"
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Run:
    """A stretch of text that stayed, went or came."""

    kind: str
    text: str


def word_changes(before: str, after: str) -> list[Run]:
    """The two texts as one. What stayed and what went is `before`, what stayed and what came is `after`."""
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    steps = _script(old, new)
    if steps is None or not _has_enough_in_common(steps):
        return [run for run in (Run(REMOVED, before), Run(ADDED, after)) if run.text]
    return list(_runs(steps))


def line_changes(before: Sequence[str], after: Sequence[str]) -> list[list[Run]]:
    """Lines of a list: those that stayed, those that changed (word by word), those that went or came."""
    steps = _script(before, after)
    if steps is None:
        steps = [*((REMOVED, line) for line in before), *((ADDED, line) for line in after)]
    lines: list[list[Run]] = []
    for stays, group in groupby(steps, key=lambda step: step[0] == SAME):
        block = list(group)
        if stays:
            lines += [[Run(SAME, line)] for _kind, line in block]
        else:
            lines += _changed_lines(*([line for kind, line in block if kind == wanted] for wanted in (REMOVED, ADDED)))
    return lines


def _changed_lines(old: list[str], new: list[str]) -> Iterator[list[Run]]:
    pairs = min(len(old), len(new))
    for was, line in zip(old[:pairs], new[:pairs], strict=True):
        yield word_changes(was, line)
    yield from ([Run(REMOVED, line)] for line in old[pairs:])
    yield from ([Run(ADDED, line)] for line in new[pairs:])


def _has_enough_in_common(steps: Sequence[tuple[str, str]]) -> bool:
    words = [(kind, token) for kind, token in steps if WORD.match(token)]
    changed = sum(kind != SAME for kind, _word in words)
    return not changed or 2 * (len(words) - changed) >= MIN_COMMON * (2 * len(words) - changed)


def _runs(steps: Sequence[tuple[str, str]]) -> Iterator[Run]:
    """Stretches as a reader takes them in: a blank or a comma between two changes belongs to them."""
    blocks = [(stays, list(group)) for stays, group in groupby(steps, key=lambda step: step[0] == SAME)]
    last = len(blocks) - 1
    joined = [
        (stays and (place in (0, last) or any(WORD.match(token) for _kind, token in block)), block)
        for place, (stays, block) in enumerate(blocks)
    ]
    for stays, group in groupby(joined, key=lambda block: block[0]):
        tokens = [token for _stays, block in group for token in block]
        if stays:
            yield Run(SAME, "".join(token for _kind, token in tokens))
            continue
        for wanted in (REMOVED, ADDED):
            text = "".join(token for kind, token in tokens if kind in (SAME, wanted))
            if text:
                yield Run(wanted, text)


# --- the shortest script --------------------------------------------------------------------------


def _script(old: Sequence[T], new: Sequence[T]) -> list[tuple[str, T]] | None:
    """Each item with what became of it, in reading order; None where more than MAX_CHANGES went or came."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    if middle is None:
        return None
    return [*((SAME, item) for item in old[:head]), *middle, *((SAME, item) for item in old[len(old) - tail :])]


def _common(one: Sequence[T], other: Sequence[T]) -> int:
    pairs = zip(one, other, strict=False)
    return next((count for count, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _middle(old: Sequence[T], new: Sequence[T]) -> list[tuple[str, T]] | None:
    trace = _trace(old, new)
    return None if trace is None else _walk_back(old, new, trace)


def _trace(old: Sequence[T], new: Sequence[T]) -> list[dict[int, int]] | None:
    """How far into `old` each diagonal gets, before each further change."""
    reach, trace = {1: 0}, []
    for changes in range(MAX_CHANGES + 1):
        trace.append(dict(reach))
        for diagonal in range(-changes, changes + 1, 2):
            x = reach[diagonal + 1] if _adds(reach, diagonal, changes) else reach[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            reach[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return trace
    return None


def _adds(reach: dict[int, int], diagonal: int, changes: int) -> bool:
    """Whether the best way to the diagonal adds an item, rather than removing one."""
    return diagonal == -changes or (diagonal != changes and reach[diagonal - 1] < reach[diagonal + 1])


def _walk_back(old: Sequence[T], new: Sequence[T], trace: list[dict[int, int]]) -> list[tuple[str, T]]:
    steps: list[tuple[str, T]] = []
    x, y = len(old), len(new)
    for changes, reach in reversed(list(enumerate(trace))):
        diagonal = x - y
        adds = _adds(reach, diagonal, changes)
        before = diagonal + 1 if adds else diagonal - 1
        start = reach[before] if changes else 0
        while x > start and y > (start - before if changes else 0):
            x, y = x - 1, y - 1
            steps.append((SAME, old[x]))
        if changes:
            x, y = start, start - before
            steps.append((ADDED, new[y]) if adds else (REMOVED, old[x]))
    return steps[::-1]
