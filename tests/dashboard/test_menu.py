"""The menu stands in one line: what has no room is folded under one more word, in every language."""

from typing import Any

import pytest
from django.test import Client

from oas_trafficking.context import MORE, ROOM
from tests.workplan.pages import url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt-br"])
def test_nothing_of_the_menu_is_lost_and_its_line_is_not_too_long(cast: Any, client: Client, language: str) -> None:
    for person in (cast.denise, cast.ana):
        client.force_login(person)
        of = client.get(url("plan_detail", language=language)).context
        line, rest = list(of["nav_line"]), list(of["nav_rest"])
        assert line + rest == list(of["nav_items"])
        assert sum(item.width for item in line) <= (ROOM - MORE if rest else ROOM)
        assert rest or person is cast.ana, "the Secretariat has more than a line holds"


def test_a_short_menu_folds_nothing(client: Client) -> None:
    response = client.get(url("plan_detail"))
    assert list(response.context["nav_rest"]) == []
    assert "portal-more" not in response.content.decode()


def test_the_page_one_is_on_is_named_though_its_word_is_folded(cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    html = client.get(url("notification_list")).content.decode()
    assert 'portal-more__here">: Messages<' in html
