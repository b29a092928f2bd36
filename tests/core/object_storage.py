"""A server that speaks the protocol of object storage, as a process of its own.

It is a simulator of that protocol (moto): no service of a provider can be reached from a test. What a provider adds,
such as its encryption at rest, is not proven here; that the portal asks for it is.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.session import Session

from oas_trafficking.env import files_from_url

KEY, SECRET, REGION, BUCKET = "of-the-test", "not-a-secret", "us-east-1", "portal-files"


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """Its address, with an empty private bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as out, subprocess.Popen(argv, stdout=out, stderr=out, env=_without_a_proxy()) as process:
        try:
            _wait_for(port, process)
            address = f"http://127.0.0.1:{port}"
            keeper = client(address)
            keeper.create_bucket(Bucket=BUCKET)
            keeper.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
            yield address
        finally:
            process.kill()


def _without_a_proxy() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _turn in range(300):
        assert process.poll() is None, "the server has ended"
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def client(address: str) -> Any:
    """The keeper of the bucket, beside the portal."""
    login = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
    return Session().create_client("s3", endpoint_url=address, region_name=REGION, **login)


def storages(settings: Any, address: str, monkeypatch: Any, prefix: str) -> dict[str, Any]:
    """What the settings would be."""
    monkeypatch.setenv("OAS_FILES_KEY", KEY)
    monkeypatch.setenv("OAS_FILES_SECRET", SECRET)
    url = f"s3://{BUCKET}/{prefix}?endpoint={address}&region={REGION}"
    return {**settings.STORAGES, "default": files_from_url(url)}
