"""34 States, every activity, ten periods, 2,000 words an answer: memory of the process that writes, and its time."""

import itertools
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from core.testing import record_proof
from evaluations import services
from tests.evaluations.processes import ROOT
from tests.factories.evaluations import fill_round
from workplan.models import Round

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True), pytest.mark.timeout(3000)]
NARRATIVE = " ".join(f"palabra{number % 97}" for number in range(2000))
# Each in a process of its own, as a worker is, so that neither finds warm what the other had to load: the whole build,
# and the bare rendering of the very pages it wrote, the document as PDF and the paper of each State: their templates,
# their layout, their bytes.
CHILD = """
import json, resource, sys, time
import django
django.setup()
from django.template.loader import render_to_string
from django.utils.translation import override
from core import pdf as core_pdf
from core.models import OutboxMessage
from evaluations.delivery import docx, pdf, pipeline
from evaluations.delivery.content import Content, paper_of
from evaluations.models import Evaluation
from evaluations.queries.figures import summarize
import weasyprint

def build(evaluation):
    pipeline.build(OutboxMessage.objects.get(job=evaluation.job), str(evaluation.public_id))

def bare(content, papers):
    with override("es"):
        html = render_to_string(pdf.TEMPLATE, {"c": content, "language": "es"})
        page = weasyprint.HTML(string=html, base_url=core_pdf.BASE_URL, url_fetcher=core_pdf._static_fetcher())
        page.write_pdf(pdf_variant="pdf/ua-1")
        for paper in papers:
            docx.write_page(paper, render_to_string(paper.template, {"c": paper, "language": "es"}))

evaluation = Evaluation.objects.with_page_data().get(symbol=sys.argv[2])
if sys.argv[1] == "bare":
    snapshot = evaluation.snapshot
    content = Content(evaluation, snapshot, summarize(snapshot.content), "es")
    papers = [paper_of(evaluation, snapshot, iso2, "es") for iso2 in snapshot.content["papers"]]
    assert len(papers) == 34
began, began_cpu = time.monotonic(), time.process_time()
bare(content, papers) if sys.argv[1] == "bare" else build(evaluation)
seconds, cpu = time.monotonic() - began, time.process_time() - began_cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak}))
"""


def measure(what: str, symbol: str, media: Path) -> dict[str, float]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DATABASE_URL": url.geturl(),
        "OAS_VAR": str(media),
        "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings_test",
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD, what, symbol],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def add_round(cast: Any, number: int, accepted: int = 34) -> Round:
    """The number-th half-year from 2005 on."""
    year, half = 2005 + number // 2, number % 2
    first, last = (date(year, 1, 1), date(year, 6, 30)) if half == 0 else (date(year, 7, 1), date(year, 12, 31))
    return fill_round(cast, f"{year}-{half + 1}", first, last, accepted=accepted, submitted=0, narrative=NARRATIVE)


def build(cast: Any, media: Path, rounds: list[Round], number: int) -> dict[str, float]:
    """Of the last period, compared with the first; all between them are looked at too."""
    before, *further, now = rounds
    evaluation = services.create_evaluation(
        round=now,
        compared_round=before,
        further_rounds=further,
        symbol=f"RTP-IV/doc.{number}/14",
        original_language="es",
        languages=["es"],
        formats=["pdf"],
        actor=cast.denise,
    )
    services.request_build(evaluation=evaluation, actor=cast.denise)
    whole, bare = (measure(what, evaluation.symbol, media) for what in ("build", "bare"))
    return {**whole, "bare": bare["seconds"], "bare_cpu": bare["cpu"]}


def test_evaluation_scale(cast: Any, tmp_path: Path) -> None:
    """An evaluation of ever more periods, up to ten; then the States that report grow to 34."""
    rounds: list[Round] = []
    by_rounds: dict[int, dict[str, float]] = {}
    for size in (2, 4, 7, 10):
        rounds += [add_round(cast, number) for number in range(len(rounds), size)]
        by_rounds[size] = build(cast, tmp_path, rounds, 100 + size)
    by_states = {34: by_rounds[10]}
    for number, accepted in enumerate((8, 17, 25), start=10):
        later = add_round(cast, number, accepted)
        by_states[accepted] = build(cast, tmp_path, [*rounds[:-1], later], 200 + accepted)
    sizes = sorted(by_states)
    # Most of the work is the same at any size, and a straight line through noise would prove nothing. What counts:
    # no size costs more than its share of a smaller one.
    steeper = max(
        by_states[large]["cpu"] / by_states[small]["cpu"] / (large / small)
        for small, large in itertools.combinations(sizes, 2)
    )
    growth = by_rounds[10]["cpu"] / by_rounds[2]["cpu"]
    seconds = max(found["seconds"] / found["bare"] for found in by_rounds.values())
    ratio = max(found["cpu"] / found["bare_cpu"] for found in by_rounds.values())  # whatever else the machine does
    peak = max(found["peak"] for found in by_rounds.values())
    record_proof(
        "evaluation_scale",
        seconds_ratio=round(seconds, 2),
        cpu_ratio=round(ratio, 2),
        peak_mb=peak,
        cpu_seconds_by_rounds={size: round(found["cpu"], 1) for size, found in by_rounds.items()},
        cpu_seconds_by_states={size: round(by_states[size]["cpu"], 1) for size in sizes},
        steeper_than_linear=round(steeper, 2),
        periods_growth=round(growth, 2),
    )
    assert peak <= 600
    assert ratio <= 1.3
    assert growth <= 1.3  # five times the periods: a column more for each, and its answers counted
    assert steeper <= 1
