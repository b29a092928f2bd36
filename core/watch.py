"""A mail to those who run the portal when something is not as it must be. Sent by the relay, which needs no broker."""

from django.core.cache import cache
from django.core.mail import mail_admins
from django.utils.translation import gettext as _

from core.doctor import FAIL, QUICK, Finding, examine

AGAIN_AFTER = 3600  # seconds: one mail an hour about the same trouble


def watch() -> list[Finding]:
    """What was told now. Without the cache, which may be what is broken, it is told each time."""
    told = [finding for finding in examine(QUICK) if finding.level == FAIL and _is_news(finding)]
    if told:
        lines = "\n".join(f"{finding.name}: {finding.text}" for finding in told)
        mail_admins(_("The portal needs attention"), lines)
    return told


def _is_news(finding: Finding) -> bool:
    try:
        return bool(cache.add(f"watch:{finding.name}", 1, AGAIN_AFTER))
    except Exception:
        return True
