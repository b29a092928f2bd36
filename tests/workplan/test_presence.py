"""Who else has an entry open: told when the page loads and while it is open, by name to those who may know it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.workplan.pages import typed, url
from workplan import services
from workplan.models import EntryPresence, Report, ReportEntry

CR = "CR-2014-1"
NAMED, UNNAMED = "Ana has this activity open too.", "Somebody else has this activity open too."


@pytest.fixture
def entry(open_round: Any) -> ReportEntry:
    return Report.objects.get(reference=CR).entries.get(activity__code="PRV-01")


@pytest.fixture
def page(entry: ReportEntry) -> str:
    return url("entry_edit", CR, "PRV-01")


@pytest.fixture
def beto(cast: Any, client: Client) -> Client:
    client.force_login(cast.beto)
    return client


@pytest.fixture
def ana(cast: Any) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


def told(client: Client, page: str) -> list[str]:
    text = " ".join(client.get(page).content.decode().split())
    return [words for words in (NAMED, UNNAMED) if words in text]


def test_whoever_opens_an_entry_is_told_who_has_it_open(ana: Client, beto: Client, page: str) -> None:
    assert told(ana, page) == []
    assert told(beto, page) == [NAMED]
    assert told(ana, page) == []  # nobody is told of oneself
    assert "Beto has this activity open too." in ana.get(page).content.decode()


def test_who_saves_or_is_away_has_it_open_no_more(ana: Client, beto: Client, page: str, entry: ReportEntry) -> None:
    ana.get(page)
    ana.post(page, typed(entry, then="exit"))
    assert told(beto, page) == []
    ana.get(page)
    EntryPresence.objects.update(seen_at=timezone.now() - timedelta(minutes=4))
    assert told(beto, page) == []


def test_an_open_page_gives_a_sign_and_is_told_what_is_new(ana: Client, beto: Client, page: str) -> None:
    shown = beto.get(page).context["others"].key
    ana.get(page)
    answer = beto.get(f"{page}presence/", {"shown": shown})
    assert (answer.status_code, NAMED in answer.content.decode()) == (200, True)
    again = beto.get(f"{page}presence/", {"shown": answer.context["others"].key})
    assert again.status_code == 204
    assert EntryPresence.objects.count() == 2


def test_a_colleague_of_another_institution_is_not_told_a_name(
    cast: Any, ana: Client, page: str, entry: ReportEntry
) -> None:
    terms = services.GrantTerms(reason="R", valid_to=timezone.localdate() + timedelta(days=3))
    services.grant_entries(entries=[entry], person=cast.marta, terms=terms, actor=cast.beto)
    ana.get(page)
    ministry = Client()
    ministry.force_login(cast.marta)
    assert told(ministry, page) == [UNNAMED]


def test_reading_is_not_having_it_open(cast: Any, ana: Client, client: Client, page: str) -> None:
    client.force_login(cast.bruno)
    client.get(page)
    assert (told(ana, page), EntryPresence.objects.filter(user=cast.bruno).count()) == ([], 0)
