"""Releases: made, audited, published, the same again; and no other count anywhere."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from accounts.models import State
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent, Job
from core.testing import record_proof
from indicators import services
from indicators.delivery import compose, pipeline
from indicators.delivery.attack import Finding, Target
from indicators.enums import CATALOGUE, TABLES, CellStatus
from indicators.models import Release, ReleaseContent, ReleaseFile, ReturnVersion
from tests.factories.indicators import answers, build_release, sign, simulated_year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media"), pytest.mark.timeout(600)]
SMALL = ("VIC_SEX_EXP",)
PAGES = ("home", "state_list", "report_list", "release_list", "return_list", "data_list", "data_dictionary")


@pytest.fixture
def returns(cast: Any) -> list[ReturnVersion]:
    return sign(cast, simulated_year(2012, 900, tables=SMALL))


def published(cast: Any, year: int = 2012) -> Release:
    release = build_release(cast, year)
    return services.publish_release(release=release, actor=cast.denise)


def hashes(files: Any) -> dict[tuple[str, str, str], str]:
    return {(file.table, file.language, file.format): file.sha256 for file in files}


# --- making and publishing ------------------------------------------------------------------------


def test_from_request_to_publication(cast: Any, returns: Any) -> None:
    release = build_release(cast, 2012)
    assert release.status == "ready"
    assert release.job.state == "done"
    assert ReleaseFile.objects.count() == (len(CATALOGUE) + 1) * 4 * 3
    assert not Release.objects.visible_to(cast.ana).exists()
    services.publish_release(release=release, actor=cast.didier)
    assert set(Release.objects.visible_to(cast.ana)) == {release}
    verbs = {"release.requested", "release.built", "release.published"}
    assert verbs <= set(AuditEvent.objects.values_list("verb", flat=True))


@pytest.mark.parametrize("name", ["ana", "beto", "ciro", "evan", "paula"])
def test_only_the_secretariat_makes_releases(cast: Any, name: str) -> None:
    with pytest.raises(NotAllowed):
        services.request_release(year=2012, actor=getattr(cast, name))


def test_one_release_at_a_time(cast: Any) -> None:
    release = services.request_release(year=2012, actor=cast.denise)
    with pytest.raises(StepRefused):
        services.request_release(year=2012, actor=cast.denise)
    Job.objects.filter(pk=release.job_id).update(state="cancelled", finished_at="2014-01-01T00:00Z")
    assert services.request_release(year=2012, actor=cast.denise).number == 2


def test_a_finding_stops_the_release_and_says_where(
    cast: Any, returns: Any, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding(Target(1, "victims-by-sex-and-exploitation", "AR", "F", "LAB"), 7, 7)

    def weak(*args: Any) -> Any:
        raise compose.Stopped(2012, [finding])

    monkeypatch.setattr(compose, "tell", weak)
    release = build_release(cast, 2012)
    assert release.status == "stopped"
    assert release.findings == [[2012, "victims-by-sex-and-exploitation", "AR", "F", "LAB"]]
    assert not ReleaseContent.objects.exists()
    with pytest.raises(StepRefused):
        services.publish_release(release=release, actor=cast.denise)
    page = client_of(cast.denise).get(reverse("release_detail", args=[1])).content.decode()
    assert "Argentina" in page
    assert "Forced labor" in page


def test_what_is_released_is_frozen(cast: Any, returns: Any) -> None:
    build_release(cast, 2012)
    for change in (
        lambda: ReleaseContent.objects.update(sha256="0" * 64),
        lambda: ReleaseFile.objects.update(size=1),
        lambda: ReleaseFile.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_same_returns_give_the_same_bytes_and_corrections_wait_for_the_next(cast: Any, returns: Any) -> None:
    first = published(cast)
    before = hashes(first.content.files.all())
    corrected = simulated_year(2012, 900, tables=SMALL)[:12]
    sign(
        cast,
        [services.DemoReturn(r.state, r.year, r.table, {**r.cells, ("F", "SEX"): ("value", 73)}) for r in corrected],
    )
    sign(cast, simulated_year(2013, 900, seed=2, tables=SMALL))
    second = published(cast, 2013)
    assert second.content.told["revised"] == ["2012/VIC"]
    assert second.content.told["years"]["2012"] != first.content.told["years"]["2012"]
    different = 0
    for release in (first, second):
        stored = release.content
        content, files = pipeline.make(release, again=stored)
        different += content.sha256 != stored.sha256
        different += hashes(files) != hashes(stored.files.all())
    record_proof("release_repeat", releases=2, files=len(before) * 2, different=different)
    assert different == 0
    assert hashes(ReleaseFile.objects.filter(content__release=first)) == before


def test_an_unchanged_year_is_told_as_before(cast: Any, returns: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = published(cast)
    monkeypatch.setattr(compose, "tell", None)  # nothing is told anew
    second = published(cast)
    assert second.content.told["years"] == first.content.told["years"]
    assert second.content.told["revised"] == []


# --- what is published ----------------------------------------------------------------------------


def test_open_data_is_open_in_four_languages(cast: Any, returns: Any, client_of: Any) -> None:
    published(cast)
    for language in ("es", "en", "fr", "pt-br"):
        with override(language):
            pages = [
                reverse("data_list"),
                reverse("data_dictionary"),
                reverse("data_release", args=[1]),
                reverse("data_table", args=[1, "victims-by-sex-and-exploitation", 2012]),
                reverse("data_area", args=[1, "victims-by-sex-and-exploitation", 2012, "W"]),
            ]
            files = [
                reverse("data_download", args=[1, table, format_])
                for table in ("victims-by-sex-and-exploitation", "dictionary")
                for format_ in ("csv", "json", "xlsx")
            ]
        public = client_of(None)
        answers_ = [public.get(page) for page in [*pages, *files]]
        assert [answer.status_code for answer in answers_] == [200] * 11
        assert all(everything(answer) for answer in answers_)


def test_every_cell_says_why_it_has_no_figure(cast: Any, returns: Any, client_of: Any) -> None:
    published(cast)
    rows = json.loads(download(client_of(None), "victims-by-sex-and-exploitation", "json"))["data"]
    statuses = {row["OBS_STATUS"] for row in rows}
    assert {"rounded", "suppressed"} <= statuses <= set(CellStatus.values)
    assert all((row["OBS_VALUE"] is None) == (row["OBS_STATUS"] != "rounded") for row in rows)
    assert {row["OBS_VALUE"] % 10 for row in rows if row["OBS_VALUE"] is not None} == {0}
    assert {row["REF_AREA"] for row in rows if len(row["REF_AREA"]) == 2} == set(
        State.objects.participating().values_list("iso2", flat=True)
    )


def download(client: Client, table: str, format_: str) -> bytes:
    response = client.get(reverse("data_download", args=[1, table, format_]))
    return b"".join(response.streaming_content)


def test_files_say_the_same_and_hold_no_formula(cast: Any, returns: Any, client_of: Any) -> None:
    import csv

    from openpyxl import load_workbook

    published(cast)
    public = client_of(None)
    table = "victims-by-sex-and-exploitation"
    from_json = [row["OBS_VALUE"] for row in json.loads(download(public, table, "json"))["data"]]
    lines = csv.DictReader(io.StringIO(download(public, table, "csv").decode("utf-8-sig")))
    from_csv = [int(row["OBS_VALUE"]) if row["OBS_VALUE"] else None for row in lines]
    sheet = load_workbook(io.BytesIO(download(public, table, "xlsx"))).worksheets[0]
    place = [cell.value for cell in sheet[1]].index("OBS_VALUE")
    from_xlsx = [row[place].value for row in sheet.iter_rows(min_row=2)]
    assert from_json == from_csv == from_xlsx
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("name", ["data_release", "data_table", "data_area", "data_download"])
def test_before_publication_only_the_secretariat_reads(cast: Any, returns: Any, client_of: Any, name: str) -> None:
    build_release(cast, 2012)
    table = "victims-by-sex-and-exploitation"
    args = {"data_release": (), "data_table": (table, 2012), "data_area": (table, 2012, "W")}
    more = args.get(name, (table, "csv"))
    page = reverse(name, args=[1, *more])
    answers_ = [client_of(person).get(page) for person in (None, cast.ana, cast.ciro, cast.denise)]
    assert all(everything(answer) for answer in answers_)
    assert [answer.status_code for answer in answers_] == [404, 404, 404, 200]


# --- no other count -------------------------------------------------------------------------------


def everything(response: Any) -> str:
    """Headers, text and every part of an archive. The length of a page is no count, though it may look like one."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    texts = [f"{name}: {value}" for name, value in response.headers.items() if name != "Content-Length"]
    if content[:2] != b"PK":
        texts.append(content.decode("utf-8", errors="replace"))
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts += [archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()]
    return "\n".join(texts)


