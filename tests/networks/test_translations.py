"""A thread in two languages: translations beside the originals, by either side, read over by somebody else."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from core.canonical import fingerprint
from core.exceptions import IdentitySuspected, NotAllowed, PortalError
from networks import services
from networks.models import CooperationRequest, RequestMessage, RequestTranslation
from networks.services import TranslationData
from tests.factories.networks import make_draft, make_sent, note
from tests.support import form_of
from tests.workplan.pages import url

pytestmark = pytest.mark.django_db
ENGLISH = TranslationData("en", "Which documents does your authority ask for?", "Requirements")


@pytest.fixture
def sent(cast: Any) -> CooperationRequest:
    return make_sent(cast.ana, cast.authority_cr, cast.authority_gt)


@pytest.fixture
def said(cast: Any, sent: CooperationRequest) -> RequestMessage:
    return services.write_message(request=sent, note=note("De acuerdo."), actor=cast.ana)


def test_either_side_writes_one_and_another_person_reviews_it(cast: Any, sent: Any, said: Any) -> None:
    row = services.translate(request=sent, message=said, data=TranslationData("en", "Agreed."), actor=cast.carla)
    assert (row.status, row.by, row.by_institution) == ("draft", cast.carla, cast.authority_gt)
    with pytest.raises(NotAllowed, match="Somebody else"):
        services.review_translation(translation=row, seen=fingerprint(row), actor=cast.carla)
    services.review_translation(translation=row, seen=fingerprint(row), actor=cast.ana)
    row.refresh_from_db()
    assert (row.status, row.reviewed_by, row.text) == ("reviewed", cast.ana, "Agreed.")
    services.translate(request=sent, message=said, data=TranslationData("en", "All right."), actor=cast.ciro)
    row.refresh_from_db()
    assert (row.status, row.reviewed_by, row.text) == ("draft", None, "All right.")


def test_nobody_writes_over_the_other_sides_words(cast: Any, sent: Any) -> None:
    services.translate(request=sent, data=ENGLISH, actor=cast.ana)
    with pytest.raises(PortalError, match="other side"):
        services.translate(request=sent, data=ENGLISH, actor=cast.carla)
    services.translate(request=sent, data=TranslationData("fr", "Quels documents ?", "Exigences"), actor=cast.carla)


@pytest.mark.parametrize("name", ["marta", "denise", "evan", "paula", "iris"])
def test_outsiders_translate_nothing(cast: Any, sent: Any, name: str) -> None:
    with pytest.raises(NotAllowed):
        services.translate(request=sent, data=ENGLISH, actor=getattr(cast, name))


def test_the_guard_reads_translations_too(cast: Any, sent: Any) -> None:
    naming = TranslationData("en", "The victim is called Yolanda Quispe.", "Requirements")
    with pytest.raises(IdentitySuspected):
        services.translate(request=sent, data=naming, actor=cast.ana)


def test_the_database_refuses_what_is_no_translation(cast: Any, sent: Any, said: Any) -> None:
    draft = make_draft(cast.ana, cast.authority_cr, cast.authority_gt)
    with pytest.raises(NotAllowed):
        services.translate(request=draft, data=ENGLISH, actor=cast.ana)
    with pytest.raises(PortalError, match="original"):
        services.translate(request=sent, data=TranslationData("es", "x", "y"), actor=cast.ana)
    by = {"by": cast.ana, "by_institution": cast.authority_cr, "text": "x"}
    other = make_sent(cast.ana, cast.authority_cr, cast.authority_gt)
    for wrong, rule in (
        ({"request": sent, "language": "es", "subject": "y"}, "of_another_language"),
        ({"request": draft, "language": "en", "subject": "y"}, "of_another_language"),
        ({"request": other, "message": said, "language": "en"}, "of_another_language"),
        ({"request": sent, "language": "en"}, "translation_subject"),
        ({"request": sent, "language": "en", "subject": "y", "status": "reviewed", "reviewed_by": cast.ana}, "by_two"),
    ):
        with pytest.raises(DatabaseError, match=rule), transaction.atomic():
            RequestTranslation.objects.create(**wrong, **by)


def test_both_stand_side_by_side_each_in_its_language(cast: Any, client: Client, sent: Any, said: Any) -> None:
    client.force_login(cast.carla)
    page = client.get(sent.get_absolute_url()).content.decode()
    address = url("message_translation", sent.reference, said.pk)
    assert (address in page, url("request_translation", sent.reference) in page) == (True, True)
    assert client.post(address, {"language": "es", "text": "x"}).status_code == 422
    assert client.post(address, {"language": "en", "text": "Agreed."}).status_code == 302
    row = RequestTranslation.objects.get()
    for name, may_change, may_review in (("carla", True, False), ("ana", False, True)):
        client.force_login(getattr(cast, name))
        page = client.get(sent.get_absolute_url()).content.decode()
        assert '<div class="portal-thread__text" lang="es"><p>De acuerdo.</p></div>' in page
        assert '<div class="portal-thread__text" lang="en"><p>Agreed.</p></div>' in page
        assert (f"{address}?language=en" in page) == may_change
        assert (url("translation_review", sent.reference, row.pk) in page) == may_review
    review = url("translation_review", sent.reference, row.pk)
    assert client.post(review).status_code == 302  # of what, it does not say
    row.refresh_from_db()
    assert row.status == "draft"
    client.post(review, form_of(page, "seen"))
    row.refresh_from_db()
    assert (row.status, row.reviewed_by) == ("reviewed", cast.ana)
    form = client.get(address + "?language=en").context["form"]
    assert form.initial["text"] == "Agreed."
    assert [code for code, _label in form.fields["language"].choices] == ["en", "fr", "pt-br"]
    for made_up in ("%00", "xx"):
        assert client.get(f"{address}?language={made_up}").context["form"].initial["language"] == cast.ana.language
