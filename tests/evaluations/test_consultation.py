"""Each State reads its own part and nothing of others; what it says stands in the annex of what is published."""

import io
import threading
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import State
from core.models import AuditEvent, OutboxMessage
from evaluations import delivery, services, tasks
from evaluations.delivery import docx, pipeline
from evaluations.delivery.content import Content
from evaluations.enums import CLOCK, today
from evaluations.models import Artefact, Consultation, Document, Evaluation, Publication, StateComment
from evaluations.queries.consulted import changed_since_asked
from evaluations.queries.figures import summarize
from evaluations.queries.preview import own_part
from evaluations.queries.snapshot import final_comments
from tests.api.test_reports import ROOT, is_problem, keyed, send
from tests.factories.evaluations import consulted, make_evaluation, publish
from tests.factories.workplan import only_a_few_take_part
from tests.support import form_of
from workplan.models import Report

pytestmark = pytest.mark.django_db
TOMORROW = today() + timedelta(days=1)
WORDS = "El país no comparte la valoración <b>PRV-02</b>."


@pytest.fixture
def evaluation(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    """Of the few States that take part, all have an accepted report."""
    settings.MEDIA_ROOT = tmp_path
    only_a_few_take_part()
    made = make_evaluation(cast, accepted=4, submitted=0, formats=("csv", "json"))
    build(made, cast)
    return made


def build(evaluation: Evaluation, cast: Any) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    evaluation.refresh_from_db()


@pytest.fixture
def consultation(evaluation: Evaluation, cast: Any) -> Consultation:
    return services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.denise)


def comment(consultation: Consultation, cast: Any, text: str = WORDS, seen: int = 0, area: str = "PRV") -> int:
    return services.save_comments(
        consultation=consultation, state=cast.costa_rica, texts={area: text}, language="es", seen=seen, actor=cast.beto
    )


def end(consultation: Consultation) -> None:
    Consultation.objects.filter(pk=consultation.pk).update(closes_on=date(2014, 10, 17))


def page_of(client: Client, consultation: Consultation, iso2: str) -> Any:
    return client.get(reverse("consultation_preview", args=[consultation.public_id, iso2]))


# --- what is shown --------------------------------------------------------


def test_preview_holds_the_own_ratings_and_no_other(consultation: Consultation) -> None:
    content = consultation.snapshot.content
    own = content["rounds"][0]["reports"]["CR"]["ratings"]
    shown = {row.activity: [row.now.rating, row.now.own] for area in own_part(content, "CR") for row in area.answers}
    assert shown == {code: own[code] for code in shown}
    assert len(shown) == 36
    others = {
        **content,
        "rounds": [
            {**round_, "reports": {"CR": round_["reports"]["CR"]}} for round_ in content["rounds"]
        ],
        "answers": {code: answer for code, answer in content["answers"].items() if code == "CR"},
    }  # fmt: skip
    assert own_part(others, "CR") == own_part(content, "CR")


def test_a_state_reads_its_own_page_alone(client: Client, consultation: Consultation, cast: Any) -> None:
    client.force_login(cast.beto)
    assert page_of(client, consultation, "cr").status_code == 200
    assert page_of(client, consultation, "gt").status_code == 404
    assert consultation.preview_url("CR") in client.get(reverse("consultation_list")).content.decode()
    client.force_login(cast.denise)
    assert page_of(client, consultation, "gt").status_code == 200


def test_whoever_answers_for_the_state_is_told_once_for_each_last_day(
    consultation: Consultation, evaluation: Evaluation, cast: Any, mailoutbox: list[Any]
) -> None:
    told = OutboxMessage.objects.filter(task=tasks.send_notice.name)
    people = {args[1] for args in told.values_list("args", flat=True)}
    assert cast.beto.pk in people
    assert cast.ana.pk not in people  # she writes the report and does not approve it
    services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.denise)
    assert told.count() == len(people)
    delivery.send_notice(consultation.pk, cast.beto.pk)
    assert reverse("consultation_list") in mailoutbox[0].body
    assert evaluation.symbol not in mailoutbox[0].body


