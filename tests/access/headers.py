"""The headers that every answer carries, whatever it is."""

from django.http.response import HttpResponseBase

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# A file is handed out under a policy under which it could do nothing, were it opened in place.
POLICY_OF_FILES = {"default-src": "'none'", "sandbox": "", "frame-ancestors": "'none'"}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
REFERRER = {"no-referrer", "same-origin"}  # docs/adr on the referrer policy; never the whole address to others


def _directives(text: str) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in text.split(";") if part.strip())
    return {name: value for name, _space, value in parts}


def wrong_headers(response: HttpResponseBase, *, signed_in: bool) -> list[str]:
    """What is missing or weaker than agreed."""
    wrong = [name for name, value in FIXED.items() if response.headers.get(name) != value]
    if response.headers.get("Referrer-Policy") not in REFERRER:
        wrong.append("Referrer-Policy")
    is_file = response.headers.get("Content-Disposition", "").startswith("attachment")
    allowed = [POLICY, POLICY_OF_FILES] if is_file else [POLICY]
    if _directives(response.headers.get("Content-Security-Policy", "")) not in allowed:
        wrong.append("Content-Security-Policy")
    if "camera=()" not in response.headers.get("Permissions-Policy", ""):
        wrong.append("Permissions-Policy")
    if signed_in and "no-store" not in response.headers.get("Cache-Control", ""):
        wrong.append("Cache-Control")
    if not response.headers.get("X-Request-ID"):
        wrong.append("X-Request-ID")
    return wrong
