"""The translation desk: drafts and reviewed texts, what goes stale, and files that are taken in whole or not at all."""

import io
import json
from pathlib import Path
from typing import Any

import docx as word
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from lxml import etree

from core.canonical import content_hash
from core.jobs import create_job
from core.models import OutboxMessage
from evaluations import services
from evaluations.delivery import data, docx, parts, pdf, pipeline, xliff
from evaluations.delivery.content import Content
from evaluations.imports import BadInterchange, read_xliff
from evaluations.models import Evaluation, Snapshot, Translation
from evaluations.queries.figures import summarize
from evaluations.queries.preview import own_translations
from evaluations.queries.translations import Pair, count_unreviewed, pairs_of, reviewed_texts, units_of
from tests.factories.evaluations import make_evaluation
from tests.factories.workplan import only_a_few_take_part
from tests.support import form_of

pytestmark = pytest.mark.django_db
SOURCE = "Precisar los plazos & <los> «responsables»."
TARGET = "Préciser les délais et les responsables."


@pytest.fixture
def evaluation(cast: Any, settings: Any, tmp_path: Path) -> Evaluation:
    settings.MEDIA_ROOT = tmp_path
    only_a_few_take_part()
    made = make_evaluation(cast, accepted=4, submitted=0, formats=("json",), languages=("es", "fr"))
    for key, text in (("N1", SOURCE), ("N2", "Otra actividad.")):
        services.save_element(
            evaluation=made, key=key, seen=0, suggestion="new", text=text, language="es", is_draft=False,
            actor=cast.denise,
        )  # fmt: skip
    build(made, cast)
    return made


