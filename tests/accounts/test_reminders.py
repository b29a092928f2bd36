"""Reminders of the clock: an invitation that waits, an access review that is due; each event once, without content."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import services, tasks
from accounts.delivery import invitation_token
from accounts.enums import Role
from accounts.models import AccessReview, Invitation, User
from accounts.services import Invitee
from core.models import OutboxMessage
from tests.accounts.sign_in import url
from tests.factories.accounts import give_role, make_user

pytestmark = pytest.mark.django_db

TASKS = {
    "accounts.send_invitation_reminder": tasks.send_invitation_reminder,
    "accounts.send_review_reminder": tasks.send_review_reminder,
}


def asked(name):
    return OutboxMessage.objects.filter(task=f"accounts.{name}")


def deliver():
    mail.outbox = []
    for message in OutboxMessage.objects.filter(task__in=TASKS, done_at=None):
        TASKS[message.task](str(message.pk), *message.args)
    return {message.to[0]: f"{message.subject}\n{message.body}" for message in mail.outbox}


@pytest.fixture
def invitation(cast):
    invitee = Invitee(email="nora@example.org", full_name="Nora", language="fr")
    return services.invite(actor=cast.beto, invitee=invitee, institution=cast.authority_cr, role="contributor")


def age(**delta):
    for row in Invitation.objects.all():
        Invitation.objects.filter(pk=row.pk).update(expires_at=row.expires_at - timedelta(**delta))


@pytest.mark.parametrize(("days", "reminders"), [(2.9, 0), (3, 1), (6.9, 1), (7, 0)])
def test_an_invitation_is_recalled_from_the_third_day_until_its_end(invitation, days, reminders):
    age(days=days)
    services.remind()
    services.remind()
    assert asked("send_invitation_reminder").count() == reminders


def test_the_mail_has_the_same_link_and_nothing_else(invitation):
    age(days=3)
    services.remind()
    body = deliver()["nora@example.org"]
    assert f"/fr/invite/{invitation_token(invitation)}/" in body
    for word in ("Nora", "Autoridad", "Costa Rica", "contributor"):
        assert word not in body


@pytest.mark.parametrize("end", ["accepted", "revoked"])
def test_an_invitation_that_is_over_is_not_recalled(cast, invitation, end):
    age(days=3)
    services.remind()
    if end == "revoked":
        services.revoke_invitation(invitation=invitation, actor=cast.beto)
    else:
        services.accept_as_new(token=invitation_token(invitation), full_name="Nora", password="long enough words here")
    assert "nora@example.org" not in deliver()
    OutboxMessage.objects.all().delete()
    services.remind()
    assert not asked("send_invitation_reminder").exists()


def test_a_new_sending_is_a_new_event(cast, invitation):
    age(days=3)
    services.remind()
    services.resend_invitation(invitation=invitation, actor=cast.beto)
    services.remind()
    assert asked("send_invitation_reminder").count() == 1
    age(days=3)
    services.remind()
    assert asked("send_invitation_reminder").count() == 2


def reviewed(cast, days):
    """All sides were reviewed so many days ago."""
    AccessReview.objects.bulk_create(
        AccessReview(state=state, reviewed_by=cast.didier, reviewed_at=timezone.now() - timedelta(days=days))
        for state in (cast.costa_rica, cast.guatemala, None)
    )


def test_before_ninety_days_nobody_is_told(cast):
    reviewed(cast, 89)
    services.remind()
    assert deliver() == {}


def test_the_last_review_counts(cast):
    reviewed(cast, 200)
    reviewed(cast, 1)
    services.remind()
    assert deliver() == {}


def test_one_mail_for_each_review_that_is_due(cast):
    cast.uma = make_user("uma")
    give_role(cast.uma, cast.authority_cr, Role.STATE_USER_ADMIN)
    reviewed(cast, 90)
    services.remind()
    told = deliver()
    assert set(told) == {f"{name}@example.org" for name in ("beto", "uma", "ciro", "didier")}
    assert all(url("access_review") in body for body in told.values())
    services.remind()
    assert deliver() == {}
    for word in ("Costa Rica", "Beto", "Guatemala"):
        assert word not in "".join(told.values())


def test_a_side_that_was_never_reviewed_is_told_once(cast):
    services.remind()
    assert set(deliver()) == {"beto@example.org", "ciro@example.org", "didier@example.org"}
    services.remind()
    assert deliver() == {}


def test_the_mail_is_in_the_persons_language_and_not_for_a_closed_account(cast):
    User.objects.filter(pk=cast.beto.pk).update(language="pt-br")
    services.remind()
    User.objects.filter(pk=cast.ciro.pk).update(is_active=False)
    told = deliver()
    assert url("access_review", language="pt-br") in told["beto@example.org"]
    assert "ciro@example.org" not in told
