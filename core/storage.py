"""Files in object storage, for hosts that have no folder in common (docs/adr/0174).

An object is named by its content, is written once, and is read only while it is what its name says. No address of an
object is ever given to anybody: a download passes its check of access and comes through the portal.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

if TYPE_CHECKING:
    Content = File[bytes]
else:
    Content = File  # takes no parameter where it runs

NAME = re.compile(r"(?:[\w-]+/)+[0-9a-f]{2}/([0-9a-f]{64})\.\w+")
IN_MEMORY = BLOCK = 1 << 20  # what is larger waits on the disk of this host while it is sent
ABSENT, ALREADY_THERE, FAILED = 404, 412, 500
PATIENCE = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 3},
    s3={"addressing_style": "path"},  # the one that every service has
)


@deconstructible
class ObjectStorage(Storage):
    def __init__(self, *, bucket: str, prefix: str, endpoint: str, region: str, key: str, secret: str) -> None:
        self.bucket, self.prefix = bucket, prefix
        self._server = {"endpoint_url": endpoint, "region_name": region}
        self._login = {"aws_access_key_id": key, "aws_secret_access_key": secret}

    @cached_property
    def _client(self) -> Any:
        return Session().create_client("s3", config=PATIENCE, **self._server, **self._login)

    def keep(self, name: str, content: bytes) -> None:
        """The same content again finds its object; of two hosts that write it at once, one does."""
        digest = hashlib.sha256(content)
        if digest.hexdigest() != _digest(name):
            raise ValueError(f"{name} is not the name of this content.")
        if not self.exists(name):
            self._write(name, content, digest.digest())

    def _write(self, name: str, content: bytes, digest: bytes) -> None:
        with _asking(name, fine=ALREADY_THERE):
            self._client.put_object(
                **self._object(name),
                Body=content,
                ChecksumSHA256=base64.b64encode(digest).decode(),
                IfNoneMatch="*",
                ServerSideEncryption="AES256",
            )

    def fetch(self, name: str) -> IO[bytes]:
        """The whole of it, before anybody sees a byte: what was changed in the bucket is not given out."""
        file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by whoever reads it
        try:
            self._copy(name, file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def _copy(self, name: str, file: IO[bytes]) -> None:
        wanted, digest = _digest(name), hashlib.sha256()
        with _asking(name), closing(self._client.get_object(**self._object(name))["Body"]) as body:
            for block in body.iter_chunks(BLOCK):
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != wanted:
            raise OSError(f"{name} was changed in the object storage.")

    def names(self) -> Iterator[str]:
        """Of every file that is there; what somebody else put into the bucket is none of ours."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        with _asking(self.bucket):
            for page in pages:
                found = (entry["Key"].removeprefix(self.prefix) for entry in page.get("Contents", []))
                yield from filter(is_name, found)

    def is_public(self, name: str) -> bool:
        """Whether a stranger without a login gets it."""
        unsigned = PATIENCE.merge(Config(signature_version=UNSIGNED))
        stranger = Session().create_client("s3", config=unsigned, **self._server)
        try:
            stranger.get_object(**self._object(name))["Body"].close()
        except ClientError:
            return False
        return True

    def exists(self, name: str) -> bool:
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        with _asking(name):
            return int(self._client.head_object(**self._object(name))["ContentLength"])

    def delete(self, name: str) -> None:
        with _asking(name):
            self._client.delete_object(**self._object(name))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _open(self, name: str, mode: str = "rb") -> Content:
        return ObjectFile(self, name)

    def _save(self, name: str, content: Content) -> str:
        self.keep(name, content.read())
        return name

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + name}


class ObjectFile(Content):
    """One that can be opened again, as a file of a folder can."""

    def __init__(self, storage: ObjectStorage, name: str) -> None:
        super().__init__(storage.fetch(name), name)
        self._storage, self._name = storage, name

    def open(self, mode: str | None = None, *args: Any, **options: Any) -> "ObjectFile":
        if self.closed:
            self.file = self._storage.fetch(self._name)
        self.seek(0)
        return self


def is_name(name: str) -> bool:
    return NAME.fullmatch(name) is not None


def _digest(name: str) -> str:
    found = NAME.fullmatch(name)
    if not found:
        raise ValueError(f"{name} is not named by its content.")
    return found[1]


@contextmanager
def _asking(name: str, *, fine: int = 0) -> Iterator[None]:
    """Errors as a folder has them."""
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == ABSENT:
            raise FileNotFoundError(name) from error
        if status >= FAILED:
            raise ConnectionError(f"The object storage cannot answer: {status}.") from error
        if status != fine:
            raise OSError(f"The object storage refused {name}: {status}.") from error
    except BotoCoreError as error:
        raise ConnectionError(f"The object storage does not answer: {type(error).__name__}.") from error