def build(evaluation: Evaluation, cast: Any) -> None:
    job = services.request_build(evaluation=evaluation, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    evaluation.refresh_from_db()


def save(
    evaluation: Evaluation, actor: Any, seen: int = 0, text: str = TARGET, *, reviewed: bool = True
) -> Translation:
    return services.save_translation(
        evaluation=evaluation, key="element:N1", language="fr", text=text, is_reviewed=reviewed, seen=seen, actor=actor
    )


def pairs(evaluation: Evaluation) -> dict[str, Pair]:
    return {pair.unit.key: pair for pair in pairs_of(evaluation, evaluation.snapshot.content, "fr")}


def statuses(evaluation: Evaluation) -> dict[str, str]:
    return {key: pair.status.value for key, pair in pairs(evaluation).items()}


def printed(evaluation: Evaluation) -> dict[str, str]:
    content = Content(evaluation, evaluation.snapshot, summarize(evaluation.snapshot.content), "fr")
    with override("fr"):
        return {row["key"]: row["words"].translation for row in content.elements}


def test_draft_reviewed_stale(evaluation: Evaluation, cast: Any) -> None:
    assert statuses(evaluation) == {"element:N1": "missing", "element:N2": "missing"}
    save(evaluation, cast.denise, reviewed=False)
    assert statuses(evaluation)["element:N1"] == "draft"
    save(evaluation, cast.didier, seen=1)
    assert statuses(evaluation)["element:N1"] == "reviewed"
    waiting = count_unreviewed(evaluation, evaluation.snapshot.content)
    assert waiting == {"es": 0, "fr": 1}
    services.save_element(
        evaluation=evaluation, key="N1", seen=1, suggestion="new", text="Otro texto.", language="es", is_draft=False,
        actor=cast.denise,
    )  # fmt: skip
    build(evaluation, cast)
    assert statuses(evaluation)["element:N1"] == "stale"
    assert Translation.objects.count() == 2


def test_documents_print_what_is_reviewed_and_still_of_the_source(evaluation: Evaluation, cast: Any) -> None:
    save(evaluation, cast.denise, reviewed=False)
    build(evaluation, cast)
    assert printed(evaluation) == {"N1": "", "N2": ""}
    save(evaluation, cast.didier, seen=1)
    build(evaluation, cast)
    assert printed(evaluation) == {"N1": TARGET, "N2": ""}
    content = Content(evaluation, evaluation.snapshot, summarize(evaluation.snapshot.content), "fr")
    with override("fr"):
        page = render_to_string(pdf.TEMPLATE, {"c": content, "language": "fr"})
    assert TARGET in page
    assert 'lang="es">Otra actividad.' in page
    assert ("Traduction révisée (langue originale\u202f: espagnol)" in page, page.count("Non traduit")) == (True, 1)


def test_what_somebody_else_saved_is_not_passed_over(evaluation: Evaluation, cast: Any, client: Client) -> None:
    save(evaluation, cast.didier, text="D’un autre.", reviewed=False)
    client.force_login(cast.denise)
    address = reverse("translation_edit", args=[evaluation.public_id, "fr", "element:N1"])
    late = client.post(address, {"seen": 0, "text": TARGET, "reviewed": "1"})
    assert late.status_code == 422
    assert "D’un autre." in late.content.decode()
    assert client.post(address, form_of(late.content.decode(), "text")).status_code == 302
    assert list(Translation.objects.values_list("number", "is_reviewed")) == [(1, False), (2, False)]


def test_one_writes_and_another_reviews(evaluation: Evaluation, cast: Any, client: Client) -> None:
    with pytest.raises(services.StepRefused, match="Somebody else"):
        save(evaluation, cast.denise)
    save(evaluation, cast.denise, reviewed=False)
    save(evaluation, cast.didier, seen=1, reviewed=False)  # the same words are hers, whoever saves them
    for actor, text in ((cast.denise, TARGET), (cast.didier, "D’autres mots.")):
        with pytest.raises(services.StepRefused, match="Somebody else"):
            save(evaluation, actor, seen=2, text=text)
    address = reverse("translation_edit", args=[evaluation.public_id, "fr", "element:N1"])
    offered = {}
    for actor in (cast.denise, cast.didier):
        client.force_login(actor)
        offered[actor] = 'name="reviewed"' in client.get(address).content.decode()
    assert offered == {cast.denise: False, cast.didier: True}
    save(evaluation, cast.didier, seen=2)
    last = Translation.objects.last_versions().get()
    assert (last.is_reviewed, last.by, last.reviewed_by) == (True, cast.denise, cast.didier)


def test_desk_for_translators_alone(evaluation: Evaluation, cast: Any) -> None:
    for name in ("beto", "evan", "paula"):
        with pytest.raises(services.NotAllowed):
            save(evaluation, getattr(cast, name))
    with pytest.raises(services.StepRefused):
        services.save_translation(
            evaluation=evaluation, key="element:N9", language="fr", text="x", is_reviewed=True, seen=0,
            actor=cast.denise,
        )  # fmt: skip


def test_database_wants_words_and_each_version_once(evaluation: Evaluation, cast: Any) -> None:
    row = {"evaluation": evaluation, "key": "element:N1", "language": "fr", "number": 1, "by": cast.denise}
    Translation.objects.create(**row, text="x", source_sha256="0" * 64)
    new = {"text": "y", "number": 2}
    reviewed = {**new, "is_reviewed": True}
    own = {**reviewed, "reviewed_by": cast.denise}
    for wrong in ({"text": "y"}, {**new, "text": ""}, {**new, "source_sha256": "no"}, reviewed, own):
        with pytest.raises(IntegrityError), transaction.atomic():
            Translation.objects.create(**{**row, "source_sha256": "0" * 64, **wrong})


# --- files ----------------------------------------------------------------


def exported(evaluation: Evaluation) -> bytes:
    return xliff.write(evaluation, list(pairs(evaluation).values()), "fr")


def filled(evaluation: Evaluation, texts: dict[str, str], state: str = "final") -> bytes:
    """What a translator's tool sends back."""
    root = etree.fromstring(exported(evaluation))
    for unit in root.iter(f"{{{xliff.NAMESPACE}}}trans-unit"):
        target = unit.find(f"{{{xliff.NAMESPACE}}}target")
        target.text = texts.get(unit.get("id"), "")
        target.set("state", state)
    return etree.tostring(root, encoding="unicode").encode()


def take(evaluation: Evaluation, content: bytes, actor: Any) -> int:
    return services.import_translations(evaluation=evaluation, language="fr", content=content, actor=actor)


def test_what_is_exported_comes_back(evaluation: Evaluation, cast: Any) -> None:
    content = filled(evaluation, {"element:N1": TARGET, "element:N2": "Autre."})
    assert take(evaluation, content, cast.denise) == 2
    assert set(statuses(evaluation).values()) == {"draft"}  # whatever the file says: nobody else has read it
    assert take(evaluation, content, cast.denise) == 0  # nothing new in it
    assert take(evaluation, content, cast.didier) == 2
    assert (take(evaluation, content, cast.didier), take(evaluation, content, cast.denise)) == (0, 0)
    before_the_review = filled(evaluation, {"element:N1": TARGET, "element:N2": "Autre."}, "needs-review-translation")
    assert take(evaluation, before_the_review, cast.denise) == 0
    assert statuses(evaluation) == {"element:N1": "reviewed", "element:N2": "reviewed"}
    again = read_xliff(exported(evaluation), units_of(evaluation.snapshot.content), "fr")
    assert {target.unit.key: target.text for target in again} == {"element:N1": TARGET, "element:N2": "Autre."}


def test_a_state_that_is_not_final_is_a_draft(evaluation: Evaluation, cast: Any) -> None:
    assert take(evaluation, filled(evaluation, {"element:N1": TARGET}, "translated"), cast.denise) == 1
    assert statuses(evaluation) == {"element:N1": "draft", "element:N2": "missing"}


def bad_files(good: bytes) -> dict[str, tuple[bytes, int]]:
    """With how many problems each has."""
    text = good.decode()
    unit = text[text.index("<trans-unit") : text.index("</trans-unit>") + len("</trans-unit>")]
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + text
    return {
        "no XML": (b"PK\x03\x04", 1),
        "another XML": (b"<a/>", 1),
        "XLIFF 2.0": (text.replace('version="1.2"', 'version="2.0"').encode(), 1),
        "entities": (bomb.encode(), 1),
        "too large": (good + b" " * (2 * 1024 * 1024), 1),
        "another language": (text.replace('target-language="fr"', 'target-language="en"').encode(), 1),
        "unknown text": (text.replace('id="element:N1"', 'id="element:N7"').encode(), 1),
        "twice": (text.replace(unit, unit + unit).encode(), 1),
        "changed source": (text.replace("Otra actividad.", "Otra.").encode(), 1),
        "too long": (text.replace(TARGET, "x" * 6001).encode(), 1),
        "two at once": (text.replace("Otra actividad.", "Otra.").replace(TARGET, "x" * 6001).encode(), 2),
    }


def test_a_bad_file_changes_nothing_and_says_why(evaluation: Evaluation, cast: Any) -> None:
    good = filled(evaluation, {"element:N1": TARGET, "element:N2": "Autre."})
    for name, (content, count) in bad_files(good).items():
        with pytest.raises(BadInterchange) as refused:
            take(evaluation, content, cast.denise)
        assert len(refused.value.problems) == count, name
        assert not Translation.objects.exists(), name


def test_files_by_the_page(evaluation: Evaluation, cast: Any, client: Client) -> None:
    client.force_login(cast.denise)
    sent = client.get(reverse("translation_export", args=[evaluation.public_id, "fr"]))
    assert sent.content == exported(evaluation)
    address = reverse("translation_import", args=[evaluation.public_id, "fr"])
    bad = client.post(address, {"file": SimpleUploadedFile("x.xlf", b"<a/>")})
    assert (bad.status_code, "XLIFF 1.2" in bad.content.decode()) == (422, True)
    good = SimpleUploadedFile("x.xlf", filled(evaluation, {"element:N1": TARGET}))
    assert client.post(address, {"file": good}).status_code == 302
    desk = client.get(reverse("translation_desk", args=[evaluation.public_id, "fr"])).content.decode()
    assert TARGET in desk
    assert client.get(reverse("translation_list")).status_code == 200


# --- replies and comments -------------------------------------------------

REPLY = {"state": "CR", "text": "Costa Rica no está de acuerdo.", "language": "es"}
WORDS = {
    "reply:CR:C-1": "Le Costa Rica n’est pas d’accord.",
    "comment:CR:PRV": "Ce n’est pas exact.",
    "comment:CR:whole": "Merci.",
    "comment:GT:PRV": "Le Guatemala précise.",
}


def comment(state: str, area: str, text: str) -> dict[str, str]:
    return {"state": state, "area": area, "text": text, "language": "es", "on": "2014-10-17"}


@pytest.fixture
def answered(evaluation: Evaluation, cast: Any) -> Snapshot:
    """With a reply of Costa Rica to a contribution, and comments of two States."""
    frozen = evaluation.snapshot
    assert frozen is not None
    contribution = {"reference": "C-1", "by": "Red", "title": "T", "text": "Texto.", "language": "es"}
    rows = [{**contribution, "states": ["CR"], "replies": [REPLY]}]
    said = [comment("CR", "PRV", "No es exacto."), comment("CR", "", "Gracias.")]
    content = {
        **frozen.content,
        "sections": {**frozen.content["sections"], "contributions": {"contributions": rows, "closed": 0}},
        "comments": [*said, comment("GT", "PRV", "Guatemala precisa.")],
        "translations": {"fr": WORDS},
    }
    made = Snapshot.objects.create(
        evaluation=evaluation, job=create_job(kind=services.KIND, actor=cast.denise), content=content,
        content_hash=content_hash(content), cutoff_at=frozen.cutoff_at,
    )  # fmt: skip
    Evaluation.objects.filter(pk=evaluation.pk).update(snapshot=made)
    evaluation.refresh_from_db()
    return made


def test_replies_and_comments_wait_at_the_desk_come_back_by_a_file_and_go_stale(
    evaluation: Evaluation, answered: Snapshot, cast: Any
) -> None:
    found = {pair.unit.key: pair for pair in pairs_of(evaluation, answered.content, "fr")}
    assert set(found) == {*WORDS, "element:N1", "element:N2"}
    assert found["comment:CR:whole"].unit.place == "CR, On the whole"
    assert count_unreviewed(evaluation, answered.content) == {"es": 0, "fr": 6}
    file = filled(evaluation, WORDS)
    assert (take(evaluation, file, cast.denise), take(evaluation, file, cast.didier)) == (4, 4)
    assert reviewed_texts(evaluation, answered.content) == {"es": {}, "fr": WORDS}
    changed = {**answered.content, "comments": [comment("CR", "PRV", "No es nada exacto.")]}
    stale = {pair.unit.key: pair.status.value for pair in pairs_of(evaluation, changed, "fr")}
    assert (stale["comment:CR:PRV"], stale["reply:CR:C-1"]) == ("stale", "reviewed")
    assert "comment:CR:PRV" not in reviewed_texts(evaluation, changed)["fr"]


def test_they_stand_in_the_original_with_their_translation_beside_it(
    evaluation: Evaluation, answered: Snapshot
) -> None:
    for language, told in (("fr", set(WORDS.values())), ("es", set())):
        content = Content(evaluation, answered, summarize(answered.content), language)
        with override(language):
            page = render_to_string(pdf.TEMPLATE, {"c": content, "language": language})
            document = word.Document(io.BytesIO(docx.write(content)))
        quotes = {paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Quote"}
        originals = {REPLY["text"], *(row["text"] for row in answered.content["comments"])}
        assert {text for text in originals if f'<blockquote lang="es">{text}</blockquote>' in page} == originals
        assert quotes == {"Texto.", *originals, *told}
        assert {text for text in WORDS.values() if text in page} == told


def test_a_translation_makes_anew_its_language_and_the_paper_of_its_state_alone(
    evaluation: Evaluation, answered: Snapshot
) -> None:
    wanted = [parts.Part(format_, code) for format_ in ("pdf", "docx", "xlsx", "csv", "json") for code in ("es", "fr")]
    wanted += [parts.Part("docx", code, iso2) for code in ("es", "fr") for iso2 in ("CR", "GT")]
    answered.content["papers"] = {iso2: {"sha256": "", "as_of": ""} for iso2 in ("CR", "GT")}
    before = {part: parts.made_of(evaluation, answered, part) for part in wanted}
    answered.content["translations"] = {"fr": {**WORDS, "comment:CR:PRV": "Ce n’est pas tout à fait exact."}}
    after = {part: parts.made_of(evaluation, answered, part) for part in wanted}
    files = {parts.Part(format_, "fr") for format_ in ("pdf", "docx", "xlsx", "json")}
    assert {part for part in wanted if before[part] != after[part]} == {*files, parts.Part("docx", "fr", "CR")}


def test_json_tells_language_and_status_of_each_text(evaluation: Evaluation, answered: Snapshot) -> None:
    content = Content(evaluation, answered, summarize(answered.content), "fr")
    with override("fr"):
        rows = {row["key"]: row for row in json.loads(data.write_json(content))["texts"]}
    told = {key: row["translation"] for key, row in rows.items() if row["translation_status"] == "reviewed"}
    assert (told, {row["language"] for row in rows.values()}) == (WORDS, {"es"})
    assert rows["contribution:C-1"]["translation_status"] == rows["element:N1"]["translation_status"] == "missing"
    assert rows["reply:CR:C-1"]["text"] == REPLY["text"]
    content = Content(evaluation, answered, summarize(answered.content), "es")
    with override("es"):
        assert {row["translation_status"] for row in json.loads(data.write_json(content))["texts"]} == {None}


def test_a_state_has_the_translations_of_its_own_words_alone(answered: Snapshot) -> None:
    own = {key: text for key, text in WORDS.items() if ":CR:" in key}
    assert own_translations(answered.content, "CR", "fr") == own
