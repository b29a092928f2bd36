"""A populated copy of each release, made by that release's own code, brought to the present by its migrations."""

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2 import sql

from oas_trafficking.launcher.place import ROOT, Place
from oas_trafficking.launcher.stack import Stack
from tests.support import note_figures

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
RELEASES: dict[str, str] = json.loads((ROOT / "docs/operations/releases.json").read_text(encoding="utf-8"))
NEWEST = list(RELEASES)[-1]
# In this order; a release runs those that it has.
FILL = ("load_states", "prepare_sealed", "load_plan", "load_meetings", "load_networks", "seed_demo", "seed_networks")
FILL += ("seed_indicators", "seed_cases", "demo_accounts", "anchor_audit")
AS_OWNER = {"migrate", "prepare_sealed", "seed_cases"}
GROW = {"django_migrations", "django_content_type", "auth_permission"}  # with the models
COLUMNS = """SELECT table_schema, table_name, array_agg(column_name::text ORDER BY column_name)
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema IN ('public', 'sealed', 'keys') AND table_type = 'BASE TABLE' GROUP BY 1, 2"""
FIGURES = "SELECT count(*), coalesce(sum(hashtextextended(ROW({})::text, 0)::numeric), 0)::text FROM {}"
READ_EVERYTHING = """
from django.apps import apps
from django.db import transaction
for model in apps.get_models():
    if getattr(model, "area_database", None) is None and "sealed" not in model._meta.db_table:
        with transaction.atomic():
            list(model._base_manager.all()[:20])
"""
Columns = dict[tuple[str, str], list[str]]
Figures = dict[tuple[str, str], tuple[int, str]]
# What migrations change on purpose, each with its reason.
KNOWN = {("public", "contributions_apitoken"): "keys of partners became keys of any institution, in accounts"}


@dataclass
class Copy:
    """One release's database and folder, worked on by its own code and then by ours."""

    stack: Stack
    release: str
    code: Path
    var: Path
    faults: list[str] = field(default_factory=list)

    def url(self, given: str) -> str:
        return urlsplit(given)._replace(path=f"/upgrade_{self.release.replace('.', '_')}").geturl()

    def manage(self, code: Path, *arguments: str) -> str:
        owner = self.url(self.stack.owner_url)
        app = self.url(self.stack.env["DATABASE_URL"])
        sealed = {name: self.url(value) for name, value in self.stack.sealed.items()}
        env = self.stack.env | sealed | {"OAS_VAR": str(self.var), "OAS_AREAS": "open,sealed", "OAS_DEBUG": "1"}
        if not (self.code / "victims" / "models").exists() and code == self.code:
            env["OAS_AREAS"] = "open"
        env |= {"DATABASE_OWNER_URL": owner, "DATABASE_URL": owner if arguments[0] in AS_OWNER else app}
        env |= {"OAS_SECRET_KEY": "of-this-test-alone", "PYTHONPATH": str(code)}
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=code, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            self.faults.append(f"{self.release} {arguments[0]}: {(done.stdout + done.stderr)[-1500:]}")
        return done.stdout

    def figures(self, columns: Columns) -> Figures:
        """As the superuser, whom no policy of rows holds up."""
        found = {}
        with superuser(self.stack, self.url(self.stack.owner_url)) as cursor:
            for table, names in columns.items():
                row = sql.SQL(", ").join(map(sql.Identifier, names))
                cursor.execute(sql.SQL(FIGURES).format(row, sql.Identifier(*table)))
                found[table] = cursor.fetchone()
        return found

    def columns(self) -> Columns:
        with superuser(self.stack, self.url(self.stack.owner_url)) as cursor:
            cursor.execute(COLUMNS)
            return {(schema, name): names for schema, name, names in cursor.fetchall() if name not in GROW}


@contextmanager
def superuser(stack: Stack, url: str) -> Iterator[psycopg2.extensions.cursor]:
    name, password = urlsplit(url).path.lstrip("/"), stack.place.secret("postgres")
    raw = psycopg2.connect(dbname=name, user="postgres", password=password, host=str(stack.place.sockets))
    try:
        yield raw.cursor()
    finally:
        raw.close()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(Place.temporary(), use_given_servers=False) as own:
        own.start_servers()
        yield own


def code_of(commit: str, folder: Path) -> Path:
    """The tree of a commit. The history must be there: nobody can test an upgrade from what is not."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    assert archive.returncode == 0, archive.stderr.decode()
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tree:
        tree.extractall(folder, filter="data")
    return folder


def populated(stack: Stack, release: str, folder: Path) -> Copy:
    copy = Copy(stack, release, code_of(RELEASES[release], folder / "code"), folder / "var")
    copy.var.mkdir()
    raw = psycopg2.connect(stack.owner_url)
    raw.autocommit = True
    raw.cursor().execute(f"CREATE DATABASE upgrade_{release.replace('.', '_')}")
    raw.close()
    copy.manage(copy.code, "migrate", "-v0")
    there = {path.stem for path in copy.code.glob("*/management/commands/*.py")}
    for command in FILL:
        if command in there:
            copy.manage(copy.code, command)
    return copy


def kept(copy: Copy, old: Columns, before: Figures) -> list[str]:
    """Each table keeps its rows, and each column that the release had keeps its values."""
    new = copy.columns()
    gone = {table for table in old if not set(old[table]) <= set(new.get(table, ()))} - set(KNOWN)
    after = copy.figures(
        {table: names for table, names in old.items() if table in new and table not in gone | set(KNOWN)}
    )
    changed = [
        f"{'.'.join(table)}: {before[table]} became {figures}"
        for table, figures in after.items()
        if figures != before[table]
    ]
    return [f"{'.'.join(table)} lost columns" for table in gone] + changed


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_comes_to_the_present(stack: Stack, tmp_path: Path, release: str) -> None:
    assert psycopg2.connect(stack.owner_url).info.host == str(stack.place.sockets), "not a server of this test"
    copy = populated(stack, release, tmp_path)
    assert copy.faults == []
    old = copy.columns()
    before = copy.figures(old)
    copy.manage(ROOT, "migrate", "-v0", "--no-input")
    copy.faults += kept(copy, old, before)
    for command in (("prepare_sealed",), ("migrate", "--check"), ("verify_audit",), ("shell", "-c", READ_EVERYTHING)):
        copy.manage(ROOT, *command)
    if release == NEWEST:  # its processes still serve while the upgrade rolls out
        copy.manage(copy.code, "shell", "-c", READ_EVERYTHING)
    rows = sum(count for count, _ in before.values())
    note_figures("upgrade", versions=1, failed=int(bool(copy.faults)), rows=rows)
    assert copy.faults == []
    assert rows > 1000
