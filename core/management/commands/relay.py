"""Publish outbox messages to the broker until the database says done."""

import logging
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core.alive import leave_sign
from core.jobs import publish_due
from core.watch import watch

logger = logging.getLogger(__name__)
WATCH_SECONDS = 60


class Command(BaseCommand):
    help = "Publish outbox messages to the broker until the database says done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between two passes")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        watched = time.monotonic()
        while not stop.wait(options["interval"]):
            self.one_pass()
            leave_sign()
            if time.monotonic() - watched > WATCH_SECONDS:
                watched = time.monotonic()
                self.look_around()

    def one_pass(self) -> None:
        close_old_connections()
        try:
            publish_due()
        except (OperationalError, InterfaceError, BrokerError, RedisError, ConnectionError) as error:
            # Database or broker away, or without room: nothing is lost, the rows wait.
            logger.warning("Relay waits: %s", type(error).__name__)
            connection.close()

    def look_around(self) -> None:
        try:
            watch()
        except Exception as error:
            # The mail server, too, may be what is broken; publishing goes on.
            logger.warning("Nobody could be told: %s", type(error).__name__)
