"""What the demonstration shows: every State, three rounds, four languages, in the years of the Plan."""

import io
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from allauth.account.forms import LoginForm
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import transaction
from django.db.models import F, Max, Min, Q
from django.test import RequestFactory, override_settings

from accounts.enums import Role
from accounts.models import RoleAssignment, State
from oas_trafficking.demo.credentials import PASSWORD
from workplan.models import Action, PublicConsent, Rating, Report, ReportEntry, Round, StatusChange
from workplan.queries import published_versions


@pytest.fixture(scope="module")
def _seeded_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Seeding takes seconds; the tests here only read, so they share one, undone at the end."""
    with django_db_blocker.unblock(), override_settings(OAS_DEMO=True), transaction.atomic():
        call_command("seed_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def seeded(_seeded_once: None, db: None, settings: Any) -> None:
    settings.OAS_DEMO = True


def test_every_participating_state_has_its_three_people_and_its_reports(seeded: None) -> None:
    states = set(State.objects.participating().values_list("iso2", flat=True))
    held = RoleAssignment.objects.filter(user__is_active=True, institution__kind="authority")
    for role in (Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.APPROVER):
        assert set(held.filter(role=role).values_list("institution__state__iso2", flat=True)) == states
    reporters = dict.fromkeys(states, 3) | {None: 3}
    assert Counter(Report.objects.values_list("state__iso2", flat=True)) == reporters


def test_rounds_are_mixed_and_the_main_job_can_start(seeded: None) -> None:
    assert list(Round.objects.values_list("code", "status").order_by("code")) == [
        ("2012-2", "closed"),
        ("2013-1", "closed"),
        ("2014-1", "open"),
    ]
    open_reports = Report.objects.filter(round__code="2014-1")
    assert set(open_reports.values_list("status", flat=True)) == {
        "in_preparation",
        "with_coordinator",
        "submitted",
        "returned",
        "accepted",
    }
    mine = open_reports.get(reference="CR-2014-1")
    assert mine.status == "in_preparation"
    assert 0 < mine.entries.filter(is_ready=True).count() < mine.entries.count()
    closed = Report.objects.filter(round__status="closed")
    assert 2 * closed.filter(status="accepted").count() > closed.count()
    assert closed.exclude(status="accepted").exists()
    assert Rating.objects.exclude(status=F("self_status")).exists()


def test_reports_are_written_in_the_language_of_the_state(seeded: None) -> None:
    for iso2, language in (("BR", "pt-br"), ("HT", "fr"), ("JM", "en"), ("CL", "es")):
        entries = ReportEntry.objects.filter(report__state__iso2=iso2)
        assert set(entries.values_list("language", flat=True)) == {language}
        assert entries.filter(narrative__gt="").exists()
    assert not ReportEntry.objects.filter(Q(narrative__contains="{") | Q(results__contains="{")).exists()


def test_some_states_publish_in_every_language_with_their_own_consent(seeded: None) -> None:
    consents = PublicConsent.objects.select_related("version__report__state", "given_by")
    given = {(one.version.report.language, one.version.report.chain) for one in consents}
    assert {language for language, _state in given} == {"es", "en", "fr", "pt-br"}
    assert ("es", "CR") in given
    for consent in consents:
        role = consent.given_by.role_assignments.get()
        assert (role.role, role.institution.state) == (Role.FOCAL_POINT, consent.version.report.state)
        assert consent.given_at > consent.version.report.accepted_at
    assert set(published_versions()) == {consent.version for consent in consents}


def test_dates_stay_in_the_years_of_the_plan(seeded: None) -> None:
    moments = StatusChange.objects.aggregate(first=Min("at"), last=Max("at"))
    assert date(2012, 7, 1) < moments["first"].date() < moments["last"].date() < date(2014, 12, 31)
    period = "entry__report__round__period"
    outside = Action.objects.filter(Q(starts_on__lt=F(f"{period}_start")) | Q(ends_on__gt=F(f"{period}_end")))
    assert not outside.exists()


def test_progress_is_plausible_from_round_to_round(seeded: None) -> None:
    """More steps forward than back, and most stay where they were."""
    scale = ["not_started", "planned", "partial", "substantial", "full"]
    levels: dict[str, dict[Any, int]] = {"2012-2": {}, "2013-1": {}}
    answered = ReportEntry.objects.filter(report__round__code__in=levels, status__in=scale)
    for code, state, activity, status in answered.values_list(
        "report__round__code", "report__state", "activity", "status"
    ):
        levels[code][state, activity] = scale.index(status)
    both = levels["2012-2"].keys() & levels["2013-1"].keys()
    moves = Counter(levels["2013-1"][key] - levels["2012-2"][key] for key in both)
    assert set(moves) <= {-1, 0, 1}
    assert moves[0] > moves[1] > 5 * moves[-1]


def test_a_demo_account_signs_in_with_password_and_code(seeded: None, rf: RequestFactory) -> None:
    form = LoginForm(data={"login": "ana@cr.example", "password": PASSWORD}, request=rf.post("/"))
    assert form.is_valid(), form.errors
    out = io.StringIO()
    call_command("demo_code", "ana@cr.example", stdout=out)
    totp = Authenticator.objects.get(user__email="ana@cr.example", type="totp").wrap()
    assert totp.validate_code(out.getvalue().strip())
    assert (
        len(Authenticator.objects.get(user__email="ana@cr.example", type="recovery_codes").wrap().generate_codes())
        == 10
    )


def test_accounts_are_listed_with_role_and_language(seeded: None) -> None:
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    text = out.getvalue()
    assert "ana@cr.example           es     National contributor, Costa Rica" in text
    assert PASSWORD in text
