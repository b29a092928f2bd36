"""Nothing of a single State's report is public without its consent; the Meeting reads the whole (0190)."""

import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.canonical import content_hash
from core.files import store_once
from core.jobs import create_job
from evaluations import services
from evaluations.models import Document, Evaluation, Publication, Snapshot, StatePaper
from evaluations.queries.consent import withheld
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from tests.factories.evaluations import consulted, make_evaluation, show_reports
from tests.factories.workplan import only_a_few_take_part
from workplan.models import PublicConsent

pytestmark = pytest.mark.django_db
STATES = {"BB", "BR", "CR", "GT"}
TRANSLATED = {
    "translation": "quote:{}:{}",
    "heard": "comment:{}:PRV",
    "answered": "reply:{}:C-1",
    "practised": "practice:{}:{}",
}
KINDS = {"quote", "comment", "reply", "practice", *TRANSLATED}
MARK = re.compile(r"CNRY-(\w+)-([A-Z]{2})")


def marked(content: dict[str, Any]) -> dict[str, Any]:
    """Frozen data in which each State has said one thing of every kind."""
    code = next(row["code"] for row in content["activities"] if row["area"] == "PRV" and row["responsible"] != "SG")
    now, before = content["rounds"]
    for iso2 in STATES:
        now["reports"][iso2]["ratings"][code] = ["full", "full"]
        before["reports"][iso2].get("ratings", {}).pop(code, None)
        content["answers"].setdefault(iso2, {})[code] = {"results": f"CNRY-quote-{iso2}", "language": "es"}
    content["practice"] = {iso2: {code: {"text": f"CNRY-practice-{iso2}", "language": "es"}} for iso2 in STATES}
    said = [
        {"state": iso2, "area": "PRV", "text": f"CNRY-comment-{iso2}", "language": "es", "on": "2014-10-01"}
        for iso2 in sorted(STATES)
    ]
    replies = [{"state": iso2, "text": f"CNRY-reply-{iso2}", "language": "es"} for iso2 in sorted(STATES)]
    row = {"reference": "C-1", "title": "T", "language": "es", "text": "X", "by": "Y", "states": [], "replies": replies}
    content["comments"] = said
    content["sections"]["contributions"] = {"contributions": [row], "closed": 0}
    content["translations"] = {
        "en": {key.format(iso2, code): f"CNRY-{kind}-{iso2}" for iso2 in STATES for kind, key in TRANSLATED.items()}
    }
    return content


