"""The translation desk: drafts and reviewed texts, what goes stale, and files that are taken in whole or not at all."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from lxml import etree

from core.models import OutboxMessage
from evaluations import services
from evaluations.delivery import pdf, pipeline, xliff
from evaluations.delivery.content import Content
from evaluations.imports import BadInterchange, read_xliff
from evaluations.models import Evaluation, Translation
from evaluations.queries.figures import summarize
from evaluations.queries.translations import Pair, count_unreviewed, pairs_of, units_of
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
        return {row["key"]: row["translation"] for row in content.elements}


def test_draft_reviewed_stale(evaluation: Evaluation, cast: Any) -> None:
    assert statuses(evaluation) == {"element:N1": "missing", "element:N2": "missing"}
    save(evaluation, cast.denise, reviewed=False)
    assert statuses(evaluation)["element:N1"] == "draft"
    save(evaluation, cast.denise, seen=1)
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
    save(evaluation, cast.denise, seen=1)
    build(evaluation, cast)
    assert printed(evaluation) == {"N1": TARGET, "N2": ""}
    content = Content(evaluation, evaluation.snapshot, summarize(evaluation.snapshot.content), "fr")
    with override("fr"):
        page = render_to_string(pdf.TEMPLATE, {"c": content, "language": "fr"})
    assert TARGET in page
    assert 'lang="es">Otra actividad.' in page


def test_what_somebody_else_saved_is_not_passed_over(evaluation: Evaluation, cast: Any, client: Client) -> None:
    save(evaluation, cast.didier, text="D’un autre.")
    client.force_login(cast.denise)
    address = reverse("translation_edit", args=[evaluation.public_id, "fr", "element:N1"])
    late = client.post(address, {"seen": 0, "text": TARGET, "reviewed": "1"})
    assert late.status_code == 422
    assert "D’un autre." in late.content.decode()
    assert client.post(address, form_of(late.content.decode(), "text")).status_code == 302
    assert list(Translation.objects.values_list("number", "is_reviewed")) == [(1, True), (2, False)]


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
    for wrong in ({"text": "y"}, {"text": "", "number": 2}, {"text": "y", "number": 2, "source_sha256": "no"}):
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
    assert take(evaluation, content, cast.denise) == 0  # nothing new in it
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
