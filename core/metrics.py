"""Figures for Prometheus: how many requests, how long, and what waits. Names of pages, never addresses or people."""

import hmac
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily

from core.doctor import FAIL, QUICK, examine
from core.models import OutboxMessage
from core.replica import READS

REQUESTS = Counter("portal_requests_total", "Requests answered", ["page", "method", "status"])
SECONDS = Histogram(
    "portal_request_seconds", "Time to answer", ["page"], buckets=(0.05, 0.1, 0.25, 0.5, 0.8, 1, 2, 5, 10)
)
access = logging.getLogger("core.access")


class MetricsMiddleware:
    """Counts each answer under the name of its page; one line in the log says the same."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        seconds = time.monotonic() - began
        match = request.resolver_match
        page = (match.view_name if match else "") or "none"  # an address could hold a name or a token
        method = request.method if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} else "other"
        REQUESTS.labels(page, method, response.status_code).inc()
        SECONDS.labels(page).observe(seconds)
        figures = {"page": page, "method": method, "status": response.status_code, "ms": round(seconds * 1000)}
        access.info("Request", extra={"figures": figures})
        return response


class Installation:
    """What is counted when it is asked for: the outbox, and the quick findings of the doctor."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        waiting = GaugeMetricFamily("portal_outbox_waiting", "Messages that wait for their work", labels=["queue"])
        oldest = GaugeMetricFamily("portal_outbox_oldest_seconds", "Age of the oldest of them", labels=["queue"])
        dead = GaugeMetricFamily("portal_outbox_dead", "Messages that were given up", labels=["queue"])
        for queue in queues():
            waiting.add_metric([queue.name], queue.waiting)
            oldest.add_metric([queue.name], queue.age.total_seconds())
            dead.add_metric([queue.name], queue.dead)
        yield from (waiting, oldest, dead)
        failing = GaugeMetricFamily("portal_check_failing", "1 where the doctor finds a fault", labels=["check"])
        for finding in examine(QUICK):
            failing.add_metric([finding.name], int(finding.level == FAIL))
        yield failing


@dataclass(frozen=True)
class QueueFigures:
    name: str
    waiting: int
    age: timedelta  # of the oldest that waits
    dead: int


def queues() -> list[QueueFigures]:
    """One query."""
    is_open = Q(done_at=None, dead_at=None)
    counted = OutboxMessage.objects.values_list("queue").annotate(
        waiting=Count("pk", filter=is_open),
        oldest=Min("created_at", filter=is_open),
        dead=Count("pk", filter=~Q(dead_at=None)),
    )
    now = timezone.now()
    return [
        QueueFigures(name, waiting, now - oldest if oldest else timedelta(), dead)
        for name, waiting, oldest, dead in counted.order_by("queue")
    ]


def given_up() -> QuerySet[OutboxMessage]:
    """For those who run the portal, who may see all of them; newest first."""
    return OutboxMessage.objects.exclude(dead_at=None).order_by("-dead_at").select_related("job")


def exposition() -> bytes:
    """All processes of this machine together, if PROMETHEUS_MULTIPROC_DIR names the folder they share."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
        registry.register(READS)
    registry.register(Installation())
    return generate_latest(registry)


def may_scrape(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), expected.encode())
