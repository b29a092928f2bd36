"""Statistical returns of two States and two releases, each text with a canary."""

import hashlib
from types import SimpleNamespace
from typing import Any

import numpy as np
from django.utils import timezone

from accounts.models import State, User
from core.canonical import content_hash
from core.files import store_once
from indicators import services
from indicators.delivery import compose
from indicators.delivery.protect import Block, protect
from indicators.enums import TABLES
from indicators.models import (
    Release,
    ReleaseContent,
    ReleaseFile,
    ReturnProposal,
    ReturnUpload,
    StatisticalReturn,
)
from tests.access.canaries import NEVER, canary

YEAR = 2013
TABLE, CATALOGUE_TABLE = "CON_SEX", "persons-convicted"
COUNTS = (61, 34, 5)
Cells = dict[tuple[str, str], tuple[str, int | None]]


def furnish_statistics(world: Any, staff: SimpleNamespace) -> None:
    _years(world)
    _returns(world, staff)
    _proposals(world)
    _uploads(world, staff)
    _releases(world, staff)


def _years(world: Any) -> None:
    whose = {"own": "CR", "other State's": "GT", "never existed": "ZZ"}
    world.parts["State's year"] = {target: {"iso2": iso2, "year": YEAR} for target, iso2 in whose.items()}


def cells(table: str = TABLE) -> Cells:
    return {place: ("value", COUNTS[number % 3]) for number, place in enumerate(TABLES[table].cells())}


def _returns(world: Any, staff: SimpleNamespace) -> None:
    """Each State: one table signed off and opened again, one that waits for signature."""
    _draft("CR", TABLE, staff.cr_author, staff.cr_approver)
    _draft("GT", TABLE, staff.gt_author, staff.gt_approver)
    _sent("CR", "PRO_SEX", staff.cr_author)
    _sent("GT", "PRO_SEX", staff.gt_author)
    wanted = {
        "own draft": ("CR", TABLE),
        "own sent": ("CR", "PRO_SEX"),
        "other State's draft": ("GT", TABLE),
        "other State's sent": ("GT", "PRO_SEX"),
        "never existed": ("ZZ", TABLE),
    }
    world.parts["return"] = {
        target: {"iso2": iso2, "year": YEAR, "table": table} for target, (iso2, table) in wanted.items()
    }
    world.parts["signed return"] = {
        target: {"iso2": iso2, "year": YEAR, "table": TABLE, "number": number}
        for target, (iso2, number) in {"own": ("CR", 1), "other State's": ("GT", 1), "never existed": ("GT", 9)}.items()
    }


def _write(iso2: str, table: str, author: User) -> StatisticalReturn:
    family = f"{iso2}-COUNT"
    filled = services.open_return(state=State.objects.get(iso2=iso2), year=YEAR, table=table, actor=author)
    data = services.ReturnData(
        cells=cells(table),
        source=canary(family, "source"),
        coverage_citizenship="both",
        coverage_movement="both",
        criminal_code_article=canary(family, "article"),
        definition_note=canary(family, "definition"),
        language="es",
        reasons={"year:F": canary(family, "reason")},
    )
    return services.save_return(filled=filled, version=filled.version, data=data, actor=author)


def _sent(iso2: str, table: str, author: User) -> StatisticalReturn:
    return services.send_return(filled=_write(iso2, table, author), actor=author)


def _draft(iso2: str, table: str, author: User, signer: User) -> None:
    services.sign_return(filled=_sent(iso2, table, author), actor=signer)
    _write(iso2, table, author)


def _proposals(world: Any) -> None:
    """Counted from cases: one of each State waits for its writers."""
    for iso2 in ("CR", "GT"):
        counted = [[*place, count] for place, (_marker, count) in cells("SUS_SEX").items()]
        state = State.objects.get(iso2=iso2)
        counted.append([canary(f"{iso2}-COUNT", "counted"), "", 1])
        ReturnProposal.objects.create(state=state, year=YEAR, table="SUS_SEX", cells=counted)
    wanted = {"own": "CR", "other State's": "GT", "never existed": "ZZ"}
    world.parts["counted return"] = {
        target: {"iso2": iso2, "year": YEAR, "table": "SUS_SEX"} for target, iso2 in wanted.items()
    }


def _uploads(world: Any, staff: SimpleNamespace) -> None:
    """A file waits for whoever sent it, and for nobody else."""
    sent = {
        "the contributor's": ("CR", world.people["contributor"]),
        "a colleague's": ("CR", staff.cr_author),
        "other State's": ("GT", staff.gt_author),
    }
    world.parts["upload"] = {target: {"public_id": _upload(*row)} for target, row in sent.items()}
    world.parts["upload"]["never existed"] = {"public_id": NEVER}


def _upload(iso2: str, sender: User) -> Any:
    about = {"source": canary(f"{iso2}-COUNT", "file")}
    content = {TABLE: {"cells": [[*place, *answer] for place, answer in cells().items()], **about}}
    state = State.objects.get(iso2=iso2)
    sha256 = hashlib.sha256(iso2.encode()).hexdigest()
    return ReturnUpload.objects.create(
        state=state, year=YEAR, content=content, sha256=sha256, uploaded_by=sender
    ).public_id


# --- releases ---------------------------------------------------------------------------------------


def _releases(world: Any, staff: SimpleNamespace) -> None:
    published = _release(1, "PUBLIC", staff.sg_author)
    Release.objects.filter(pk=published.pk).update(status="published", published_at=timezone.now())
    ready = _release(2, "RELEASE", staff.sg_author)
    Release.objects.filter(pk=ready.pk).update(status="ready")
    world.parts["release"] = {
        "published": {"number": published.number},
        "in preparation": {"number": ready.number},
        "never existed": {"number": 9},
    }
    world.parts["published release"] = world.parts["release"]


def _release(number: int, family: str, author: User) -> Release:
    release = Release.objects.create(number=number, year=YEAR, created_by=author, status="stopped")
    told = {
        "release": number,
        "demo": True,
        "states": ["CR", "GT", "HN"],
        "years": {str(YEAR): {"CON": _block()}},
        "revised": [],
        "canary": canary(family, "told"),
    }
    content = ReleaseContent.objects.create(
        release=release,
        inputs={canary(family, "inputs"): 1},
        steps={canary(family, "steps"): []},
        told=told,
        sha256=content_hash(told),
    )
    _file(content, family)
    return release


def _block() -> dict[str, Any]:
    block = Block(YEAR, "CON", ("CR", "GT", "HN"), {TABLE: np.array([[[count] for count in COUNTS]] * 3)})
    return compose.as_told(block, protect(block), {})


def _file(content: ReleaseContent, family: str) -> None:
    stored, digest = store_once(canary(family, "file").encode(), folder="statistics", suffix="csv")
    ReleaseFile.objects.create(
        content=content, table=CATALOGUE_TABLE, language="en", format="csv", file=stored, size=9, sha256=digest
    )