# --- what is said ---------------------------------------------------------


def test_comments_by_the_page_keep_every_version(client: Client, consultation: Consultation, cast: Any) -> None:
    client.force_login(cast.beto)
    address = consultation.preview_url("CR")
    assert (
        client.post(address, {"seen": 0, "language": "es", "text_PRV": WORDS, "text_": "Gracias."}).status_code == 302
    )
    late = client.post(address, {"seen": 0, "language": "es", "text_PRO": "Otra cosa."})
    assert late.status_code == 422
    again = form_of(late.content.decode(), "text_PRV")
    assert (again["seen"], again["text_PRV"], again["text_"], again["text_PRO"]) == (
        "2", WORDS, "Gracias.", "Otra cosa.",
    )  # fmt: skip
    assert client.post(address, {**again, "text_PRV": ""}).status_code == 302
    assert list(StateComment.objects.values_list("area", "number", "text")) == [
        ("", 1, "Gracias."), ("PRO", 1, "Otra cosa."), ("PRV", 1, WORDS), ("PRV", 2, ""),
    ]  # fmt: skip
    assert AuditEvent.objects.filter(verb="consultation.commented", chain="CR").count() == 2


def test_only_for_the_own_state_and_in_its_time(consultation: Consultation, cast: Any) -> None:
    for name in ("ana", "marta", "denise", "paula"):
        with pytest.raises(services.NotAllowed):
            services.save_comments(
                consultation=consultation, state=cast.costa_rica, texts={"": "x"}, language="es", seen=0,
                actor=getattr(cast, name),
            )  # fmt: skip
    end(consultation)
    with pytest.raises(services.StepRefused):
        comment(consultation, cast)
    assert not StateComment.objects.exists()


def test_only_what_was_built_and_not_published_is_shown(evaluation: Evaluation, cast: Any) -> None:
    with pytest.raises(services.PortalError):
        services.open_consultation(evaluation=evaluation, closes_on=today(), actor=cast.denise)
    with pytest.raises(services.NotAllowed):
        services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.beto)
    publish(evaluation, cast)
    evaluation.refresh_from_db()
    with pytest.raises(services.StepRefused):
        services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.denise)


