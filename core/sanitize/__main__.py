"""The child: reads a file from standard input, writes one line of JSON and then the copy."""

from core.sandbox import confine

confine()

import json  # noqa: E402 - nothing that parses is loaded before the limits are set
import sys  # noqa: E402
from importlib import import_module  # noqa: E402

from core.sanitize.kinds import KINDS, Refused  # noqa: E402


def main(kind: str) -> None:
    module = import_module(f"core.sanitize.{KINDS[kind].module}")
    head: dict[str, object] = {"refused": "", "removed": []}
    body = b""
    try:
        body, removed = module.clean(kind, sys.stdin.buffer.read())
        head["removed"] = sorted(removed)
    except Refused as refusal:
        head["refused"] = refusal.code.value
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + body)


main(sys.argv[1])
