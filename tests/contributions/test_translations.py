"""What is published in other languages, where an evaluation cites it, and finding it again."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from contributions import services
from contributions.models import Contribution, ContributionTranslation
from contributions.queries import cited_in
from core.canonical import content_hash
from core.exceptions import IdentitySuspected, NotAllowed, PortalError, StaleVersion
from core.models import OutboxMessage
from evaluations import services as evaluations
from evaluations.delivery import pipeline
from evaluations.delivery.content import Content
from evaluations.queries.figures import summarize
from evaluations.queries.preview import own_translations
from evaluations.queries.snapshot import build_snapshot
from evaluations.queries.translations import contribution_keys, frozen_texts
from tests.factories.contributions import make_accreditation, make_at
from tests.factories.evaluations import make_evaluation, publish
from tests.support import form_of
from tests.workplan.pages import url
from workplan.models import Round

pytestmark = pytest.mark.django_db
TYPED = {"language": "en", "title": "Shelter at night", "text": "In three provinces no shelter is open at night."}
ENGLISH = {**TYPED, "seen": 0}


@pytest.fixture
def row(partner: Any) -> Contribution:
    return make_at("accepted", partner, partner.round, visibility="public")


def close(round_: Round) -> None:
    Round.objects.filter(pk=round_.pk).update(status="closed", closed_at=timezone.now())


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_one_writes_another_reviews_and_only_then_others_read_it(partner: Any, row: Contribution) -> None:
    denise, didier, paula = (signed_in(getattr(partner, name)) for name in ("denise", "didier", "paula"))
    address = url("contribution_translation", row.reference)
    assert address in denise.get(row.get_absolute_url()).content.decode()
    assert address not in paula.get(row.get_absolute_url()).content.decode()
    assert denise.get(f"{address}?language=%00").context["form"].initial == {"language": partner.denise.language}
    assert denise.post(address, {**TYPED, "language": "es"}).status_code == 422
    assert denise.post(address, TYPED).status_code == 302
    close(partner.round)
    published = url("contribution_published", language="en")
    shown = '<div class="portal-thread__text" lang="en"><p><strong>Shelter at night</strong></p>'
    for client, address_of, told in (
        (denise, row.get_absolute_url(), True),
        (paula, row.get_absolute_url(), False),
        (Client(), published, False),
    ):
        assert (shown in client.get(address_of).content.decode()) == told
    review = url("contribution_translation_review", row.reference, "en")
    assert (denise.post(review).status_code, paula.post(review).status_code) == (403, 403)
    page = didier.get(row.get_absolute_url()).content.decode()
    ContributionTranslation.objects.update(version=2)  # its author has written it anew
    assert didier.post(review, form_of(page, "seen")).status_code == 302
    assert "written anew meanwhile" in (page := didier.get(row.get_absolute_url()).content.decode())
    assert shown not in Client().get(published).content.decode()
    assert didier.post(review, form_of(page, "seen")).status_code == 302
    for client, address_of in ((paula, row.get_absolute_url()), (Client(), published)):
        page = client.get(address_of).content.decode()
        assert shown in page
        assert f'lang="es"><p>{row.text}' in page
    assert shown not in Client().get(url("contribution_published", language="fr")).content.decode()


def test_what_is_written_anew_waits_again_and_names_nobody(partner: Any, row: Contribution) -> None:
    translation = services.translate(contribution=row, actor=partner.denise, **ENGLISH)
    services.review_translation(translation=translation, seen=1, actor=partner.didier)
    with pytest.raises(StaleVersion):
        services.translate(contribution=row, actor=partner.didier, **ENGLISH)
    again = {**ENGLISH, "text": "None is open at night.", "seen": 1}
    services.translate(contribution=row, actor=partner.didier, **again)
    translation.refresh_from_db()
    assert (translation.status, translation.by, translation.reviewed_by) == ("draft", partner.didier, None)
    with pytest.raises(IdentitySuspected):
        services.translate(contribution=row, actor=partner.denise, **{**ENGLISH, "text": "Yolanda Quispe was there."})
    for name in ("paula", "ana", "evan"):
        with pytest.raises(NotAllowed):
            services.translate(contribution=row, actor=getattr(partner, name), **ENGLISH)
    with pytest.raises(PortalError, match="original"):
        services.translate(contribution=row, actor=partner.denise, **{**ENGLISH, "language": "es"})


def test_what_somebody_else_translated_meanwhile_is_shown_and_not_lost(partner: Any, row: Contribution) -> None:
    denise, didier = signed_in(partner.denise), signed_in(partner.didier)
    address = url("contribution_translation", row.reference)
    begun = form_of(denise.get(f"{address}?language=en").content.decode(), "text")
    assert didier.post(address, {**TYPED, "text": "None was open at night."}).status_code == 302
    late = denise.post(address, {**begun, **TYPED})
    page = late.content.decode()
    assert (late.status_code, "None was open at night." in page, TYPED["text"] in page) == (422, True, True)
    assert row.translations.get().text == "None was open at night."
    # Another language than the one that was read holds nothing that was read, whatever its number.
    other = {**form_of(page, "text"), "language": "fr"}
    services.translate(contribution=row, actor=partner.didier, **{**ENGLISH, "language": "fr"})
    assert denise.post(address, other).status_code == 422
    assert denise.post(address, form_of(page, "text")).status_code == 302
    rows = row.translations.order_by("language").values_list("language", "version", "text")
    assert list(rows) == [("en", 2, TYPED["text"]), ("fr", 1, TYPED["text"])]


def test_a_published_evaluation_cites_it_with_its_translation(cast: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    evaluation = make_evaluation(cast, accepted=3, submitted=1, formats=("json",))
    make_accreditation(cast.partner, cast)
    row = make_at("accepted", cast, evaluation.round, visibility="public")
    other = make_at("accepted", cast, evaluation.round, visibility="state")
    close(evaluation.round)
    data = content_hash(build_snapshot(evaluation))
    translation = services.translate(contribution=row, actor=cast.denise, **ENGLISH)
    assert frozen_texts(evaluation, build_snapshot(evaluation))["en"] == {}
    services.review_translation(translation=translation, seen=1, actor=cast.didier)
    frozen = build_snapshot(evaluation)
    assert content_hash(frozen) == data  # a translation changes nothing that States were asked about
    frozen["translations"] = {language: texts for language, texts in frozen_texts(evaluation, frozen).items() if texts}
    words_of = dict(zip(contribution_keys(row.reference), (ENGLISH["text"], ENGLISH["title"]), strict=True))
    assert frozen["translations"] == {"en": words_of}
    told = {iso2: own_translations(frozen, iso2, "en") for iso2 in ("CR", "GT")}
    assert told == {"CR": words_of, "GT": {}}
    job = evaluations.request_build(evaluation=evaluation, actor=cast.denise)
    pipeline.build(OutboxMessage.objects.get(job=job), str(evaluation.public_id))
    assert cited_in(row) == []  # nobody learns of a draft
    publish(evaluation, cast)
    paula = signed_in(cast.paula)
    (cited,) = paula.get(row.get_absolute_url()).context["cited"]
    assert (cited.title, cited.url.rpartition("#")[2]) == (evaluation.symbol, row.reference)
    page = Client().get(cited.url.partition("#")[0]).content.decode()
    assert f'<article id="{row.reference}">' in page
    assert row.text in page
    assert (cited_in(other), other.reference in page) == ([], False)
    snapshot = evaluation.snapshots.get()
    assert snapshot.content["sections"]["contributions"]["contributions"][0].keys().isdisjoint({"translations"})
    for language, words in (("en", (ENGLISH["title"], ENGLISH["text"])), ("fr", ("", ""))):
        with override(language):
            content = Content(evaluation, snapshot, summarize(snapshot.content), language)
            told = content.contributions[0]["words"]
            assert (told.translated_title, told.translation) == words


def test_lists_are_narrowed_by_words_and_activity(partner: Any) -> None:
    shelter = make_at("received", partner, partner.round, title="Casas de noche")
    words = {"title": "Formación de fiscales", "text": "Se formó a treinta.", "name_withheld": True}
    other = make_at("received", partner, partner.round, **words)
    client = signed_in(partner.denise)

    def listed(**query: str) -> set[str]:
        page = client.get(url("contribution_list"), query)
        return {view.reference for view in page.context["views"]}

    both = {shelter.reference, other.reference}
    assert listed() == both
    assert listed(q="noche casas") == {shelter.reference}
    assert listed(q=other.reference.lower()) == {other.reference}
    assert (listed(activity="pro-02"), listed(activity="PRV-01")) == (both, set())
    # Whoever may not know who wrote it does not learn it by asking for the name.
    client = signed_in(partner.ana)
    assert listed(q=partner.partner.name.split()[-1]) == {shelter.reference}


@pytest.mark.parametrize("name", ["accreditation_detail", "key_list"])
def test_decisions_and_keys_ask_who_somebody_is(partner: Any, name: str) -> None:
    who, args = (partner.paula, ()) if name == "key_list" else (partner.didier, (partner.accreditation.public_id,))
    client = signed_in(who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
    session.save()
    assert client.get(url(name, *args)).status_code == 200
    answer = client.post(url(name, *args), {"label": "x", "text": "x"})
    assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)
