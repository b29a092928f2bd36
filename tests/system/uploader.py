"""A person who attaches files, over HTTP."""

import hashlib
import io
import itertools
import urllib.request
import uuid

from PIL import Image

from tests.system.http_browser import Browser, Page

CODES = ("PRV-01", "PRV-02", "PRV-03", "PRO-01")
numbers = itertools.count()


class Uploader(Browser):
    """Somebody who is signed in and attaches files, at whichever web is named."""

    def __init__(self, signed_in: Browser) -> None:
        super().__init__(signed_in.base)
        jars = (h.cookiejar for h in signed_in._opener.handlers if isinstance(h, urllib.request.HTTPCookieProcessor))
        self.cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in next(jars))

    def _send(self, request: urllib.request.Request, expect: int | None) -> Page:
        self._opener = urllib.request.build_opener()  # no jar: a session is good at every web
        self._opener.addheaders = [("Cookie", self.cookie)]
        return super()._send(request, expect)

    def go(self, path: str) -> Page:
        return self._send(urllib.request.Request(self.base + path), None)

    def upload(self) -> tuple[Page, str]:
        """A new picture to one of the entries; (answer, SHA-256 of the picture)."""
        digest = self.choose()
        return self.again(), digest

    def choose(self) -> str:
        """The form as it stands before its button is pressed."""
        number = next(numbers)
        picture = io.BytesIO()
        Image.effect_noise((200, 200), 50 + number).save(picture, "PNG")
        self.content, self.code = picture.getvalue(), CODES[number % len(CODES)]
        page = self.go(f"/es/reports/CR-2014-1/{self.code}/evidence/")
        assert page.status == 200, (page.status, page.url, page.words[-200:])
        assert self.page is not None
        form = next(form for form in self.page.parsed.forms if "visibility" in form.names)
        self.fields = dict(form.fields) | {"type": "statistics", "title": f"Hoja {number}", "language": "es"}
        return hashlib.sha256(self.content).hexdigest()

    def again(self) -> Page:
        """The form, once or once more."""
        mark = uuid.uuid4().hex
        lines = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in self.fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="hoja.png"\r\n'
        body = "".join(lines).encode() + f"{head}Content-Type: image/png\r\n\r\n".encode()
        body += self.content + f"\r\n--{mark}--\r\n".encode()
        url = f"{self.base}/es/reports/CR-2014-1/{self.code}/evidence/"
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Origin": self.base, "Referer": url}
        return self._send(urllib.request.Request(url, body, headers), None)
