"""The register of the Meetings: what is loaded, who reads it, who keeps it, and what becomes of a conclusion."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from core.canonical import fingerprint
from core.models import AuditEvent
from evaluations import services
from evaluations.delivery.content import Content
from evaluations.models import AgendaItem, Conclusion, FollowUp, Meeting, MeetingDocument, Snapshot
from evaluations.queries.figures import summarize
from evaluations.queries.snapshot import build_snapshot
from tests.factories.evaluations import make_evaluation
from workplan.enums import Theme
from workplan.models import Activity

pytestmark = pytest.mark.django_db

POINTS = ["1", "2", "3", "4", *Theme.values, "5", "6"]


@pytest.fixture
def third() -> Meeting:
    return Meeting.objects.get(number=3)


def address(name: str, *args: Any) -> str:
    return reverse(f"register_{name}", args=args)


def test_four_meetings_with_their_conclusions(third: Meeting) -> None:
    assert list(Meeting.objects.values_list("number", "host__iso2")) == [(1, "VE"), (2, "AR"), (3, "GT"), (4, "BR")]
    assert list(third.conclusions.values_list("number", flat=True)) == POINTS
    assert [str(paper) for paper in Meeting.objects.get(number=4).papers.all()] == [
        "RTP-IV/doc.4/14 rev. 1", "RTP-IV/doc.5/14 rev. 1",
    ]  # fmt: skip
    assert not MeetingDocument.objects.filter(source="").exists()
    assert not Conclusion.objects.filter(source="").exists()


def test_conclusions_name_activities_of_the_catalogue(third: Meeting) -> None:
    known = set(Activity.objects.values_list("code", flat=True))
    named = {code for codes in third.conclusions.values_list("activities", flat=True) for code in codes}
    assert named <= known
    tagged = Activity.objects.filter(themes__contains=["4e"]).values_list("code", flat=True)
    assert third.conclusions.get(number="4e").activities == list(tagged)


def test_loading_again_changes_nothing_that_people_wrote(third: Meeting) -> None:
    AgendaItem.objects.filter(meeting=third, position=1).update(title_en="Corrected")
    before = [model.objects.count() for model in (Meeting, AgendaItem, MeetingDocument, Conclusion)]
    call_command("load_meetings", verbosity=0)
    assert [model.objects.count() for model in (Meeting, AgendaItem, MeetingDocument, Conclusion)] == before
    assert third.agenda.get(position=1).title_en == "Corrected"


def test_everybody_reads_and_nobody_else_is_offered_to_write(client: Client, cast: Any) -> None:
    page = client.get(address("detail", 3)).content.decode()
    assert "RTP-III/doc.10/12 rev. 1" in page
    assert "Z. Subillaga Dubón" in page
    assert all(f'id="conclusion-{number}"' in page for number in POINTS)
    assert "/edit/" not in page
    assert client.get(address("list")).status_code == 200
    assert client.get(address("detail", 9)).status_code == 404


def test_queries_of_a_meeting_do_not_grow_with_its_follow_up(client: Client, cast: Any, third: Meeting) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(address("detail", 3))
        return len(found)

    before = queries()
    for point in third.conclusions.exclude(responsible=""):
        FollowUp.objects.create(conclusion=point, status="planned", text="x", language="es", by=cast.denise)
    assert queries() == before <= 12


def test_every_form_of_the_register_opens_and_keeps(client: Client, cast: Any, third: Meeting) -> None:
    """What a form shows can be sent back as it is: nothing is lost on the way."""
    client.force_login(cast.denise)
    for kind, manager in (("officers", third.officers), ("agenda", third.agenda), ("documents", third.papers),
                          ("conclusions", third.conclusions)):  # fmt: skip
        record = manager.last()
        before = manager.values().get(pk=record.pk)
        page = address("item_edit", 3, kind, record.pk)
        form = client.get(page).context["form"]
        assert client.post(page, _as_sent(form)).status_code == 302, form.errors
        assert manager.values().get(pk=record.pk) == before
    assert AuditEvent.objects.filter(verb="meeting.corrected").count() == 4
    assert client.get(address("item_new", 3, "nothing")).status_code == 404


def _as_sent(form: Any) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if hasattr(value, "year"):
            data |= {f"{field.name}_{i}": part for i, part in enumerate((value.day, value.month, value.year))}
        elif value is not None:
            data[field.name] = value
    return data


def test_what_somebody_else_saved_is_not_passed_over(client: Client, cast: Any, third: Meeting) -> None:
    """The later of two people gets both texts to compare, and what they send then is kept."""
    client.force_login(cast.denise)
    page = address("item_edit", 3, "conclusions", third.conclusions.get(number="6").pk)
    sent = _as_sent(client.get(page).context["form"])
    assert client.post(page, {**sent, "meaning_es": "Primera mano."}).status_code == 302
    late = client.post(page, {**sent, "meaning_es": "Segunda mano."})
    shown = late.content.decode()
    assert late.status_code == 409
    assert [(row.mine, row.stored) for row in late.context["rows"]] == [("Segunda mano.", "Primera mano.")]
    assert "Segunda mano.</textarea>" in shown
    assert third.conclusions.get(number="6").meaning_es == "Primera mano."
    assert client.post(page, {**_as_sent(late.context["form"])}).status_code == 302
    assert third.conclusions.get(number="6").meaning_es == "Segunda mano."
    assert client.post(page, {**sent, "seen": ""}).status_code == 409


def test_new_revision_stands_beside_the_old(client: Client, cast: Any, third: Meeting) -> None:
    client.force_login(cast.denise)
    data = {"symbol": "RTP-III/doc.10/12", "revision": 2, "title": "Informe", "title_language": "es", "source": "OEA"}
    page = address("item_new", 3, "documents")
    assert client.post(page, data).status_code == 302
    assert client.post(page, data).status_code == 422  # the same revision twice
    assert sorted(third.papers.filter(symbol="RTP-III/doc.10/12").values_list("revision", flat=True)) == [1, 2]


def test_correcting_a_word_keeps_codes_of_an_earlier_catalogue(client: Client, cast: Any, third: Meeting) -> None:
    conclusion = third.conclusions.get(number="4e")
    codes = ["OLD-7", *conclusion.activities]
    Conclusion.objects.filter(pk=conclusion.pk).update(activities=codes)
    client.force_login(cast.denise)
    page = address("item_edit", 3, "conclusions", conclusion.pk)
    form = client.get(page).context["form"]
    sent = {field.html_name: field.value() if field.value() is not None else "" for field in form}
    sent |= {"meaning_en": "Corrected.", "due_on": ""}
    assert client.post(page, sent).status_code == 302
    conclusion.refresh_from_db()
    assert (conclusion.meaning_en, set(conclusion.activities)) == ("Corrected.", set(codes))


def test_new_meeting_and_its_days(client: Client, cast: Any) -> None:
    client.force_login(cast.denise)
    four = {f"{base}_{end}": "Quinta" for base in ("title", "place") for end in ("es", "en", "fr", "pt_br")}
    days = {"starts_on_0": 5, "starts_on_1": 3, "starts_on_2": 2018, "ends_on_0": 4, "ends_on_1": 3, "ends_on_2": 2018}
    assert client.post(address("new"), {"number": 5, **four, **days}).status_code == 422
    answer = client.post(address("new"), {"number": 5, **four, **days, "ends_on_0": 6})
    assert (answer.status_code, answer.url) == (302, Meeting.objects.get(number=5).get_absolute_url())


def test_follow_up_is_added_and_what_was_said_stays(client: Client, cast: Any, third: Meeting) -> None:
    client.force_login(cast.denise)
    page = address("follow_up", 3, "6")
    data = {"status": "under_way", "text": "Se envió la convocatoria.", "language": "es", "who": "Departamento"}
    assert client.post(page, {**data, "text": ""}).status_code == 422
    assert client.post(page, data).status_code == 302
    assert (
        client.post(page, {**data, "status": "done", "text": "La Reunión se celebrará en Brasilia."}).status_code == 302
    )
    shown = Client().get(address("detail", 3)).content.decode()
    assert shown.index("se celebrará") < shown.index("convocatoria")
    assert "Denise" not in shown  # the Secretariat speaks, not a person
    assert client.post(address("follow_up", 3, "5"), data).status_code == 404  # thanks ask nobody to act
    assert AuditEvent.objects.filter(verb="conclusion.followed_up").count() == 2


def test_only_the_secretariat_keeps_it(cast: Any, third: Meeting) -> None:
    for name in ("ana", "paula", "evan"):
        with pytest.raises(services.NotAllowed):
            services.keep_record(record=third, seen=fingerprint(third), actor=getattr(cast, name))


def test_database_keeps_the_register(cast: Any, third: Meeting) -> None:
    wrong = [
        lambda: Meeting.objects.filter(pk=third.pk).update(ends_on="2012-10-01"),
        lambda: third.conclusions.filter(number="6").update(number="5"),
        lambda: third.conclusions.filter(number="6").update(number="six"),
        lambda: third.papers.filter(symbol="").update(revision=1),
        lambda: FollowUp.objects.create(
            conclusion=third.conclusions.get(number="6"), status="done", text="", language="es", by=cast.denise
        ),
    ]
    for change in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_an_evaluation_tells_how_each_conclusion_of_the_meeting_before_stands(cast: Any, third: Meeting) -> None:
    evaluation = make_evaluation(cast, accepted=5, submitted=1)
    point = third.conclusions.get(number="4d")
    for status, text in (("under_way", "Cursos en marcha."), ("done", "Cursos impartidos.")):
        FollowUp.objects.create(conclusion=point, status=status, text=text, language="es", by=cast.denise)
    data = build_snapshot(evaluation)
    snapshot = Snapshot(evaluation=evaluation, content=data, content_hash="0" * 64, cutoff_at=timezone.now())
    content = Content(evaluation, snapshot, summarize(data), "en")
    rows = content.conclusions
    assert [row["number"] for row in rows] == POINTS
    stands = {row["number"]: (row["status"], row["words"].text) for row in rows if row["words"]}
    assert stands == {"4d": ("Carried out", "Cursos impartidos.")}
    with translation.override("en"):
        page = render_to_string("evaluations/document/elements.html", {"c": content, "chapter": {}})
    assert "Cursos impartidos." in page
    assert page.count("No follow-up is recorded.") == len(POINTS) - 1
