"""Parsers of strangers' files run in a process of their own, with limits the kernel keeps and nothing to steal.

The child gets the file on its standard input and has no environment: no keys, no database. Whatever happens
to it (a crash, too much memory, too much time) is a `SandboxFailed` here, never an error of the page or worker.
This module imports nothing of Django, since the child begins with it.
"""

import contextlib
import ctypes
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

MEMORY_BYTES = 512 * 1024 * 1024
SECONDS = 10
OUTPUT_BYTES = 64 * 1024 * 1024

_ROOT = Path(__file__).resolve().parent.parent
_CLONE_NEWUSER_NEWNET = 0x10000000 | 0x40000000
_LIMITS = {
    resource.RLIMIT_AS: MEMORY_BYTES,
    resource.RLIMIT_CPU: SECONDS,
    resource.RLIMIT_FSIZE: OUTPUT_BYTES,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_CORE: 0,
}


class SandboxFailed(Exception):
    """The child crashed, or needed more than it may have."""


def run(module: str, *args: str, source: bytes, seconds: float = SECONDS) -> bytes:
    """What `python -m module args` writes when it reads `source`. The module must call `confine` first of all."""
    command = [sys.executable, "-P", "-s", "-B", "-m", module, *args]
    environment = {"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as output:
        try:
            subprocess.run(  # noqa: S603 - our own interpreter and module; args are codes, never text of a user
                command,
                input=source,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=empty,
                timeout=seconds,
                check=True,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise SandboxFailed(type(error).__name__) from None  # never the command's data
        output.seek(0)
        return output.read()


def confine() -> None:
    """The child's first act, before any parser is loaded."""
    for limit, value in _LIMITS.items():
        resource.setrlimit(limit, (value, value))
    # A network of its own, with no way out. Where the kernel refuses, the limits above still hold.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_CLONE_NEWUSER_NEWNET)
