"""Saved views are filters and a name: codes alone, shared without rows, pinned by each for themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import SavedView, ViewPin
from accounts.services import ViewTerms
from core.exceptions import NotAllowed, PortalError
from core.models import AuditEvent
from oas_trafficking.apps import VIEWS
from oas_trafficking.presenters import EVENT_LABELS
from tests.accounts.sign_in import url
from tests.factories.networks import make_sent
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db
OPEN = {"side": "received", "status": "open"}


def save(actor: Any, name: str = "Abiertas", *, institution: Any = None, pin: bool = False, **query: str) -> SavedView:
    terms = ViewTerms(name, institution)
    return services.save_view(page="request_list", query=query or OPEN, terms=terms, pin=pin, actor=actor)


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_from_the_list_to_the_start_page(cast: Any, client: Client) -> None:
    client.force_login(cast.beto)
    page = client.get(url("request_list"), OPEN).content.decode()
    assert "/saved-views/new/?of=request_list&amp;side=received&amp;status=open" in page
    address = url("saved_view_new", of="request_list", **OPEN, q="Ana Mora", page="2")
    assert client.post(address, {"name": ""}).status_code == 422
    assert client.post(address, {"name": "Abiertas", "pin": "on"}).status_code == 302
    view = SavedView.objects.get()
    assert (view.query, view.page, view.institution) == ("side=received&status=open", "request_list", None)
    home = client.get(url("home")).content.decode()
    assert f'href="{url("saved_view_open", view.public_id)}"' in home
    opened = client.get(url("saved_view_open", view.public_id))
    assert opened.headers["Location"] == f"{url('request_list')}?side=received&status=open"
    client.post(url("saved_view_change", view.public_id, "unpin"))
    assert "Abiertas" not in client.get(url("home")).content.decode()


def test_every_page_that_can_be_saved_is_there_and_opens(cast: Any) -> None:
    for name, _label, filters in VIEWS:
        query = dict.fromkeys(filters, "x")
        view = services.save_view(page=name, query=query, terms=ViewTerms(name), pin=False, actor=cast.denise)
        assert services.address_of(view) == f"{url(name)}?" + "&".join(f"{one}=x" for one in filters)


@pytest.mark.parametrize(
    "value", ["Ana Mora", "<script>", "a" * 41, "á", "x&y=z", "//evil.example", "x\r\ny", ""], ids=repr
)
def test_what_is_no_code_is_not_kept(cast: Any, value: str) -> None:
    assert save(cast.beto, side=value, status="open", other="x").query == "status=open"


def test_what_a_page_no_longer_knows_falls_away(cast: Any, client: Client) -> None:
    view = save(cast.beto)
    SavedView.objects.filter(pk=view.pk).update(query="side=sent&gone=1&next=evil.example")
    client.force_login(cast.beto)
    assert client.get(url("saved_view_open", view.public_id)).headers["Location"] == f"{url('request_list')}?side=sent"
    SavedView.objects.filter(pk=view.pk).update(page="gone")
    assert client.get(url("saved_view_open", view.public_id)).status_code == 404


def test_a_shared_view_shows_each_reader_their_own(cast: Any) -> None:
    theirs = make_sent(cast.beto, cast.authority_cr, cast.authority_gt)
    view = save(cast.beto, institution=cast.authority_cr, side="", status="open")
    address = url("saved_view_open", view.public_id)
    for person, status in ((cast.ana, 302), (cast.bruno, 302), (cast.marta, 404), (cast.ciro, 404), (cast.denise, 404)):
        assert signed_in(person).get(address).status_code == status, person
    dashboard = services.save_view(
        page="dashboard", query={}, terms=ViewTerms("Tablero", cast.secretariat), pin=False, actor=cast.denise
    )
    assert signed_in(cast.didier).get(url("saved_view_open", dashboard.public_id), follow=True).status_code == 200
    cast.didier.role_assignments.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert signed_in(cast.didier).get(url("saved_view_open", dashboard.public_id)).status_code == 404
    followed = signed_in(cast.ana).get(address, follow=True)
    assert (followed.status_code, theirs.reference in followed.content.decode()) == (200, True)


def test_only_its_owner_changes_it_and_each_pins_for_themselves(cast: Any) -> None:
    view = save(cast.beto, institution=cast.authority_cr, pin=True)
    ana = signed_in(cast.ana)
    ana.post(url("saved_view_change", view.public_id, "pin"))
    assert set(ViewPin.objects.values_list("user", flat=True)) == {cast.ana.pk, cast.beto.pk}
    assert ana.get(url("saved_view_edit", view.public_id)).status_code == 403
    assert ana.post(url("saved_view_change", view.public_id, "remove")).status_code == 403
    beto = signed_in(cast.beto)
    assert beto.post(url("saved_view_edit", view.public_id), {"name": "Mías"}).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.institution) == ("Mías", None)
    assert "Mías" not in ana.get(url("home")).content.decode()  # no longer shared
    with pytest.raises(NotAllowed):
        services.change_view(view=view, terms=ViewTerms("x", cast.authority_gt), actor=cast.beto)


def test_what_was_removed_comes_back_for_a_day(cast: Any) -> None:
    view = save(cast.beto, pin=True)
    client = signed_in(cast.beto)
    client.post(url("saved_view_change", view.public_id, "remove"))
    assert client.get(url("saved_view_open", view.public_id)).status_code == 404
    assert "Bring this view back" in client.get(url("saved_view_list")).content.decode()
    assert signed_in(cast.ana).post(url("saved_view_change", view.public_id, "restore")).status_code == 404
    client.post(url("saved_view_change", view.public_id, "restore"))
    assert "Abiertas" in client.get(url("home")).content.decode()  # with its pin
    SavedView.objects.update(removed_at=timezone.now() - timedelta(hours=25))
    assert client.post(url("saved_view_change", view.public_id, "restore")).status_code == 404
    names = ["saved", "removed", "restored"]
    events = AuditEvent.objects.filter(verb__startswith="view.").order_by("seq")
    assert list(events.values_list("verb", flat=True)) == [f"view.{name}" for name in names]
    assert {f"view.{name}" for name in (*names, "changed")} <= set(EVENT_LABELS)


def test_there_is_an_end_to_it(cast: Any) -> None:
    with pytest.raises(NotAllowed):
        save(cast.beto, institution=cast.authority_gt)
    SavedView.objects.bulk_create(SavedView(owner=cast.beto, name="x", page="request_list") for _number in range(50))
    with pytest.raises(PortalError):
        save(cast.beto)
    gone = SavedView.objects.create(owner=cast.beto, name="x", page="request_list", removed_at=timezone.now())
    with pytest.raises(PortalError):
        services.restore_view(view=gone, actor=cast.beto)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"query": "q=Ana Mora"}, {"query": "a=<b>"}], ids=str)
def test_the_database_refuses_what_must_not_be(cast: Any, wrong: dict[str, str]) -> None:
    view = save(cast.beto)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.filter(pk=view.pk).update(**wrong)


def test_the_list_does_not_grow_in_queries(cast: Any, client: Client) -> None:
    save(cast.beto, institution=cast.authority_cr)
    client.force_login(cast.beto)

    def more() -> None:
        for number in range(9):
            save(cast.beto, f"Vista {number}", institution=cast.authority_cr, pin=True)

    assert_same_queries(client, url("saved_view_list"), more)
