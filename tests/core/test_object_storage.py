"""Files in object storage, against a server over HTTP (see object_storage.py: a simulator of the protocol)."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyrage
import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db import models
from django.test import Client
from django.urls import reverse

from core import doctor
from core.backup import FILES, make, restore, streams
from core.files import object_storage, store_once
from core.storage import ObjectStorage
from core.testing import record_proof
from evaluations.models import Document, Evaluation
from oas_trafficking.env import files_from_url
from oas_trafficking.views import failed
from tests.core.object_storage import BUCKET, client, serving, storages
from tests.evaluations.test_artefacts import build
from tests.factories.evaluations import make_evaluation
from tests.workplan.test_evidence import PDF, PEOPLE, download, post, run_check
from workplan.models import Evidence, Report

GOOD = "s3://bucket/of/ours?endpoint=https://s3.example.org&region=eu-1"
AWAY = "s3://bucket?endpoint={}&region=eu-1"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("objects") / "log") as address:
        yield address


@pytest.fixture
def bucket(
    address: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any
) -> SimpleNamespace:
    """The portal keeps its files there; the folder stays empty."""
    prefix = f"{abs(hash(request.node.nodeid))}/"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = storages(settings, address, monkeypatch, prefix)
    assert object_storage() is not None
    server = client(address)

    def names() -> set[str]:
        found = server.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {entry["Key"].removeprefix(prefix) for entry in found}

    def put(name: str, content: bytes, **options: Any) -> None:
        server.put_object(Bucket=BUCKET, Key=prefix + name, Body=content, **options)

    return SimpleNamespace(server=server, prefix=prefix, names=names, put=put, folder=tmp_path / "media")


# --- the setting ---


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAS_FILES_KEY", "who")
    monkeypatch.setenv("OAS_FILES_SECRET", "word")


def test_without_the_setting_files_are_in_the_folder() -> None:
    assert files_from_url("") == {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def test_what_the_setting_says(login: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = {"endpoint": "https://s3.example.org", "region": "eu-1"}
    place = {"bucket": "bucket", "prefix": "of/ours/"}
    assert files_from_url(GOOD)["OPTIONS"] == {**place, **server, "key": "who", "secret": "word"}
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("OAS_FILES_SECRET_FILE", str(tmp_path / "secret"))
    assert files_from_url(GOOD)["OPTIONS"]["secret"] == "from a file"
    assert files_from_url(AWAY.format("http://127.0.0.1:9000"))["OPTIONS"]["prefix"] == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket/of/ours?endpoint=https://s3.example.org&region=eu-1",
        "s3://who:word@bucket?endpoint=https://s3.example.org&region=eu-1",
        "s3:///of/ours?endpoint=https://s3.example.org&region=eu-1",
        "s3://bucket?region=eu-1",
        "s3://bucket?endpoint=https://s3.example.org",
        f"{GOOD}&acl=public-read",
        AWAY.format("http://s3.example.org"),
        AWAY.format("http://127.0.0.1.example.org"),
        AWAY.format("https://"),
        AWAY.format("https://s3.example.org/bucket"),
        AWAY.format("https://who:word@s3.example.org"),
    ],
)
def test_half_a_setting_stops_the_process_and_tells_no_secret(login: None, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OAS_FILES_URL") as refusal:
        files_from_url(url)
    assert "word" not in str(refusal.value)


@pytest.mark.parametrize("missing", ["OAS_FILES_KEY", "OAS_FILES_SECRET"])
def test_half_a_login_stops_the_process(login: None, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="of no use without OAS_FILES_URL"):
        files_from_url("")
    monkeypatch.delenv(missing)
    with pytest.raises(ImproperlyConfigured, match=missing):
        files_from_url(GOOD)


def test_nothing_of_the_sealed_area_is_a_file_of_the_storage() -> None:
    """Its records are encrypted and in the database; a bucket never sees them."""
    fields = [field for model in apps.get_app_config("victims").get_models() for field in model._meta.get_fields()]
    assert [field for field in fields if isinstance(field, models.FileField)] == []
    code = "".join(path.read_text() for path in Path("victims").rglob("*.py"))
    assert [word for word in ("store_once", "default_storage", "core.storage") if word in code] == []


# --- the storage ---


def test_the_same_content_is_one_object_private_and_encrypted(bucket: SimpleNamespace, address: str) -> None:
    kept: list[tuple[str, str]] = []
    hosts = [
        threading.Thread(target=lambda: kept.append(store_once(b"twice", folder="a", suffix="txt"))) for _ in range(4)
    ]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join()
    assert len(kept) == 4
    assert bucket.names() == {name for name, _digest in kept}
    assert len(bucket.names()) == 1
    name = kept[0][0]
    assert bucket.server.head_object(Bucket=BUCKET, Key=bucket.prefix + name)["ServerSideEncryption"] == "AES256"
    grants = bucket.server.get_object_acl(Bucket=BUCKET, Key=bucket.prefix + name)["Grants"]
    assert [grant for grant in grants if grant["Grantee"]["Type"] == "Group"] == []
    with pytest.raises(NotImplementedError):
        default_storage.url(name)
    assert not bucket.folder.exists()


def test_it_is_written_once_whether_it_was_seen_before_or_not(
    bucket: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bucket keeps every version that was ever written."""
    asked: list[str] = []
    name, _digest = store_once(b"twice", folder="a", suffix="txt")
    with monkeypatch.context() as patch:
        patch.setattr(ObjectStorage, "_write", lambda self, name, *rest: asked.append(name))
        store_once(b"twice", folder="a", suffix="txt")
    monkeypatch.setattr(ObjectStorage, "exists", lambda self, name: False)  # another host was quicker
    store_once(b"twice", folder="a", suffix="txt")
    versions = bucket.server.list_object_versions(Bucket=BUCKET, Prefix=bucket.prefix)["Versions"]
    assert ([version["Key"] for version in versions], asked) == ([bucket.prefix + name], [])


