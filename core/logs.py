"""Logs for machines: one JSON object a line, with the request's id and without anything a person typed."""

import json
import logging
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from core.middleware import current_request_id

slow = logging.getLogger("core.slow_query")
LONGEST_SQL = 500


class JsonFormatter(logging.Formatter):
    """An error is told by its kind and place: its words may quote a row (`Key (email)=(…) already exists`)."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": current_request_id(),
            "message": record.getMessage(),
            **getattr(record, "figures", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in _frames(record)]
        return json.dumps(line, ensure_ascii=False, default=str)


def _frames(record: logging.LogRecord) -> list[traceback.FrameSummary]:
    trace = record.exc_info[2] if record.exc_info else None
    return list(traceback.extract_tb(trace))[-8:]


def time_queries(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Around every query: what took too long is logged with its placeholders, never with its values."""
    began = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.monotonic() - began
        if seconds > settings.SLOW_QUERY_SECONDS:
            slow.warning("Slow query", extra={"figures": {"ms": round(seconds * 1000), "sql": str(sql)[:LONGEST_SQL]}})


def watch_connection(sender: Any, connection: Any, **kwargs: Any) -> None:
    if time_queries not in connection.execute_wrappers:
        connection.execute_wrappers.append(time_queries)
