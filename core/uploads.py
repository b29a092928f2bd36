"""Limit of what is stored of an upload while it is still arriving."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler


class CappedUploadHandler(FileUploadHandler):
    """Passes a file on until it is over the limit and drops the rest.

    The form sees a file that is too large and says so; a connection that was cut off could say nothing.
    """

    passed = 0

    def new_file(self, *args: object, **kwargs: object) -> None:
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]
        self.passed = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.passed > settings.MAX_UPLOAD_BYTES:
            return None
        self.passed += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        return None  # the next handler has it


class InMemoryUploadHandler(MemoryFileUploadHandler):
    """Where records of victims may be sent, nothing of an upload is on a disk in clear, not for a moment.

    Behind the handler above, which ends each file at its limit; a request of many files is refused as a whole.
    """

    kept = 0

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.kept += len(raw_data)
        if self.kept > 3 * settings.MAX_UPLOAD_BYTES:
            raise RequestDataTooBig("The files of this request are too large")
        super().receive_data_chunk(raw_data, start)