def test_a_changed_object_is_not_given_out(bucket: SimpleNamespace) -> None:
    name, _digest = store_once(b"as it was", folder="a", suffix="txt")
    with default_storage.open(name) as file:
        assert file.read() == b"as it was"
    with file.open() as again:
        assert again.read() == b"as it was"
    bucket.put(name, b"as it is not")
    with pytest.raises(OSError, match="was changed"):
        default_storage.open(name)
    default_storage.delete(name)
    assert (default_storage.exists(name), bucket.names()) == (False, set())
    with pytest.raises(FileNotFoundError):
        default_storage.open(name)
    with pytest.raises(ValueError, match="not the name of this content"):
        object_storage().keep(name, b"other")


def test_a_server_that_is_away_is_an_error_of_files_that_passes(
    settings: Any, monkeypatch: pytest.MonkeyPatch, bucket: SimpleNamespace, rf: Any
) -> None:
    settings.STORAGES = storages(settings, "http://127.0.0.1:9", monkeypatch, "")
    with pytest.raises(ConnectionError, match="does not answer"):
        store_once(b"lost", folder="a", suffix="txt")
    try:
        store_once(b"lost", folder="a", suffix="txt")
    except ConnectionError:
        assert failed(rf.get("/en/")).status_code == 503


@pytest.mark.django_db
def test_the_doctor_finds_a_bucket_that_anybody_can_read(bucket: SimpleNamespace) -> None:
    assert [finding.level for finding in doctor.examine({"files"})] == ["ok"]
    assert bucket.names() == set()
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",'
        f'"Resource": "arn:aws:s3:::{BUCKET}/*"}}]}}'
    )
    bucket.server.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    try:
        assert [finding.level for finding in doctor.examine({"files"})] == ["FAIL"]
    finally:
        bucket.server.delete_bucket_policy(Bucket=BUCKET)


# --- the portal on it ---