def test_database_wants_words_and_each_version_once(consultation: Consultation, cast: Any) -> None:
    row = {"consultation": consultation, "state": cast.costa_rica, "language": "es", "by": cast.beto, "number": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        StateComment.objects.create(**row)
    StateComment.objects.create(**row, text="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        StateComment.objects.create(**row, text="y")


def test_whoever_reads_a_comment_reads_its_reviewed_translation(
    client: Client, consultation: Consultation, evaluation: Evaluation, cast: Any
) -> None:
    comment(consultation, cast)
    comment(consultation, cast, "En conjunto, sí.", seen=1, area="")
    build(evaluation, cast)
    texts = {"PRV": "Not shared.", "whole": "On the whole, yes."}
    steps = [("PRV", cast.denise, False, 0), ("PRV", cast.didier, True, 1), ("whole", cast.denise, False, 0)]
    for key, actor, is_reviewed, seen in steps:
        services.save_translation(
            evaluation=evaluation, key=f"comment:CR:{key}", language="en", text=texts[key], is_reviewed=is_reviewed,
            seen=seen, actor=actor,
        )  # fmt: skip

    def told(user: Any, iso2: str) -> list[bool]:
        client.force_login(user)
        page = client.get(consultation.preview_url(iso2), headers={"Accept-Language": "en"}).content.decode()
        return [text in page for text in texts.values()]

    shown = [told(cast.beto, "CR"), told(cast.denise, "CR"), told(cast.denise, "GT")]
    assert shown == [[True, False], [True, False], [False, False]]
    spoken = keyed(cast.beto).get(f"{ROOT}consultations/{consultation.public_id}/cr/").json()["comments"]
    english = {row["area"]: one for row in spoken for one in row["translations"] if one["language"] == "en"}
    found = {area: (one["status"], one["text"]) for area, one in english.items()}
    assert found == {"PRV": ("reviewed", "Not shared."), "whole": ("missing", None)}
    comment(consultation, cast, "Otra cosa.", seen=2)
    assert told(cast.beto, "CR") == [False, False]  # of words that no longer stand


# --- what becomes of it ---------------------------------------------------


def test_comments_stand_word_for_word_in_the_annex(
    consultation: Consultation, evaluation: Evaluation, cast: Any
) -> None:
    comment(consultation, cast)
    comment(consultation, cast, "Retirado.", seen=1, area="PRO")
    comment(consultation, cast, "", seen=2, area="PRO")
    build(evaluation, cast)
    content = Content(evaluation, evaluation.snapshot, summarize(evaluation.snapshot.content), "fr")
    with override("fr"):
        assert [(row["state"], row["area"], row["text"]) for row in content.comments] == [
            ("Costa Rica", "Prévention", WORDS)
        ]
        with zipfile.ZipFile(io.BytesIO(docx.write(content))) as written:
            text = written.read("word/document.xml").decode()
    assert "El país no comparte la valoración &lt;b&gt;PRV-02&lt;/b&gt;." in text
    assert "Retirado" not in text


def test_published_neither_before_the_end_nor_without_what_was_said(
    consultation: Consultation, evaluation: Evaluation, cast: Any
) -> None:
    with pytest.raises(services.StepRefused, match="may still comment"):
        services.publish(evaluation=evaluation, actor=cast.didier)
    comment(consultation, cast)
    end(consultation)
    with pytest.raises(services.StepRefused, match="commented since"):
        services.publish(evaluation=evaluation, actor=cast.didier)
    build(evaluation, cast)
    services.publish(evaluation=evaluation, actor=cast.didier)
    assert Publication.objects.get().snapshot.content["comments"][0]["text"] == WORDS


# --- asked again ----------------------------------------------------------


def no_longer_accepted(evaluation: Evaluation, iso2: str) -> None:
    """A report that was opened again since."""
    reports = Report.objects.filter(round=evaluation.round, state__iso2=iso2)
    reports.update(accepted_version=None, status="submitted", accepted_at=None)


def test_a_state_whose_part_changed_is_asked_again_and_what_it_said_stays(
    evaluation: Evaluation, cast: Any, client: Client
) -> None:
    first = services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.denise)
    comment(first, cast)
    end(first)
    no_longer_accepted(evaluation, "GT")
    build(evaluation, cast)
    with pytest.raises(services.StepRefused, match=r"changed since they were asked: GT$"):
        services.publish(evaluation=evaluation, actor=cast.didier)
    client.force_login(cast.denise)
    page = client.get(reverse("evaluation_consultation", args=[evaluation.public_id]))
    assert page.context["changed"] == ["Guatemala"]
    second = services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.denise)
    assert second.asked == {"GT"}
    assert page_of(client, second, "cr").status_code == 404
    end(second)
    assert changed_since_asked(evaluation) == []
    services.publish(evaluation=evaluation, actor=cast.didier)
    assert [row["text"] for row in evaluation.snapshot.content["comments"]] == [WORDS]


def test_a_second_consultation_takes_the_place_of_the_first(evaluation: Evaluation, cast: Any, client: Client) -> None:
    """While the first runs, all of its States are asked; what was said is carried over and can be taken back."""
    first = services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.denise)
    comment(first, cast)
    build(evaluation, cast)
    second = services.open_consultation(evaluation=evaluation, closes_on=TOMORROW, actor=cast.denise)
    assert second.asked == first.asked
    client.force_login(cast.beto)
    page = page_of(client, second, "cr").content.decode()
    sent = form_of(page, "text_PRV")
    assert (sent["seen"], sent["text_PRV"]) == ("1", WORDS)
    with pytest.raises(services.StepRefused):  # the first is over
        comment(first, cast, "Tarde.", seen=1)
    assert client.post(second.preview_url("CR"), {**sent, "text_PRV": "Otra vez."}).status_code == 302
    assert [row["text"] for row in final_comments(evaluation)] == ["Otra vez."]
    assert client.post(second.preview_url("CR"), {**sent, "seen": 2, "text_PRV": ""}).status_code == 302
    assert final_comments(evaluation) == []
    end(second)
    build(evaluation, cast)
    services.publish(evaluation=evaluation, actor=cast.didier)  # the first does not hold it up