def addresses(release: Release, languages: tuple[str, ...]) -> Iterator[str]:
    """Every page and file of statistics, and every page of others that speaks of States."""
    told = release.content.told
    for language in languages:
        with override(language):
            for name in PAGES:
                yield reverse(name)
            yield reverse("state_detail", args=["gt"])
            yield reverse("data_release", args=[release.number])
            yield reverse("release_detail", args=[release.number])
            for table in [*CATALOGUE, "dictionary"]:
                for format_ in ("csv", "json", "xlsx"):
                    yield reverse("data_download", args=[release.number, table, format_])
            for table in CATALOGUE:
                for year in told["years"]:
                    yield reverse("data_table", args=[release.number, table, int(year)])
                    for area in ("CR", "GT", "HN", "O013", "O019", "W"):
                        yield reverse("data_area", args=[release.number, table, int(year), area])
            yield reverse("data_table", args=[release.number, "victims-assisted", 2012]) + "?sort=-total&page=2&area=GT"
            for table in ("VIC_SEX_EXP", "ASS_SEX_AGE"):
                yield reverse("return_edit", args=["GT", 2012, table])
                yield reverse("return_version", args=["GT", 2012, table, 1])
            yield reverse("return_template", args=["GT", 2012])


def seen_by_others(
    cast: Any, client_of: Any, release: Release, people: tuple[str, ...], languages: tuple[str, ...]
) -> dict[tuple[str, str], str]:
    """All that these people receive, none of them Guatemala's own; "public" is nobody in particular."""
    clients = {name: client_of(getattr(cast, name, None)) for name in people}
    return {
        (name, address): everything(client.get(address))
        for name, client in clients.items()
        for address in addresses(release, languages)
    }


