"""The key screens with the keyboard alone: every control is reached, in a circle, and its focus is seen."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from core.testing import record_proof
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.workplan.pages import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = (
    ("denise", "dashboard", ()),
    ("carla", "entry_edit", ("GT-2014-1", "PRV-01")),
    ("denise", "state_detail", ("br",)),
    ("denise", "submission_matrix", ("2014-1",)),
    ("carla", "report_detail", ("GT-2014-1",)),
)
MOST = 500
# One stop of the tab key for each group of radio buttons, and none for what is hidden or folded away.
STOPS = """() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
  const seen = all.filter(e => !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0 && e.checkVisibility());
  const stops = new Map();
  seen.forEach((e, n) => stops.set(e.type === 'radio' ? 'radio ' + e.name : n, e));
  return stops.size;
}"""
HERE = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e), label = e.id && document.querySelector(`label[for="${e.id}"]`);
  const marks = [style, label ? getComputedStyle(label, '::before') : style];
  const shown = marks.some(s => s.outlineStyle !== 'none' || s.boxShadow !== 'none');
  const all = [...document.querySelectorAll('*')];
  return [e.type === 'radio' ? 'radio ' + e.name : String(all.indexOf(e)), shown];
}"""


def walk(page: Page) -> tuple[int, int, bool]:
    """Stops reached by the tab key, those without a visible focus, and whether the walk came to its end."""
    reached: dict[str, bool] = {}
    for _step in range(MOST):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None or here[0] in reached:
            return len(reached), sum(not shown for shown in reached.values()), True
        reached[here[0]] = here[1]
    return len(reached), 0, False


def test_no_key_screen_is_a_trap(cast: Any, browse: Callable[..., Page]) -> None:
    only_a_few_take_part()
    make_evaluation(cast, accepted=3, submitted=1)
    traps, unseen = [], []
    for who, name, arguments in SCREENS:
        page = browse(getattr(cast, who))
        page.goto(url(name, *arguments, language="es"))
        wanted = page.evaluate(STOPS)
        reached, hidden, ended = walk(page)
        if not ended or reached < wanted:
            traps.append((name, reached, wanted, ended))
        unseen += [(name, hidden)] if hidden else []
    record_proof("keyboard", screens=len(SCREENS), traps=len(traps))
    assert (traps, unseen) == ([], [])
