"""Nothing arrives unclassified: what the code offers and what the policy says are the same set."""

import pytest
from django.apps import apps
from django.urls import path

from tests.access import census
from tests.access.policy import COMMANDS, SEES, TASKS, URLS


def test_every_url_has_a_row() -> None:
    assert census.without_a_row({name for name, _route, _view in census.urls()}, set(URLS)) == []


def test_a_name_stands_for_one_address() -> None:
    names = [name for name, _route, _view in census.urls()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_task_has_a_row() -> None:
    assert census.without_a_row(census.tasks(), set(TASKS)) == []


def test_every_command_has_a_row() -> None:
    assert census.without_a_row(census.commands(), set(COMMANDS)) == []


def test_there_is_no_admin_site() -> None:
    """Django's admin asks no scope, so it is not installed."""
    assert not apps.is_installed("django.contrib.admin")
    assert not [name for name, route, _view in census.urls() if "admin" in route]


def test_a_new_url_without_a_row_is_noticed() -> None:
    new = path("victims/", lambda request: None, name="victim_list")  # type: ignore[arg-type, return-value]
    assert census.without_a_row({str(new.name), *URLS}, set(URLS)) == ["victim_list"]


@pytest.mark.parametrize("url", sorted(URLS))
def test_a_row_speaks_of_objects_that_are_defined(url: str) -> None:
    row = URLS[url]
    assert row.over == "" or row.over in SEES
    for allowed in (row.get, row.post):
        named = set(allowed) if isinstance(allowed, dict) else set()
        assert named <= set(SEES[row.over]) if row.over else named == set()