# As digits, or in groups as any of the languages writes them.
PLAIN = re.compile(r"(?<!\w)\d{5,6}(?!\w)")
GROUPED = re.compile("(?<!\\w)\\d{2,3}(?:[.,' \u00a0\u202f]|&nbsp;|&#x27;)\\d{3}(?!\\w)")


def counts_in(text: str) -> set[int]:
    return {int(re.sub(r"&#x27;|\D", "", word)) for pattern in (PLAIN, GROUPED) for word in pattern.findall(text)}


def guatemala(cast: Any, more: int) -> list[services.DemoReturn]:
    """Counts that occur nowhere else, none a multiple of ten; `more` moves them within their rounding."""
    counts = [104_733, 17_921, 15_381, 13_571, 12_741, 90_011, 16_361, 14_241, 13_331, 11_721, 11_231, 10_911,
              10_811, 10_701, 10_611]  # fmt: skip
    ages = [20_011, 30_071, 11_011, 17_341, 13_411, 12_011, 10_521, 10_431, 10_311]
    tables = {"VIC_SEX_EXP": counts, "ASS_SEX_AGE": ages}
    return [
        services.DemoReturn(cast.guatemala, 2012, table, answers([values[0] + more, *values[1:]], table))
        for table, values in tables.items()
    ]


def canaries(rows: list[services.DemoReturn]) -> set[int]:
    """Every cell and every total."""
    found = set()
    for row in rows:
        table = TABLES[row.table]
        value = {place: count or 0 for place, (_marker, count) in row.cells.items()}
        found |= set(value.values()) | {sum(value.values())}
        found |= {sum(v for (r, _c), v in value.items() if r == code) for code in table.rows.codes}
        found |= {sum(v for (_r, c), v in value.items() if c == code) for code in table.columns.codes}
    return {count for count in found if count % 10}


EVERYWHERE = (("public", "beto", "denise", "evan", "paula"), ("es", "en", "fr", "pt-br"))


@pytest.mark.parametrize(
    ("people", "languages"),
    [(("public", "denise"), ("fr",)), pytest.param(*EVERYWHERE, marks=pytest.mark.full)],
)
def test_no_count_of_another_state_leaves_outside_the_catalogue(
    cast: Any, client_of: Any, people: tuple[str, ...], languages: tuple[str, ...]
) -> None:
    """Twice: no exact count is found in anything others receive; and where true counts move within their rounding,
    everything others receive stays the same, to the byte: text, headers, order, bars and files."""
    others = [r for r in simulated_year(2012, 900, tables=SMALL) if r.state.iso2 != "GT"]
    sign(cast, [*others, *guatemala(cast, 0)])
    release = published(cast)
    outputs = seen_by_others(cast, client_of, release, people, languages)
    secrets = canaries(guatemala(cast, 0))
    hits = [(place, sorted(secrets & counts_in(text))) for place, text in outputs.items() if secrets & counts_in(text)]
    own = everything(client_of(cast.ciro).get(reverse("return_version", args=["GT", 2012, "VIC_SEX_EXP", 1])))
    assert secrets & counts_in(own), "Guatemala itself must read its counts"
    stored = release.content
    sign(cast, guatemala(cast, 1))
    again, files = pipeline.make(Release(number=release.number, year=2012))
    moved = int(again.told != stored.told) + int(hashes(files) != hashes(stored.files.all()))
    record_proof("count_canaries", outputs=len(outputs) + len(files), hits=len(hits) + moved)
    assert hits == []
    assert moved == 0


def test_a_count_in_any_writing_is_noticed() -> None:
    for text in ("104731", "104.731", "104 731", "104\u202f731", "104&nbsp;731", ">104,731<", "x,104731,y"):
        assert counts_in(text) == {104_731}
    assert counts_in("a104731f 1104731") == set()


def test_pages_of_data_ask_the_database_as_often_for_any_table(cast: Any, returns: Any, client_of: Any) -> None:
    published(cast)
    counts = []
    for area in ("W", "AR"):
        with CaptureQueriesContext(connection) as queries:
            client_of(None).get(reverse("data_area", args=[1, "victims-by-sex-and-exploitation", 2012, area]))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6
