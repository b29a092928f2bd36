"""A form that is sent twice, by a double click or from the history of the browser, acts once.

Every page gets a form token of its own, masked anew each time ({% csrf_token %}): two posts with the same token,
address and content are one form sent twice. What stands in the row is a digest; nothing typed can be read from it.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from core.exceptions import PortalError
from core.models import SentForm

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of the field
REMEMBERED = timedelta(days=1)


def is_form(request: HttpRequest) -> bool:
    """Of a page, by somebody who is signed in. Scripts that ask for JSON count what they send themselves."""
    if request.method != "POST" or not request.user.is_authenticated:
        return False
    return "json" not in request.headers.get("Accept", "") and TOKEN in request.POST


def digest(request: HttpRequest) -> str:
    found = hashlib.sha256(f"{request.user.pk}\n{request.get_full_path()}\n{request.POST.urlencode()}".encode())
    uploads = cast("dict[str, UploadedFile[bytes]]", request.FILES.dict())
    for name, upload in uploads.items():
        found.update(f"\n{name}\n{upload.name}\n".encode())
        for piece in upload.chunks():
            found.update(piece)
        upload.seek(0)
    return found.hexdigest()


def claim(request: HttpRequest) -> tuple[SentForm, bool]:
    """(row, whether this is the first). A second one waits here until the first is answered."""
    user_id = cast(int, request.user.pk)
    forget_old(user_id)
    return SentForm.objects.get_or_create(key=digest(request), defaults={"user_id": user_id})


def claim_named(*, user_id: int, address: str, word: str, content: bytes) -> tuple[SentForm, bool]:
    """The same for a request that names itself (Idempotency-Key); PortalError for another text under its word."""
    forget_old(user_id)
    key = hashlib.sha256(f"{user_id}\n{address}\nnamed\n{word}".encode()).hexdigest()
    sent = hashlib.sha256(content).hexdigest()
    row, is_first = SentForm.objects.get_or_create(key=key, defaults={"user_id": user_id, "content": sent})
    if row.content != sent:
        raise PortalError("Another request was sent under this Idempotency-Key.")
    return row, is_first


def forget_old(user_id: int | None = None) -> None:
    """Of one person before their next; by the clock, of everybody."""
    old = SentForm.objects.filter(sent_at__lt=timezone.now() - REMEMBERED)
    (old if user_id is None else old.filter(user=user_id)).delete()


def settle(row: SentForm, response: HttpResponse) -> None:
    """What did not lead on, such as a form with an error or a second factor that is asked for, may be sent again."""
    if response.status_code == 302 and "/account/" not in response["Location"]:
        row.location = response["Location"]
        row.save(update_fields=["location"])
    else:
        row.delete()


class SentFormMiddleware:
    """The same form sent again is answered as the first time. Innermost: every check of access has been made before.

    One transaction holds what the view writes and the row that remembers it: there is never one without the other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_form(request):
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            row = getattr(request, "sent_form", None)
            if row is not None:
                settle(row, response)
            return response

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        if not is_form(request):
            return None
        row, is_first = claim(request)
        if not is_first:
            return HttpResponseRedirect(row.location)
        request.sent_form = row  # type: ignore[attr-defined]
        return None
