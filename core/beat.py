"""Celery's clock, for machines whose own clock is set back."""

from typing import Any

from celery.beat import PersistentScheduler

from core.alive import leave_sign


class Scheduler(PersistentScheduler):
    """Work that ran by a clock that was ahead would otherwise not run again before that day has come."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        leave_sign()
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # in the order of the clock that was wrong
        return float(super().tick(*args, **kwargs))
