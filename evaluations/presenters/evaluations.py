"""What the pages of evaluations show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.models import State
from accounts.querysets import AnyUser
from core.i18n import NATIVE_NAMES
from core.models import Job
from core.templatetags.portal import month_moment
from evaluations.delivery.content import name_key
from evaluations.delivery.parts import Part, keys_of, wanted_parts, written_parts
from evaluations.delivery.pipeline import STAGE_OF
from evaluations.enums import DocumentFormat, Standing
from evaluations.models import Artefact, Document, Evaluation, Publication, Snapshot, StatePaper
from evaluations.permissions import can_prepare
from evaluations.queries.figures import response
from evaluations.queries.preflight import Awaited, Preflight
from evaluations.queries.preflight import preflight as look_ahead
from evaluations.queries.statistics import ToldLess
from evaluations.querysets import StatePaperQuerySet
from indicators.enums import CATALOGUE
from workplan.enums import NOT_YET_SENT
from workplan.models import Report

Text = str | Promise
UNFINISHED = (Job.State.QUEUED, Job.State.RUNNING, Job.State.FAILED)  # what is written of it is of use


@dataclass(frozen=True)
class Fact:
    key: Text
    value: Text
    note: Text = ""


@dataclass(frozen=True)
class Cell:
    """One file of the table of documents: a link, or where it stands."""

    format: str
    url: str = ""
    size: str = ""
    word: Text = ""


@dataclass(frozen=True)
class LanguageRow:
    code: str
    name: str
    is_original: bool
    cells: list[Cell]


@dataclass(frozen=True)
class EvaluationRow:
    evaluation: Evaluation
    status: str
    label: Text


def list_row(evaluation: Evaluation) -> EvaluationRow:
    if evaluation.is_building:
        return EvaluationRow(evaluation, "running", _("Being generated"))
    if evaluation.snapshot is not None:
        return EvaluationRow(evaluation, "done", _("Documents ready"))
    return EvaluationRow(evaluation, "draft", _("No documents yet"))


# --- documents ------------------------------------------------------------


def document_rows(evaluation: Evaluation, documents: list[Document]) -> list[LanguageRow]:
    """Language by format, the original first; a file that there is not says so."""
    found = {(document.language, document.format): document for document in documents}
    return _rows(evaluation, lambda language, format_: _link(evaluation, found.get((language, format_)), format_))


def progress_rows(
    evaluation: Evaluation, job: Job, written: Mapping[Part, Artefact], *, linked: bool
) -> list[LanguageRow]:
    """The same table while the files are being written, by whichever worker. `linked`: whoever reads may take each as
    soon as it is there."""
    waiting = [] if job.is_over else [part for part in wanted_parts(evaluation) if part not in written]
    now = waiting[:1] if job.stage in STAGE_OF.values() else []
    words = {
        **dict.fromkeys(waiting, _("Waiting")), **dict.fromkeys(now, _("Being written")),
        **dict.fromkeys(written, _("Written")),
    }  # fmt: skip
    missing = "—" if job.is_over else _("Not available")

    def cell(language: str, format_: str) -> Cell:
        part = Part(format_, language)
        if part not in written or not linked:
            return Cell(format_, word=words.get(part, missing))
        url = reverse("written_download", args=[evaluation.public_id, language, format_])
        return Cell(format_, url=url, size=filesizeformat(written[part].size))

    return _rows(evaluation, cell)


def _rows(evaluation: Evaluation, cell: Any) -> list[LanguageRow]:
    original = evaluation.original_language
    order = sorted(evaluation.languages, key=lambda code: (code != original, NATIVE_NAMES[code]))
    formats = formats_of(evaluation)
    return [
        LanguageRow(code, NATIVE_NAMES[code], code == original, [cell(code, format_) for format_ in formats])
        for code in order
    ]


def formats_of(evaluation: Evaluation) -> list[str]:
    """In the order of the portal, whatever the order in which they were ticked."""
    return [code for code in DocumentFormat.values if code in evaluation.formats]


def format_words(evaluation: Evaluation) -> list[str]:
    return [str(DocumentFormat(code).label) for code in formats_of(evaluation)]


def _link(evaluation: Evaluation, document: Document | None, format_: str) -> Cell:
    if document is None:
        return Cell(format_, word=_("Not available"))
    url = reverse("document_download", args=[evaluation.public_id, document.language, document.format])
    return Cell(format_, url=url, size=filesizeformat(document.size))


# --- papers of States -----------------------------------------------------


@dataclass(frozen=True)
class PaperLink:
    language: str
    name: str
    url: str
    size: str


@dataclass(frozen=True)
class PaperRow:
    """A State with its paper in each language."""

    state: str
    links: list[PaperLink]


@dataclass(frozen=True)
class PaperTable:
    languages: list[tuple[str, str]]  # code and its own name
    rows: list[PaperRow]
    size: int


def paper_table(evaluation: Evaluation, papers: "StatePaperQuerySet", url_name: str) -> PaperTable:
    """States by name, a column for each language; no row where there are no papers."""
    found: dict[State, dict[str, StatePaper]] = {}
    for paper in papers.with_page_data():
        found.setdefault(paper.state, {})[paper.language] = paper
    languages = [code for code in NATIVE_NAMES if code in evaluation.languages]
    rows = [
        PaperRow(state.name, [_paper_link(evaluation, by[code], url_name) for code in languages if code in by])
        for state, by in sorted(found.items(), key=lambda item: name_key(item[0].name))
    ]
    size = sum(paper.size for by in found.values() for paper in by.values())
    return PaperTable([(code, NATIVE_NAMES[code]) for code in languages], rows, size)


def _paper_link(evaluation: Evaluation, paper: StatePaper, url_name: str) -> PaperLink:
    url = reverse(url_name, args=[evaluation.public_id, paper.state.iso2.lower(), paper.language])
    return PaperLink(paper.language, NATIVE_NAMES[paper.language], url, filesizeformat(paper.size))


def pdf_off() -> str:
    """Why this machine writes no PDF; empty where it does."""
    return str(settings.OAS_PDF_OFF)


# --- data used ------------------------------------------------------------


def evaluation_facts(evaluation: Evaluation, snapshot: Snapshot | None) -> list[Fact]:
    facts = [
        Fact(_("Work Plan"), evaluation.plan.title, evaluation.plan.resolution),
        _catalogue_fact(evaluation, snapshot),
        Fact(_("Meeting"), evaluation.meeting.title if evaluation.meeting else "—"),
        Fact(_("Period"), evaluation.round.code),
        Fact(_("Compared with"), evaluation.compared_round.code if evaluation.compared_round else "—"),
        Fact(_("Further periods"), _further_words(evaluation)),
        Fact(
            _("Papers of the States"),
            _("One for each State in each language") if evaluation.with_papers else _("Without"),
        ),
        Fact(_("Contributions"), _("With their section") if evaluation.with_contributions else _("Without")),
        Fact(_("States covered"), str(len(evaluation.states))),
        Fact(_("Releases of statistics"), _release_words(evaluation)),
    ]
    return [*facts, *_snapshot_facts(snapshot)] if snapshot else facts


def _catalogue_fact(evaluation: Evaluation, snapshot: Snapshot | None) -> Fact:
    """Which version of the plan's activities is evaluated: that of the frozen data, where there are some."""
    catalogue = evaluation.round.catalogue
    now: dict[str, Any] = {"number": catalogue.number, "sha256": catalogue.sha256, "is_official": catalogue.is_official}
    found: dict[str, Any] = _frozen_facts(snapshot)[2] if snapshot else now
    words = _("Catalogue %(number)s") % found
    kind = _("official") if found["is_official"] else pgettext("catalogue", "provisional")
    return Fact(_("Version of the plan"), f"{words}, {kind}", f"SHA-256 {found['sha256'][:8]}…{found['sha256'][-8:]}")


