"""Building the documents of an evaluation; called by the task, never by a page."""

from evaluations.delivery.pipeline import build

__all__ = ["build"]
