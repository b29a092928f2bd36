"""visible_to of every model, for everybody, against what the policy lets them read; and the rules of the database."""

import pytest
from django.db.models import Model

from tests.access import rights, scopes
from tests.access.matrix import families_in
from tests.access.world import World


@pytest.mark.parametrize("model", scopes.scoped_models(), ids=lambda model: model._meta.label)
def test_a_scope_holds_nothing_of_others(world: World, model: type[Model]) -> None:
    assert list(scopes.leaks_of(world, model)) == []


# Public, or without a text of anybody's.
NOTHING_TO_LEAK = {"accounts.AccessReview", "accounts.FocalPointAppointment", "accounts.State", "core.Job",
                   "evaluations.Document", "workplan.Activity", "workplan.Round"}  # fmt: skip


@pytest.mark.parametrize("model", scopes.scoped_models(), ids=lambda model: model._meta.label)
def test_there_is_something_to_leak(world: World, model: type[Model]) -> None:
    """A scope over empty tables leaks nothing, whatever it is."""
    rows = str(list(model._default_manager.values()))
    assert bool(families_in(rows) - {"PUBLIC"}) != (model._meta.label in NOTHING_TO_LEAK)


@pytest.mark.django_db
def test_the_database_holds_its_rules() -> None:
    assert rights.broken_rules() == []
