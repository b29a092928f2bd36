"""Building the documents of an evaluation, and mails about it; called by tasks, never by a page."""

from evaluations.delivery.notices import send_notice
from evaluations.delivery.pipeline import build, write_language, write_paper

__all__ = ["build", "send_notice", "write_language", "write_paper"]
