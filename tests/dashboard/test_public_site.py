"""The public pages: in four languages, without cookies, cacheable, and with nothing that is not public."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from networks.models import Desk
from tests.workplan.pages import url

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "en", "fr", "pt-br")


def make_hotline(cast: Any, name: str, visibility: str, service: str = "hotline") -> Desk:
    return Desk.objects.create(
        institution=cast.authority_cr, service=service, name=name, name_language="es", languages=["es"],
        phone="+506 0000 0000", visibility=visibility, verified_on=timezone.localdate(), verified_by=cast.ana,
        search_text=name,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_gets_no_cookie_and_a_tag_for_the_cache(cast: Any, client: Client, language: str) -> None:
    for name in ("language_root", "get_help"):
        response = client.get(url(name, language=language))
        assert (response.status_code, dict(response.cookies)) == (200, {})
        assert response["Content-Language"] == language
        assert set(response["Vary"].lower().split(", ")) <= {"cookie", "accept-encoding"}
        again = client.get(url(name, language=language), headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304


def test_whoever_is_signed_in_goes_to_their_own_page(cast: Any, client: Client) -> None:
    client.force_login(cast.ana)
    response = client.get(url("language_root"))
    assert (response.status_code, response["Location"]) == (302, url("home"))
    assert response["Cache-Control"] == "no-store, private"


def test_help_names_public_hotlines_alone_whoever_asks(cast: Any, client: Client) -> None:
    make_hotline(cast, "Línea pública", "public")
    make_hotline(cast, "Línea de autoridades", "authorities")
    make_hotline(cast, "Albergue", "public", "shelter")
    for person in (None, cast.ana):
        if person is not None:
            client.force_login(person)
        assert [desk.name for desk in client.get(url("get_help")).context["hotlines"]] == ["Línea pública"]
    page = client.get(url("get_help")).content.decode()
    assert "govuk-js-exit-this-page-button" in page
