"""Entries handed to single people: reason, end, and nothing left when it is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.exceptions import NotAllowed, PortalError
from tests.accounts.sign_in import url
from workplan import permissions, services
from workplan.models import EntryUserObjectPermission, ReportEntry
from workplan.services import GrantTerms

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(cast, open_round):
    return open_round.reports.get(state=cast.costa_rica).entries.first()


def hand_out(cast, entry, *, days=30, person=None, actor=None):
    terms = GrantTerms(reason="Subject of the ministry", valid_to=timezone.localdate() + timedelta(days=days))
    services.grant_entries(entries=[entry], person=person or cast.marta, terms=terms, actor=actor or cast.beto)
    return EntryUserObjectPermission.objects.get(content_object=entry)


def can_write(person, entry):
    return permissions.can_edit_entry(person, ReportEntry.objects.select_related("report__round").get(pk=entry.pk))


def test_a_handed_entry_is_seen_and_written_and_nothing_else(cast, entry):
    assert not ReportEntry.objects.visible_to(cast.marta).exists()
    grant = hand_out(cast, entry)
    assert list(ReportEntry.objects.visible_to(cast.marta)) == [entry]
    assert can_write(cast.marta, entry)
    assert (grant.reason, grant.granted_by) == ("Subject of the ministry", cast.beto)


def test_the_last_day_still_counts_and_the_day_after_does_not(cast, entry):
    grant = hand_out(cast, entry, days=0)
    assert can_write(cast.marta, entry)
    EntryUserObjectPermission.objects.filter(pk=grant.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert not ReportEntry.objects.visible_to(cast.marta).exists()
    assert not ReportEntry.objects.handed_to(cast.marta).exists()
    assert not can_write(cast.marta, entry)


def test_ended_grants_are_removed(cast, entry):
    grant = hand_out(cast, entry)
    assert services.remove_ended_grants() == 0
    EntryUserObjectPermission.objects.filter(pk=grant.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert services.remove_ended_grants() == 1
    assert not EntryUserObjectPermission.objects.exists()


def test_a_grant_taken_back_opens_nothing(cast, entry, signed_in):
    grant = hand_out(cast, entry)
    assert signed_in(cast.beto).post(url("grant_revoke", grant.pk)).status_code == 302
    assert not ReportEntry.objects.visible_to(cast.marta).exists()
    assert not can_write(cast.marta, entry)


def test_only_the_focal_point_of_the_state_hands_out(cast, entry):
    for name in ("ana", "bruno", "carla", "ciro", "denise", "didier", "evan", "paula"):
        with pytest.raises(NotAllowed):
            hand_out(cast, entry, actor=getattr(cast, name))


def test_nothing_is_handed_to_another_side(cast, entry):
    for name in ("carla", "denise", "evan", "paula", "iris"):
        with pytest.raises(PortalError):
            hand_out(cast, entry, person=getattr(cast, name))


def test_a_state_sees_its_exceptions_and_no_others(cast, entry, signed_in):
    grant = hand_out(cast, entry)
    page = signed_in(cast.beto).get(url("grant_list"))
    assert list(page.context["grants"]) == [grant]
    assert b"Subject of the ministry" in page.content
    other = signed_in(cast.ciro)
    assert list(other.get(url("grant_list")).context["grants"]) == []
    assert other.post(url("grant_revoke", grant.pk)).status_code == 404


def test_the_form_hands_out(cast, entry, signed_in):
    day = timezone.localdate() + timedelta(days=5)
    data = {"person": str(cast.marta.public_id), "reason": "R", "entries": [str(entry.pk)]}
    data |= {"valid_to_0": day.day, "valid_to_1": day.month, "valid_to_2": day.year}
    answer = signed_in(cast.beto).post(url("grant_new"), data)
    assert answer["Location"] == url("grant_list")
    assert EntryUserObjectPermission.objects.get().valid_to == day


def test_the_form_takes_no_foreign_entry(cast, open_round, signed_in):
    foreign = open_round.reports.get(state=cast.guatemala).entries.first()
    day = timezone.localdate() + timedelta(days=5)
    data = {"person": str(cast.marta.public_id), "reason": "R", "entries": [str(foreign.pk)]}
    data |= {"valid_to_0": day.day, "valid_to_1": day.month, "valid_to_2": day.year}
    assert signed_in(cast.beto).post(url("grant_new"), data).status_code == 422
    assert not EntryUserObjectPermission.objects.exists()
