"""Publish outbox messages to the broker until the database says done."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from kombu.exceptions import OperationalError as BrokerError

from core.jobs import publish_due

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Publish outbox messages to the broker until the database says done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between two passes")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.wait(options["interval"]):
            self.one_pass()

    def one_pass(self) -> None:
        close_old_connections()
        try:
            publish_due()
        except (OperationalError, InterfaceError, BrokerError, ConnectionError) as error:
            # Database or broker away: nothing is lost, the rows wait.
            logger.warning("Relay waits: %s", type(error).__name__)
            connection.close()