def test_the_last_day_is_moved_whatever_was_built_since(consultation: Consultation, cast: Any, client: Client) -> None:
    build(consultation.evaluation, cast)
    client.force_login(cast.denise)
    address = reverse("evaluation_consultation", args=[consultation.evaluation.public_id])

    def move(day: date) -> int:
        parts = {f"closes_on_{i}": part for i, part in enumerate((day.day, day.month, day.year))}
        return int(client.post(address, {**parts, "move": "1"}).status_code)

    assert [move(today() - timedelta(days=1)), move(today())] == [422, 302]
    consultation.refresh_from_db()
    assert (consultation.closes_on, consultation.is_open, Consultation.objects.count()) == (today(), True, 1)
    end(consultation)
    assert move(today()) == 422


def test_nothing_is_published_that_no_state_was_asked_about(evaluation: Evaluation, cast: Any) -> None:
    with pytest.raises(services.StepRefused, match="Ask the States first"):
        services.publish(evaluation=evaluation, actor=cast.didier)


# --- one clock ------------------------------------------------------------


def test_no_capital_of_a_state_has_a_day_that_ends_later() -> None:
    for moment in (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)):
        for state in State.objects.all():
            assert moment.astimezone(CLOCK).utcoffset() <= moment.astimezone(ZoneInfo(state.time_zone)).utcoffset()


