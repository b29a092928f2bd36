"""One release, from the signed returns to frozen files. The worker may be killed anywhere: the end is one transaction."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from core import audit
from core.canonical import content_hash
from core.db import consistent_reads
from core.files import store_once
from core.jobs import finish, is_cancelled, report_progress
from core.models import Job, OutboxMessage
from indicators.delivery import compose, files
from indicators.delivery.attack import Finding, Version
from indicators.delivery.protect import Block, protect
from indicators.enums import TABLES, ReleaseStatus, Stage
from indicators.models import Release, ReleaseContent, ReleaseFile
from indicators.queries import contents_of, earlier_releases, latest_versions, measures_filled, version_answers

logger = logging.getLogger(__name__)
STEPS = tuple(Stage)
Inputs = Mapping[str, int]


class Interrupted(Exception):
    pass


def build(message: OutboxMessage, release_id: int) -> None:
    """Make a release. The audit's refusal is a result too: it is stored, and the job is over."""
    assert message.job is not None  # noqa: S101 - services.request_release always gives one
    release = Release.objects.get(pk=release_id)
    try:
        content, written = make(release, message.job)
        store(message, release, content, written)
    except compose.Stopped as stopped:
        stop(message, release, stopped)
    except Interrupted:
        logger.info("Release %s was interrupted", release.number)


def enter(job: Job | None, stage: Stage, done: int = 0, total: int = 0) -> None:
    if job is None:
        return
    if is_cancelled(job):
        raise Interrupted
    number = STEPS.index(stage) + 1
    report_progress(job, stage=stage, stage_number=number, stage_count=len(STEPS), done=done, total=total)


def make(
    release: Release, job: Job | None = None, inputs: Inputs | None = None
) -> tuple[ReleaseContent, list[ReleaseFile]]:
    """Content and files, not stored. With the inputs of a stored release they come out byte by byte the same."""
    enter(job, Stage.READ)
    with consistent_reads():
        inputs = dict(latest_versions(release.year) if inputs is None else inputs)
        earlier = earlier_releases(release.number)
        keys = {*inputs.values(), *(key for r in earlier for key in r.content.inputs.values())}
        contents = contents_of(keys)
    told, steps = tell_all(release.number, inputs, earlier, contents, job)
    content = ReleaseContent(release=release, inputs=inputs, steps=steps, told=told, sha256=content_hash(told))
    enter(job, Stage.WRITE)
    return content, [write(content, *file) for file in files.write_all(told)]


def write(content: ReleaseContent, table: str, language: str, format_: str, data: bytes) -> ReleaseFile:
    name, digest = store_once(data, folder="statistics", suffix=format_)
    return ReleaseFile(
        content=content, table=table, language=language, format=format_, file=name, size=len(data), sha256=digest
    )


def tell_all(
    number: int, inputs: Inputs, earlier: Iterable[Release], contents: Mapping[int, Any], job: Job | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the release tells, by year and measure. A block of which no return changed is told as before."""
    states = sorted({key.split("/")[0] for key in inputs})
    told: dict[str, Any] = {"release": number, "demo": settings.OAS_DEMO, "states": states, "years": {}, "revised": []}
    steps: dict[str, Any] = {}
    parts = _parts(inputs)
    for done, (year, measure) in enumerate(parts):
        enter(job, Stage.AUDIT, done, len(parts))
        history = [_version(r, year, measure, contents) for r in earlier if _part(r.content.inputs, year, measure)]
        filled = _filled(inputs, year, measure, contents)
        block = compose.block_of(year, measure, states, filled)
        last = next((r for r in reversed(list(earlier)) if _part(r.content.inputs, year, measure)), None)
        if last is not None and _part(last.content.inputs, year, measure) == _part(inputs, year, measure):
            version = _version(last, year, measure, contents)
        else:
            version = compose.tell(block, history, number).version
            told["revised"] += [f"{year}/{measure}"] if history else []
        told["years"].setdefault(str(year), {})[measure] = compose.as_told(version.block, version.publication, filled)
        steps[f"{year}/{measure}"] = compose.steps_as_data(version.steps)
    return told, steps


def _parts(inputs: Inputs) -> list[tuple[int, str]]:
    years = sorted({int(key.split("/")[1]) for key in inputs})
    return [(y, m) for y in years for m in measures_filled(k.split("/")[2] for k in inputs if f"/{y}/" in k)]


def _part(inputs: Inputs, year: int, measure: str) -> dict[str, int]:
    """The signed returns of one measure and year."""
    split = {key: key.split("/") for key in inputs}
    return {k: inputs[k] for k, (_s, y, t) in split.items() if int(y) == year and TABLES[t].measure == measure}


def _filled(inputs: Inputs, year: int, measure: str, contents: Mapping[int, Any]) -> dict[tuple[str, str], Any]:
    part = _part(inputs, year, measure)
    return {(k.split("/")[0], k.split("/")[2]): version_answers(contents[v]) for k, v in part.items()}


def _version(release: Release, year: int, measure: str, contents: Mapping[int, Any]) -> Version:
    """What an earlier release told, computed again from its returns and the steps it noted."""
    inputs = release.content.inputs
    states = release.content.told["states"]
    block: Block = compose.block_of(year, measure, states, _filled(inputs, year, measure, contents))
    steps = compose.steps_from_data(release.content.steps[f"{year}/{measure}"])
    return Version(release.number, block, protect(block, steps), steps)


@transaction.atomic
def store(message: OutboxMessage, release: Release, content: ReleaseContent, written: list[ReleaseFile]) -> None:
    if not finish(message):
        raise Interrupted
    content.save()
    ReleaseFile.objects.bulk_create(written)
    Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.READY)
    audit.record(
        system=message.task,
        verb="release.built",
        obj=release,
        data={"number": release.number, "sha256": content.sha256},
    )


@transaction.atomic
def stop(message: OutboxMessage, release: Release, stopped: compose.Stopped) -> None:
    if not finish(message):
        return
    findings = [_where(stopped.year, finding) for finding in stopped.findings]
    Release.objects.filter(pk=release.pk).update(status=ReleaseStatus.STOPPED, findings=findings)
    audit.record(
        system=message.task,
        verb="release.stopped",
        obj=release,
        data={"number": release.number, "findings": len(findings)},
    )


def _where(year: int, finding: Finding) -> list[str | int]:
    """The cell, never its bounds: who reads this must not learn what the attack learnt."""
    target = finding.target
    return [year, target.table, target.area, target.row, target.column]
