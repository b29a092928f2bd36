"""A mail to those who run the portal when something is not as it must be. Sent by the relay, which needs no broker."""

from contextlib import suppress

from django.core.cache import cache
from django.core.mail import mail_admins
from django.utils.translation import gettext as _

from core.doctor import FAIL, QUICK, Finding, examine

AGAIN_AFTER = 3600  # seconds: one mail an hour about the same trouble


def watch() -> list[Finding]:
    """What was told now. Without the cache, which may be what is broken, it is told each time."""
    told = [finding for finding in examine(QUICK) if finding.level == FAIL and _is_news(finding)]
    if told:
        _tell(told)
    return told


def _tell(findings: list[Finding]) -> None:
    lines = "\n".join(f"{finding.name}: {finding.text}" for finding in findings)
    try:
        mail_admins(_("The portal needs attention"), lines)
    except Exception:
        for finding in findings:  # nobody was told: it is news again at the next look
            _forget(finding)
        raise


def _is_news(finding: Finding) -> bool:
    try:
        return bool(cache.add(_key(finding), 1, AGAIN_AFTER))
    except Exception:
        return True


def _forget(finding: Finding) -> None:
    with suppress(Exception):
        cache.delete(_key(finding))


def _key(finding: Finding) -> str:
    return f"watch:{finding.name}"