def test_the_last_day_ends_by_one_clock_wherever_the_reader_is(
    consultation: Consultation, evaluation: Evaluation, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 23:30 in Guatemala it is 02:30 of the next day in Brazil: nobody publishes there while another comments."""
    late = datetime.combine(TOMORROW, time(23, 30), CLOCK)
    for zone in ("America/Sao_Paulo", "Pacific/Honolulu"):
        for moment, is_open in ((late, True), (late + timedelta(hours=1), False)):
            monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
            with timezone.override(zone):
                still = Consultation.objects.still_open().exists()
                assert (consultation.is_open, still) == (is_open, is_open)
    monkeypatch.setattr(timezone, "now", lambda: late)
    comment(consultation, cast)
    monkeypatch.undo()
    assert final_comments(evaluation)[0]["on"] == TOMORROW.isoformat()


@pytest.mark.django_db(transaction=True)
def test_a_comment_waits_for_a_publication_and_is_refused(evaluation: Evaluation, cast: Any) -> None:
    """Both lock the evaluation: a comment never falls between what was looked at and what is published."""
    consultation = consulted(evaluation, cast)
    told: list[str] = []

    def say() -> None:
        try:
            comment(consultation, cast)
        except services.StepRefused as refused:
            told.append(str(refused.message))
        finally:
            connection.close()

    thread = threading.Thread(target=say)
    with transaction.atomic():
        services.publish(evaluation=evaluation, actor=cast.didier)
        thread.start()
        thread.join(0.7)
        assert (told, thread.is_alive()) == ([], True)
    thread.join(20)
    assert told == ["The evaluation is published: there is nothing more to comment on."]
    assert not StateComment.objects.exists()


def test_only_what_a_comment_changes_is_written_again(
    consultation: Consultation, evaluation: Evaluation, cast: Any
) -> None:
    """The matrix as a table names no comment: its files are the ones that were there."""
    before = set(Artefact.objects.values_list("input_hash", flat=True))
    files = set(Artefact.objects.values_list("sha256", flat=True))
    comment(consultation, cast)
    build(evaluation, cast)
    now = Document.objects.current()
    assert {row.sha256 for row in now.filter(format="csv")} <= files
    written = Artefact.objects.exclude(input_hash__in=before)
    assert set(written.values_list("sha256", flat=True)) == {row.sha256 for row in now.filter(format="json")}


def test_secretariat_sees_who_has_commented(client: Client, consultation: Consultation, cast: Any) -> None:
    comment(consultation, cast)
    client.force_login(cast.denise)
    address = reverse("evaluation_consultation", args=[consultation.evaluation.public_id])
    asked = {row.iso2: row.comments for row in client.get(address).context["asked"]}
    assert asked.pop("CR") == 1
    assert set(asked.values()) == {0}
    day = {f"closes_on_{i}": part for i, part in enumerate((1, 1, TOMORROW.year + 1))}
    assert client.post(address, {"closes_on_0": ""}).status_code == 422
    assert client.post(address, day).status_code == 302
    assert Consultation.objects.get().closes_on == date(TOMORROW.year + 1, 1, 1)


# --- the published pages --------------------------------------------------


def test_everybody_reads_every_section(evaluation: Evaluation, cast: Any) -> None:
    publish(evaluation, cast)
    client = Client()
    page = client.get(reverse("publication_detail", args=[evaluation.public_id]))
    sections = page.context["pages"]
    assert len(sections) == 18  # sixteen chapters, the matrix, and the other annexes
    for section in sections:
        answer = client.get(section.url)
        assert answer.status_code == 200, section.slug
        assert "style=" not in answer.content.decode()
    nowhere = reverse("publication_section", args=[evaluation.public_id, "nowhere"])
    assert client.get(nowhere).status_code == 404


def test_pages_show_the_frozen_figures(evaluation: Evaluation, cast: Any) -> None:
    publish(evaluation, cast)
    page = Client().get(reverse("publication_section", args=[evaluation.public_id, "overview"])).context["c"]
    assert page.summary == summarize(evaluation.snapshot.content)


def test_a_state_comments_by_key(consultation: Consultation, cast: Any) -> None:
    """As on its page: its own part alone, with what was read of a colleague's words."""
    own, listed = f"consultations/{consultation.public_id}/cr/", "consultations/"
    beto, ana, carla = keyed(cast.beto), keyed(cast.ana), keyed(cast.carla)
    assert [row["id"] for row in ana.get(f"{ROOT}{listed}").json()["results"]] == [str(consultation.public_id)]
    read = beto.get(f"{ROOT}{own}")
    part = consultation.snapshot.content["rounds"][0]["reports"]["CR"]["ratings"]
    told = {row["activity"]: [row["rating"], row["own"]] for area in read.json()["areas"] for row in area["answers"]}
    assert told == {code: part[code] for code in told}
    words = {"language": "es", "texts": {"PRV": WORDS}}
    assert is_problem(send(carla, "PUT", own, words, **{"If-Match": '"0"'}), 404)
    assert is_problem(send(ana, "PUT", own, words, **{"If-Match": '"0"'}), 403)
    assert is_problem(send(beto, "PUT", own, words), 428)
    assert is_problem(send(beto, "PUT", own, {**words, "texts": {"XXX": "-"}}, **{"If-Match": '"0"'}), 400)
    said = send(beto, "PUT", own, words, **{"If-Match": read.headers["ETag"]})
    assert (said.status_code, [row["text"] for row in said.json()["comments"]]) == (200, [WORDS])
    assert is_problem(send(beto, "PUT", own, words, **{"If-Match": '"0"'}), 412)
    more = {"language": "es", "texts": {"whole": "En general, de acuerdo."}}
    both = send(beto, "PUT", own, more, **{"If-Match": said.headers["ETag"]}).json()["comments"]
    assert {row["area"]: row["text"] for row in both} == {"whole": more["texts"]["whole"], "PRV": WORDS}  # type: ignore[index]
    assert is_problem(carla.get(f"{ROOT}{own}"), 404)
    end(consultation)
    assert is_problem(send(beto, "PUT", own, more, **{"If-Match": '"2"'}), 409)
