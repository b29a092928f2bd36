"""Documents as PDF, tagged for PDF/UA-1, from templates of ours. Only a worker writes them: WeasyPrint is imported
here and late."""

import gc
import io
import mimetypes
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

# Not a place on the network: the name under which the stylesheet and the font ask for our static files.
BASE_URL = "https://static.invalid/"


def write_pdf(template: str, context: Mapping[str, Any], *, moment: datetime) -> bytes:
    """The document in the language that is active. The same data give the same bytes: `moment` is the data's time."""
    with _few_collections():
        html = render_to_string(template, dict(context))
        with _font_time(moment):
            document = _weasyprint().HTML(string=html, base_url=BASE_URL, url_fetcher=_static_fetcher())
            plain = document.write_pdf(pdf_variant="pdf/ua-1")
        return _finish(plain)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Layout makes a million objects that all live until the file is written: looking through them for garbage every
    700 is an eighth of the work and finds none (docs/adr/0207)."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _font_time(moment: datetime) -> Iterator[None]:
    """The embedded fonts carry a time; with this variable it is that of the data, not of this run."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
    try:
        yield
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _weasyprint() -> Any:
    import weasyprint

    return weasyprint


@cache
def _static_fetcher() -> Any:
    """A fetcher that reads our own static files and nothing else: no network, no other file."""
    urls = _weasyprint().urls

    class StaticFetcher(urls.URLFetcher):  # type: ignore[misc,name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = static_path(url)
            if path is None:
                raise urls.FatalURLFetchingError(f"A document may not load {url}")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return StaticFetcher()


def static_path(url: str) -> Path | None:
    """The static file a URL of a document stands for; none for every other URL."""
    if not url.startswith(BASE_URL):
        return None
    name = unquote(urlsplit(url).path).lstrip("/")
    found = finders.find(name) if ".." not in name else None
    return Path(found) if found else None


def _finish(plain: bytes) -> bytes:
    """Add the scope of header cells, which WeasyPrint leaves out, and take away what changes from run to run."""
    import pikepdf

    with pikepdf.open(io.BytesIO(plain)) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/TH":
                _add_scope(item)
        output = io.BytesIO()
        document.save(output, deterministic_id=True, compress_streams=True, linearize=False)
    return output.getvalue()


def _add_scope(header: Any) -> None:
    import pikepdf

    attributes = header.get("/A")
    if attributes is None:
        attributes = header["/A"] = pikepdf.Dictionary(O=pikepdf.Name.Table)
    row_head = header.get("/P", {}).get("/P", {}).get("/S") == "/TBody"
    attributes["/Scope"] = pikepdf.Name.Row if row_head else pikepdf.Name.Column
