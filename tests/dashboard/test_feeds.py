"""The public site for programs and search engines: feeds and the site map."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from oas_trafficking.presenters.public import FEEDS, INDEXED
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.workplan.pages import url
from workplan import services
from workplan.models import Report

LANGUAGES = ("es", "en", "fr", "pt-br")
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entries(client: Client, kind: str, language: str = "es") -> list[ElementTree.Element]:
    response = client.get(url("feed", kind, language=language))
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    return root.findall(f"{ATOM}entry")


@pytest.mark.django_db
def test_a_report_comes_into_the_feed_by_the_states_consent_and_leaves_with_it(cast: Any, client: Client) -> None:
    only_a_few_take_part()
    evaluation = make_evaluation(cast, accepted=3, submitted=1)
    report = Report.objects.get(state=cast.costa_rica, round=evaluation.round)
    assert [entries(client, kind) for kind in FEEDS] == [[], [], []]
    services.publish_report(report=report, actor=cast.beto)
    (entry,) = entries(client, "reports")
    assert str(entry.findtext(f"{ATOM}id")).endswith("/es/states/cr/#published-2014-1")
    services.unpublish_report(report=report, actor=cast.beto)
    assert entries(client, "reports") == []
    assert client.get(url("feed", "reports").replace("reports", "drafts")).status_code == 404


@pytest.mark.django_db
def test_the_site_map_names_every_kind_of_page_in_its_languages(client: Client) -> None:
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    found = {str(page.findtext(f"{MAP}loc")): page for page in root.findall(f"{MAP}url")}
    for name in INDEXED:
        for language in LANGUAGES:
            page = found[f"http://testserver{url(name, language=language)}"]
            others = {link.get("hreflang"): link.get("href") for link in page if link.get("hreflang")}
            assert others == {code: f"http://testserver{url(name, language=code)}" for code in LANGUAGES}
    assert f"http://testserver{url('theme_detail', '4h')}" in found
    assert f"http://testserver{url('state_detail', 'br')}" in found
    robots = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in robots