def _further_words(evaluation: Evaluation) -> str:
    codes = evaluation.further_rounds.order_by("period_start").values_list("code", flat=True)
    return ", ".join(codes) or "—"


def _release_words(evaluation: Evaluation) -> str:
    chosen = evaluation.releases.order_by("number")
    words = [_("%(number)s (up to %(year)s)") % {"number": row.number, "year": row.year} for row in chosen]
    return ", ".join(words) or "—"


_FACTS: dict[int, tuple[int, int, dict[str, Any]]] = {}  # of frozen data, which never change


def _frozen_facts(snapshot: Snapshot) -> tuple[int, int, dict[str, Any]]:
    """Reports accepted and asked for, and the catalogue. Pages that poll need nothing else of data that are large."""
    if snapshot.pk not in _FACTS:
        who = response(snapshot.content["rounds"][0])
        _FACTS[snapshot.pk] = len(who.accepted), who.asked, snapshot.content["catalogue"]
    return _FACTS[snapshot.pk]


def _snapshot_facts(snapshot: Snapshot) -> list[Fact]:
    accepted, asked, _catalogue_of = _frozen_facts(snapshot)
    return [
        Fact(
            _("States"),
            _("%(accepted)s of %(total)s") % {"accepted": accepted, "total": asked},
            _("%(missing)s without an accepted report") % {"missing": asked - accepted},
        ),
        Fact(_("Data as of"), month_moment(snapshot.cutoff_at)),
        Fact(_("Fingerprint"), f"{snapshot.content_hash[:8]}…{snapshot.content_hash[-8:]}"),
    ]


