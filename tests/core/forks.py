"""Boots the portal once and forks relays and workers from there: a process to be killed is ready in no time.

A line of the input asks for one, a line of the output is its process. Each leads a session of its own.
"""

import os
import signal
import sys

import django
from celery import Celery
from django.core.management import call_command

from tests.core.shifted import mend_sleep


def start(words: list[str], app: Celery) -> None:
    """In the child, which never comes back from here."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if words[0] == "relay":
        call_command("relay", interval=float(words[1]))
    else:
        app.worker_main(words)


def main() -> None:
    mend_sleep()
    django.setup()
    from oas_trafficking.celery import app

    app.loader.import_default_modules()
    app.finalize()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once
    for line in sys.stdin:
        if pid := os.fork():
            print(pid, flush=True)
            continue
        try:
            start(line.split(), app)
        finally:
            os._exit(0)


if __name__ == "__main__":
    main()
