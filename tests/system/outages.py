"""Servers of a running portal that are killed and started again; only what this process started."""

import os
import signal
import time
import urllib.error
import urllib.request
from typing import Any

import psycopg2

from oas_trafficking.launcher import postgres
from oas_trafficking.launcher.stack import Stack

RECOVERY_SECONDS = 30


def status(port: int, page: str = "/en/get-help/") -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def ask(stack: Stack, sql: str, *values: object) -> Any:
    with psycopg2.connect(stack.owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchone()[0] if cursor.description else cursor.rowcount


def kill(stack: Stack, name: str) -> None:
    child = next(child for child in stack.supervisor.children if child.service.name == name)
    assert child.process.poll() is None
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    stack.supervisor.children.remove(child)


def start_again(stack: Stack, name: str) -> None:
    if name == "postgres":
        postgres.Cluster(stack.place, stack.env).start(stack.supervisor)
    else:
        stack._redis_url()


def until(wanted: object, question: object, seconds: int = RECOVERY_SECONDS) -> float:
    began = time.monotonic()
    while question() != wanted:  # type: ignore[operator]
        assert time.monotonic() - began < seconds, f"not {wanted} within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began