def test_files_of_a_bucket_are_backed_up_and_come_back(bucket: SimpleNamespace, settings: Any, tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    big = os.urandom(3 << 20)
    names = {store_once(content, folder="evidence", suffix="bin")[0] for content in (b"one", b"two", big)}
    bucket.put("not/ours.txt", b"of somebody else")
    settings.AUDIT_ANCHOR_FILES = [str(tmp_path / "anchors.jsonl")]
    to = [identity.to_public()]
    make.seal_private_files(tmp_path / FILES, to)
    streams.seal_files(make.anchor_file(), tmp_path / "anchors.age", to)
    for name in names:
        default_storage.delete(name)
    assert bucket.names() == {"not/ours.txt"}
    restore.restore_files(tmp_path, [identity])
    assert bucket.names() == {*names, "not/ours.txt"}
    assert {default_storage.size(name) for name in names} == {3, len(big)}
    for name in names:
        object_storage().fetch(name).close()


def test_a_backup_of_the_folder_comes_back_into_the_bucket(
    bucket: SimpleNamespace, settings: Any, tmp_path: Path
) -> None:
    identity = pyrage.x25519.Identity.generate()
    to = [identity.to_public()]
    settings.AUDIT_ANCHOR_FILES = [str(tmp_path / "anchors.jsonl")]
    in_bucket = settings.STORAGES
    settings.STORAGES = {**in_bucket, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    name, _digest = store_once(b"of the folder", folder="evidence", suffix="txt")
    (bucket.folder / name).with_name(".part-killed").write_bytes(b"of the")
    make.seal_private_files(tmp_path / FILES, to)
    streams.seal_files(make.anchor_file(), tmp_path / "anchors.age", to)
    settings.STORAGES = in_bucket
    restore.restore_files(tmp_path, [identity])
    assert bucket.names() == {name}


MAY = {"ana", "beto", "bruno"}  # of Costa Rica, before the report is sent


def answers(client: Client, cast: Any, evidence: Evidence) -> dict[str, SimpleNamespace]:
    found = {}
    for person in PEOPLE:
        client.logout()
        client.force_login(getattr(cast, person))
        found[person] = download(client, evidence)
    return found


def written(client: Client, cast: Any, evaluation: Evaluation) -> int:
    """How many documents of a built evaluation come down other than they were written."""
    build(evaluation, cast.denise)
    client.force_login(cast.denise)
    different = 0
    for document in Document.objects.current():
        place = [evaluation.public_id, document.language, document.format]
        content = b"".join(client.get(reverse("document_download", args=place)).streaming_content)
        different += hashlib.sha256(content).hexdigest() != document.sha256
    return different


@pytest.mark.full
@pytest.mark.django_db
def test_evidence_and_evaluations_from_upload_to_download(bucket: SimpleNamespace, cast: Any, client: Client) -> None:
    evaluation = make_evaluation(cast, accepted=4, submitted=0, formats=("csv",), languages=("es", "fr"))
    entry = Report.objects.get(reference="CR-2014-1").entries.select_related("activity", "report__state").first()
    client.force_login(cast.ana)
    assert post(client, entry, "Ley.pdf", PDF).status_code == 302
    evidence = Evidence.objects.get()
    assert bucket.names() == {evidence.original.name}
    assert download(client, evidence).status_code == 404
    run_check(evidence)
    assert evidence.served.name in bucket.names()
    found = answers(client, cast, evidence)
    assert {person for person, answer in found.items() if answer.status_code == 200} == MAY
    assert {answer.status_code for person, answer in found.items() if person not in MAY} == {302, 404}
    served = {hashlib.sha256(found[person].content).hexdigest() for person in MAY}
    assert served == {evidence.served_sha256}
    assert found["ana"].headers["Content-Length"] == str(evidence.served_size)
    different = written(client, cast, evaluation)
    assert different == 0
    assert len(bucket.names()) == 4
    assert not bucket.folder.exists()
    foreign = sum(
        evidence.served_sha256 == hashlib.sha256(a.content).hexdigest() for p, a in found.items() if p not in MAY
    )
    record_proof("object_storage", files=len(bucket.names()), different=different, foreign=foreign)
