"""34 States, every activity, ten periods, 2,000 words an answer: memory of the process that writes, and its time."""

import json
import os
import resource
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
from evaluations.models import Evaluation
from tests.evaluations.processes import ROOT
from tests.factories.evaluations import fill_round

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True), pytest.mark.timeout(3000)]
NARRATIVE = " ".join(f"palabra{number % 97}" for number in range(2000))
# In a process of its own, as a worker is: the whole build, and then the bare rendering of the very page it wrote.
CHILD = """
import json, sys, time
import django
django.setup()
from django.template.loader import render_to_string
from django.utils.translation import override
from core import pdf as core_pdf
from core.models import OutboxMessage
from evaluations.delivery import pdf, pipeline
from evaluations.delivery.content import Content
from evaluations.models import Evaluation
from evaluations.queries.figures import summarize
import weasyprint
evaluation = Evaluation.objects.with_page_data().get(symbol=sys.argv[1])
began = time.monotonic()
pipeline.build(OutboxMessage.objects.get(job=evaluation.job), str(evaluation.public_id))
built = time.monotonic() - began
evaluation = Evaluation.objects.with_page_data().get(symbol=sys.argv[1])
content = Content(evaluation, evaluation.snapshot, summarize(evaluation.snapshot.content), "es")
with override("es"):
    html = render_to_string(pdf.TEMPLATE, {"c": content, "language": "es"})
began = time.monotonic()
page = weasyprint.HTML(string=html, base_url=core_pdf.BASE_URL, url_fetcher=core_pdf._static_fetcher())
page.write_pdf(pdf_variant="pdf/ua-1")
print(json.dumps({"built": built, "bare": time.monotonic() - began}))
"""


def measure(symbol: str, media: Path) -> dict[str, float]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DATABASE_URL": url.geturl(),
        "OAS_VAR": str(media),
        "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings_test",
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD, symbol], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def make(cast: Any, accepted: int, symbol: str) -> Evaluation:
    """Ten periods, of which the last is compared with the first."""
    halves = [(f"{2005 + year}-{half}", 2005 + year, half) for year in range(5) for half in (1, 2)]
    rounds = []
    for code, year, half in halves:
        first, last = (date(year, 1, 1), date(year, 6, 30)) if half == 1 else (date(year, 7, 1), date(year, 12, 31))
        rounds.append(fill_round(cast, code, first, last, accepted=accepted, submitted=0, narrative=NARRATIVE))
    evaluation = services.create_evaluation(
        round=rounds[-1],
        compared_round=rounds[0],
        symbol=symbol,
        original_language="es",
        languages=["es"],
        formats=["pdf"],
        actor=cast.denise,
    )
    services.request_build(evaluation=evaluation, actor=cast.denise)
    return evaluation


def test_evaluation_scale(cast: Any, tmp_path: Path) -> None:
    make(cast, 34, "RTP-IV/doc.90/14")
    found = measure("RTP-IV/doc.90/14", tmp_path)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    ratio = round(found["built"] / found["bare"], 2)
    record_proof("evaluation_scale", seconds_ratio=ratio, peak_mb=peak)
    assert peak <= 600
    assert ratio <= 1.3
