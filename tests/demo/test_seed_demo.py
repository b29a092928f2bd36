"""The demonstration is the same everywhere and stays out of a real portal."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import User
from core.canonical import content_hash
from workplan.models import Question, Rating, Report, ReportVersion

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    settings.OAS_DEMO = True


def rows() -> list[list[Any]]:
    """Everything a reader sees of the demonstration, without keys."""
    return [
        list(User.objects.order_by("email").values_list("email", "full_name", "language")),
        [[str(value) for value in row] for row in Report.objects.values_list("reference", "status", "submitted_at")],
        list(ReportVersion.objects.order_by("report__reference", "number").values_list("sha256", flat=True)),
        list(Rating.objects.order_by("version__sha256", "activity__code").values_list("status", "reason")),
        [str(key) for key in Question.objects.values_list("public_id", flat=True)],
    ]


def test_it_is_the_same_each_time_and_a_second_run_changes_nothing() -> None:
    with transaction.atomic():
        call_command("seed_demo", verbosity=0)
        first = content_hash(rows())
        call_command("seed_demo", verbosity=0)
        assert content_hash(rows()) == first
        transaction.set_rollback(True)
    call_command("seed_demo", verbosity=0)
    assert content_hash(rows()) == first


@pytest.mark.parametrize("command", [["seed_demo"], ["demo_accounts"], ["demo_code", "ana@cr.example"]])
def test_nothing_of_it_runs_in_a_real_portal(command: list[str], settings: Any) -> None:
    settings.OAS_DEMO = False
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command(*command)
    assert not User.objects.exists()


def test_it_is_not_mixed_with_other_accounts(cast: Any) -> None:
    with pytest.raises(CommandError, match="empty portal"):
        call_command("seed_demo")
