"""What the root sees of every request."""

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from oas_trafficking.services import record_refusal

logger = logging.getLogger(__name__)


class RefusalMiddleware:
    """Puts refusals into the audit trail, after the view's own transaction was rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in {403, 404}:
            try:
                record_refusal(request=request, response=response)
            except DatabaseError:
                # The answer is a refusal already: nothing is shown that was not recorded.
                logger.exception("A refusal could not be recorded")
        return response
