"""Whole pages as text: nothing the policy would refuse, every reference resolves, every form has its token."""

import re
from collections import Counter
from typing import Any

import pytest
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from tests.frontend.conftest import ROOT
from tests.frontend.gallery import PAGES, render_page
from tests.frontend.markup import Element, elements

LANGUAGES = ["es", "en", "fr", "pt-br"]
pytestmark = pytest.mark.usefixtures("gallery")


def forbidden(items: list[Element]) -> list[str]:
    found = [f"<{e.tag} {name}>" for e in items for name in e.attributes if name == "style" or name.startswith("on")]
    found += [f"<{e.tag}>" for e in items if e.tag == "style" or (e.tag == "script" and not e.attributes.get("src"))]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_inline(page: str, language: str) -> None:
    assert forbidden(elements(render_page(page, language))) == []


def test_the_search_for_inline_code_can_fail() -> None:
    html = '<p style="a"></p><a onclick="b"></a><script>c</script><style>d</style><script src="e"></script>'
    assert forbidden(elements(html)) == ["<p style>", "<a onclick>", "<script>", "<style>"]


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_unique_and_references_resolve(page: str) -> None:
    items = elements(render_page(page))
    ids = Counter(e.attributes["id"] for e in items if e.attributes.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    wanted = {e.attributes["for"] for e in items if "for" in e.attributes}
    for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
        wanted |= {ref for e in items for ref in (e.attributes.get(name) or "").split()}
    assert wanted - set(ids) == set()


@pytest.mark.parametrize("page", ["entry", "components"])
def test_error_links_lead_to_a_control(page: str) -> None:
    html = render_page(page)
    summary = html.split("govuk-error-summary__list")[1].split("</ul>")[0]
    targets = re.findall(r'href="#([^"]+)"', summary)
    controls = {e.attributes.get("id") for e in elements(html) if e.tag in {"input", "select", "textarea"}}
    assert targets
    assert set(targets) - controls == set()
    assert "<title>Error:" in render_page(page, "en")


def test_the_summary_and_the_field_use_the_same_words() -> None:
    html = render_page("entry", "en")
    assert html.count("Enter a whole number, for example 5300") == 2


@pytest.mark.parametrize("page", PAGES)
def test_every_post_form_carries_a_token(page: str) -> None:
    html = render_page(page)
    forms = len([e for e in elements(html) if e.tag == "form" and e.attributes.get("method") == "post"])
    assert html.count('name="csrfmiddlewaretoken"') == forms > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_of_the_page_and_links_to_the_others(language: str) -> None:
    items = elements(render_page("dashboard", language, "?sort=-name"))
    assert items[0].attributes["lang"] == language
    links = {e.attributes["hreflang"]: e.attributes["href"] for e in items if "hreflang" in e.attributes}
    assert links == {other: f"/{other}/gallery/?sort=-name" for other in LANGUAGES if other != language}


def test_access_keys_are_digits_and_unique() -> None:
    keys = [e.attributes["accesskey"] for e in elements(render_page("dashboard")) if "accesskey" in e.attributes]
    assert sorted(keys) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_every_template_compiles_and_stays_in_the_portable_subset(path: Any) -> None:
    source = path.read_text()
    get_template(str(path.relative_to(ROOT / "templates")))
    assert re.findall(r"hx-on|hx-delete|hx-ext|js:|\sstyle=|\son[a-z]+=", re.sub(r"{%.*?%}", "", source)) == []


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "language_choice.html"])
def test_error_pages_print(name: str) -> None:
    with translation.override("en"):
        html = render_to_string(name, request=RequestFactory().get("/en/x/"))
    assert forbidden(elements(html)) == []
    assert [e.tag for e in elements(html)].count("h1") == 1


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_the_last_pages_print_without_request_and_without_static_files(name: str, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "no.such.Storage"}}
    html = get_template(name).render()
    assert forbidden(elements(html)) == []
    assert "<h1" in html


def test_a_required_field_left_empty_is_named() -> None:
    assert render_page("components", "en").count("Complete “Adresse électronique”") == 2


def test_values_are_escaped() -> None:
    request = RequestFactory().get("/en/", {"q": '"><script>'})
    with translation.override("en"):
        html = render_to_string("components/tag.html", {"label": "<b>", "status": '"x'}, request=request)
    assert "&lt;b&gt;" in html
    assert "portal-tag--grey" in html