@pytest.fixture
def published(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    """Guatemala has made its reports public, the others have not."""
    settings.MEDIA_ROOT = tmp_path
    only_a_few_take_part()
    evaluation = make_evaluation(cast, accepted=4, submitted=0, formats=("json",))
    content = marked(build_snapshot(evaluation))
    snapshot = Snapshot.objects.create(
        evaluation=evaluation, job=create_job(kind=services.KIND, actor=cast.denise), content=content,
        content_hash=content_hash(content), cutoff_at=timezone.now(),
    )  # fmt: skip
    stored, digest = store_once(b"all", folder="evaluations", suffix="json")
    Document.objects.create(snapshot=snapshot, language="es", format="json", file=stored, size=3, sha256=digest)
    states = {report.state.iso2: report.state for report in evaluation.round.reports.exclude(state=None)}
    for iso2 in STATES:
        StatePaper.objects.create(
            snapshot=snapshot, state=states[iso2], language="es", file=stored, size=3, sha256=digest,
            content_hash=digest,
        )  # fmt: skip
    Evaluation.objects.filter(pk=evaluation.pk).update(snapshot=snapshot)
    show_reports(cast, report__state__iso2="GT")
    Publication.objects.create(
        evaluation=evaluation, snapshot=snapshot, generated_by=cast.denise, published_by=cast.didier
    )
    return evaluation


def told(client: Client, evaluation: Evaluation) -> set[tuple[str, str]]:
    """Everything that single States said, on every page of the publication."""
    pages = [client.get(reverse("publication_detail", args=[evaluation.public_id]))]
    addresses = [page.url for page in pages[0].context["pages"]]
    texts = [page.content.decode() for page in [*pages, *map(client.get, addresses)]]
    return set(MARK.findall("".join(texts)))


def rows_with_ratings(client: Client, evaluation: Evaluation) -> set[str]:
    page = client.get(reverse("publication_section", args=[evaluation.public_id, "annex"])).content.decode()
    rows = lxml.html.fromstring(page).xpath("(//table)[1]//tbody/tr")
    return {row.xpath("string(th)") for row in rows if len(row.xpath("td")) > 1}


def files(client: Client, evaluation: Evaluation) -> dict[str, int]:
    key = evaluation.public_id
    found = {iso2: reverse("publication_paper", args=[key, iso2.lower(), "es"]) for iso2 in sorted(STATES)}
    found |= {"document": reverse("publication_file", args=[key, "es", "json"])}
    found |= {"pack": reverse("publication_pack", args=[key])}
    return {name: _read(client, address) for name, address in found.items()}


def _read(client: Client, address: str) -> int:
    """To its end: a file that is not read to it stays open."""
    answer = client.get(address)
    _content = b"".join(answer.streaming_content) if answer.streaming else b""
    return int(answer.status_code)


def everything() -> set[tuple[str, str]]:
    return {(kind, iso2) for kind in KINDS for iso2 in STATES}


def test_everybody_reads_what_states_show_and_the_meeting_reads_all(published: Evaluation, cast: Any) -> None:
    strangers, meeting = [Client(), signed_in(cast.paula)], [signed_in(cast.ana), signed_in(cast.denise)]
    for client in strangers:
        assert told(client, published) == {(kind, "GT") for kind in KINDS}
        assert rows_with_ratings(client, published) == {"Guatemala", "Haiti"}  # Haiti has no report to withhold
        given = {name for name, code in files(client, published).items() if code == 200}
        assert given == {"GT"}
    for client in meeting:
        assert told(client, published) == everything()
        assert set(files(client, published).values()) == {200}
        assert len(rows_with_ratings(client, published)) == 5


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_each_report_counts_and_a_consent_that_ended_is_none(published: Evaluation, cast: Any) -> None:
    content = published.snapshots.get().content
    assert withheld(content) == STATES - {"GT"}
    show_reports(cast, report__state__iso2__in=STATES - {"GT"})
    assert withheld(content) == frozenset()
    earlier = {**content["rounds"][1], "reports": {"BR": {"standing": "accepted", "version": 1}}}
    assert withheld({"rounds": [content["rounds"][0], earlier]}) == {"BR"}  # not that of the period before
    assert set(files(Client(), published).values()) == {200}
    assert Client().get(reverse("api_evaluations")).json()["results"][0]["documents"]
    PublicConsent.objects.filter(version__report__state__iso2="CR").update(ended_at=timezone.now(), ended_by=cast.beto)
    assert withheld(content) == {"CR"}
    assert Client().get(reverse("api_evaluations")).json()["results"][0]["documents"] == []
    assert "CR" not in {iso2 for _kind, iso2 in told(Client(), published)}


def test_figures_count_every_state(published: Evaluation) -> None:
    address = reverse("publication_section", args=[published.public_id, "overview"])
    assert Client().get(address).context["c"].summary.overall == summarize(published.snapshots.get().content).overall


def test_the_secretariat_and_the_state_know_before(published: Evaluation, cast: Any) -> None:
    page = signed_in(cast.denise).get(reverse("evaluation_consultation", args=[published.public_id]))
    assert page.context.get("withheld") is None  # nobody was asked yet
    consultation = consulted(Evaluation.objects.get(pk=published.pk), cast)
    page = signed_in(cast.denise).get(reverse("evaluation_consultation", args=[published.public_id]))
    assert set(page.context["withheld"]) == {"Barbados", "Brazil", "Costa Rica"}
    assert signed_in(cast.beto).get(consultation.preview_url("CR")).context["is_withheld"] is True
