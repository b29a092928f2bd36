"""One release, from the signed returns to frozen files. The worker may be killed anywhere: the end is one
transaction."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import State
from core import audit
from core.canonical import content_hash
from core.db import consistent_reads
from core.files import store_once
from core.jobs import finish, is_cancelled, report_progress
from core.models import Job, OutboxMessage
from indicators.delivery import compose, files
from indicators.delivery.attack import Finding, Version
from indicators.delivery.protect import protect
from indicators.enums import TABLES, ReleaseStatus, Stage
from indicators.models import Release, ReleaseContent, ReleaseFile
from indicators.queries import contents_of, earlier_releases, latest_versions, measures_filled, version_answers

logger = logging.getLogger(__name__)
STEPS = tuple(Stage)
THREADS = 2
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
    release: Release, job: Job | None = None, again: ReleaseContent | None = None
) -> tuple[ReleaseContent, list[ReleaseFile]]:
    """Content and files, not stored. `again`: from the very returns of a stored one; the bytes are then the same."""
    enter(job, Stage.READ)
    with consistent_reads():
        inputs = dict(again.inputs if again else latest_versions(release.year))
        states = again.told["states"] if again else participants(inputs)
        earlier = earlier_releases(release.number)
        contents = contents_of({*inputs.values(), *(key for r in earlier for key in r.content.inputs.values())})
    told, steps = Teller(release.number, states, inputs, earlier, contents).tell(job)
    content = ReleaseContent(release=release, inputs=inputs, steps=steps, told=told, sha256=content_hash(told))
    enter(job, Stage.WRITE)
    return content, [write(content, *file) for file in files.write_all(told)]


def write(content: ReleaseContent, table: str, language: str, format_: str, data: bytes) -> ReleaseFile:
    name, digest = store_once(data, folder="statistics", suffix=format_)
    return ReleaseFile(
        content=content, table=table, language=language, format=format_, file=name, size=len(data), sha256=digest
    )


def participants(inputs: Inputs) -> list[str]:
    """Every State of a release: those that take part, whether they reported or not."""
    taking_part = State.objects.participating().values_list("iso2", flat=True)
    return sorted({*taking_part, *(key.split("/")[0] for key in inputs)})


class Teller:
    """What a release tells, by year and measure. A block of which no return changed is told as before."""

    def __init__(
        self, number: int, states: list[str], inputs: Inputs, earlier: list[Release], contents: Mapping[int, Any]
    ) -> None:
        self.number, self.states, self.inputs = number, states, inputs
        self.earlier, self.contents = earlier, contents

    def tell(self, job: Job | None) -> tuple[dict[str, Any], dict[str, Any]]:
        blocks = _blocks(self.inputs)
        years: dict[str, Any] = {}
        steps: dict[str, Any] = {}
        revised = []
        # Blocks share no unknown, and the solver works outside the interpreter's lock: two cores, two threads.
        with ThreadPoolExecutor(THREADS) as pool:
            versions = pool.map(lambda block: self._version(*block), blocks)
            for done, ((year, measure), (version, inputs)) in enumerate(zip(blocks, versions, strict=True), 1):
                filled = _filled(inputs, year, measure, self.contents)
                years.setdefault(str(year), {})[measure] = compose.as_told(version.block, version.publication, filled)
                steps[f"{year}/{measure}"] = compose.steps_as_data(version.steps)
                is_new = version.release == self.number and compose.KEPT not in version.steps
                revised += [f"{year}/{measure}"] if is_new and self._history(year, measure) else []
                enter(job, Stage.AUDIT, done, len(blocks))
        told = {"release": self.number, "demo": settings.OAS_DEMO, "states": self.states}
        return {**told, "years": years, "revised": revised}, steps

    def _version(self, year: int, measure: str) -> tuple[Version, Inputs]:
        """What is told of a block, and the returns it was made of: older ones where a correction has to wait."""
        history = self._history(year, measure)
        mine = _part(self.inputs, year, measure)
        if history and _part(history[-1].content.inputs, year, measure) == mine:
            return self._told_before(history[-1], year, measure), self.inputs
        block = compose.block_of(year, measure, self.states, _filled(self.inputs, year, measure, self.contents))
        before = [self._told_before(release, year, measure) for release in history]
        version = compose.tell(block, before, self.number).version
        waits = history and compose.KEPT in version.steps
        return version, history[-1].content.inputs if waits else self.inputs

    def _history(self, year: int, measure: str) -> list[Release]:
        """Earlier releases that told this block, each time anew."""
        history: list[Release] = []
        kept = compose.steps_as_data([compose.KEPT])[0]
        for release in self.earlier:
            part = _part(release.content.inputs, year, measure)
            if not part or kept in release.content.steps[f"{year}/{measure}"]:
                continue
            if not history or _part(history[-1].content.inputs, year, measure) != part:
                history.append(release)
        return history

    def _told_before(self, release: Release, year: int, measure: str) -> Version:
        """What an earlier release told, computed again from its returns and the steps it noted."""
        content = release.content
        filled = _filled(content.inputs, year, measure, self.contents)
        block = compose.block_of(year, measure, content.told["states"], filled)
        steps = compose.steps_from_data(content.steps[f"{year}/{measure}"])
        return Version(release.number, block, protect(block, steps), steps)


def _blocks(inputs: Inputs) -> list[tuple[int, str]]:
    years = sorted({int(key.split("/")[1]) for key in inputs})
    return [(y, m) for y in years for m in measures_filled(k.split("/")[2] for k in inputs if f"/{y}/" in k)]


def _part(inputs: Inputs, year: int, measure: str) -> dict[str, int]:
    """The signed returns of one measure and year."""
    split = {key: key.split("/") for key in inputs}
    return {k: inputs[k] for k, (_s, y, t) in split.items() if int(y) == year and TABLES[t].measure == measure}


def _filled(inputs: Inputs, year: int, measure: str, contents: Mapping[int, Any]) -> dict[tuple[str, str], Any]:
    part = _part(inputs, year, measure)
    return {(k.split("/")[0], k.split("/")[2]): version_answers(contents[v]) for k, v in part.items()}


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