# --- preflight ------------------------------------------------------------


@dataclass(frozen=True)
class AwaitedRow:
    """A State without an accepted report, and what can be done about it."""

    row: Awaited
    tag: str
    label: Text

    @property
    def iso2(self) -> str:
        return self.row.report.state.iso2.lower() if self.row.report.state else ""

    @property
    def can_remind(self) -> bool:
        return self.row.exclusion is None and self.row.report.status in NOT_YET_SENT


def preflight(evaluation: Evaluation) -> dict[str, Any]:
    """For the page before a build."""
    found = look_ahead(evaluation)
    return {
        "found": found,
        "awaited": [_awaited_row(row) for row in found.awaited],
        "notes": _notes(found),
        "questions": _questions(found),
        "unreviewed": _unreviewed(found, evaluation),
        "told_less": _told_less(found),
    }


def _awaited_row(row: Awaited) -> AwaitedRow:
    if row.exclusion is not None:
        return AwaitedRow(row, "not_applicable", Standing.EXCLUDED.label)
    if row.is_late:
        return AwaitedRow(row, "overdue", _("Late"))
    return AwaitedRow(row, row.standing, Standing(row.standing).label)


def _notes(found: Preflight) -> list[str]:
    """What else to know before generating; each from a count."""
    asked = ngettext(
        "%(count)s question to a State is not settled.", "%(count)s questions to States are not settled.",
        found.open_questions,
    )  # fmt: skip
    return [asked % {"count": found.open_questions}, _disclosure_words(found.told_less)]


def _questions(found: Preflight) -> list[tuple[Report, str]]:
    """Each report with open questions, and the queue of the review with that report alone."""
    place = reverse("review_queue")
    return [
        (report, f"{place}?{urlencode({'status': 'all', 'round': report.round.code, 'state': report.state.iso2})}")
        for report in found.asked
        if report.state
    ]


def _unreviewed(found: Preflight, evaluation: Evaluation) -> list[tuple[str, int, str]]:
    """By language, with its desk; desks open with the first documents."""
    has_desk = evaluation.snapshot is not None
    return [
        (NATIVE_NAMES[code], count, reverse("translation_desk", args=[evaluation.public_id, code]) if has_desk else "")
        for code, count in found.unreviewed.items()
    ]


def _told_less(found: Preflight) -> list[tuple[str, ToldLess, str]]:
    return [
        (CATALOGUE[row.table].title, row, reverse("data_table", args=[row.release, row.table, row.year]))
        for row in found.told_less or ()
    ]


def _disclosure_words(told_less: Sequence[ToldLess] | None) -> str:
    if told_less is None:
        return _("No release of statistics is used, so the disclosure rule changes no figure.")
    words = ngettext(
        "In the statistics the disclosure rule changes figures in %(count)s table of a year.",
        "In the statistics the disclosure rule changes figures in %(count)s tables of a year.",
        len(told_less),
    )
    return words % {"count": len(told_less)}


def reminded_words(state: State, told: int) -> str:
    if not told:
        return _("%(state)s was reminded today already, or has nobody to remind.") % {"state": state.name}
    words = ngettext(
        "%(count)s person of %(state)s was reminded.", "%(count)s people of %(state)s were reminded.", told
    )
    return words % {"count": told, "state": state.name}


# --- job page -------------------------------------------------------------


def job_context(job: Job, user: AnyUser) -> dict[str, Any]:
    """For core.jobs.JobKind: the evaluation a build belongs to, its data and its documents.

    The evaluation is that of the job's message: a later build may be the evaluation's last by now.
    """
    evaluations = Evaluation.objects.visible_to(user).for_list()
    evaluation = get_object_or_404(evaluations, public_id=job.message.args[0])
    snapshot = Snapshot.objects.filter(job=job).defer("content").first()
    documents = list(Document.objects.visible_to(user).current().filter(snapshot=snapshot)) if snapshot else []
    written = written_parts(evaluation, snapshot) if snapshot and job.state in UNFINISHED else {}
    is_last, may_build = evaluation.job_id == job.pk, can_prepare(user)
    if documents:
        rows = document_rows(evaluation, documents)
    else:
        rows = progress_rows(evaluation, job, written, linked=is_last and may_build)
    return {
        "evaluation": evaluation,
        "back_url": evaluation.get_absolute_url(),
        "subject": evaluation.symbol,
        "facts": evaluation_facts(evaluation, snapshot),
        "rows": rows,
        "papers": papers_words(evaluation, job, snapshot, written),
        "formats": format_words(evaluation),
        "pdf_off": pdf_off(),
        "can_try_again": is_last and may_build and job.state == Job.State.FAILED,
    }


def papers_words(evaluation: Evaluation, job: Job, snapshot: Snapshot | None, written: Collection[Part]) -> str:
    """How many are there; they are too many for a list that is read again every two seconds."""
    wanted = sum(bool(part.state) for part in keys_of(evaluation, snapshot)) if snapshot else 0
    if not wanted or (job.is_over and job.state != Job.State.DONE):
        return ""
    done = wanted if job.is_over else sum(bool(part.state) for part in written)
    return _("Papers of the States: %(done)s of %(total)s") % {"done": done, "total": wanted}


def job_result(job: Job, user: AnyUser) -> str:
    """For core.jobs.JobKind: where the API lists the documents."""
    return reverse("api_evaluation_documents", args=[job.message.args[0]])


# --- published ------------------------------------------------------------


def publication_page(publication: Publication, hidden: frozenset[str]) -> dict[str, Any]:
    """The files, the figures behind them by their fingerprint, who reported. Where something is hidden from the
    reader, the files of the whole are not offered, nor the papers of these States."""
    evaluation, snapshot = publication.evaluation, publication.snapshot
    found = {(document.language, document.format): document for document in snapshot.documents.all()}
    papers = paper_table(evaluation, snapshot.papers.published().shown(hidden), "publication_paper")

    def cell(language: str, format_: str) -> Cell:
        document = found.get((language, format_))
        if document is None:
            return Cell(format_, word=_("Not available"))
        url = reverse("publication_file", args=[evaluation.public_id, language, format_])
        return Cell(format_, url=url, size=filesizeformat(document.size))

    return {
        "publication": publication,
        "evaluation": evaluation,
        "rows": _rows(evaluation, cell),
        "formats": format_words(evaluation),
        "facts": evaluation_facts(evaluation, snapshot),
        "papers": papers,
        "withheld": state_names(snapshot, hidden),
        "pack_size": filesizeformat(sum(document.size for document in found.values()) + papers.size),
    }


def state_names(snapshot: Snapshot, codes: frozenset[str]) -> list[str]:
    language = get_language() or "en"
    names = [state["name"][language] for state in snapshot.content["states"] if state["iso2"] in codes]
    return sorted(names, key=name_key)
