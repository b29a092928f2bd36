"""A small browser over HTTP for walks through the portal without JavaScript: links, forms, cookies, downloads."""

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar


@dataclass
class Form:
    action: str
    method: str
    id: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)  # radios, checkboxes and options by name

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.fields} | set(self.choices) | {name for name, _ in self.buttons}


@dataclass
class Page:
    url: str
    status: int
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def parsed(self) -> "_PageParser":
        parser = _PageParser()
        parser.feed(self.text)
        return parser

    @property
    def words(self) -> str:
        """The visible text, blanks folded."""
        return " ".join(" ".join(self.parsed.texts).split())


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self._form: Form | None = None
        self._link: str | None = None
        self._link_text: list[str] = []
        self._textarea: str | None = None
        self._textarea_text = ""
        self._textarea_form: Form | None = None
        self._select: str | None = None
        self._hidden_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {key: value or "" for key, value in attrs}
        if tag in {"script", "style"}:
            self._hidden_depth += 1
        elif tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get").lower(), a.get("id", ""))
            self.forms.append(self._form)
        elif tag == "a" and "href" in a:
            self._link, self._link_text = a["href"], []
        elif "name" in a and "disabled" not in a and self._owner(a) is not None:
            self._control(tag, a)
        elif tag == "option" and self._form is not None and self._select:
            self._option(a)

    def _owner(self, a: dict[str, str]) -> Form | None:
        """The form around a control, or the one that its `form` attribute names."""
        if "form" in a:
            return next((form for form in self.forms if form.id == a["form"]), None)
        return self._form

    def _control(self, tag: str, a: dict[str, str]) -> None:
        owner = self._owner(a)
        assert owner is not None
        kind, name, value = a.get("type", "text"), a["name"], a.get("value", "")
        if tag == "textarea":
            self._textarea, self._textarea_text, self._textarea_form = name, "", owner
        elif tag == "select":
            self._select = name
            owner.choices.setdefault(name, [])
        elif tag == "button" or kind == "submit":
            owner.buttons.append((name, value))
        elif kind in {"radio", "checkbox"}:
            owner.choices.setdefault(name, []).append(value or "on")
            if "checked" in a:
                owner.fields.append((name, value or "on"))
        elif kind != "file":
            owner.fields.append((name, value))

    def _option(self, a: dict[str, str]) -> None:
        assert self._form is not None
        assert self._select is not None
        self._form.choices[self._select].append(a.get("value", ""))
        if "selected" in a:
            self._form.fields.append((self._select, a.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden_depth -= 1
        elif tag == "form":
            self._form = None
        elif tag == "a" and self._link is not None:
            self.links.append((self._link, " ".join("".join(self._link_text).split())))
            self._link = None
        elif tag == "textarea" and self._textarea and self._textarea_form is not None:
            self._textarea_form.fields.append((self._textarea, self._textarea_text.removeprefix("\n")))
            self._textarea = None
        elif tag == "select":
            self._close_select()

    def _close_select(self) -> None:
        """Without a selected option a browser sends the first one."""
        if self._form is not None and self._select:
            options = self._form.choices[self._select]
            if options and self._select not in {name for name, _ in self._form.fields}:
                self._form.fields.append((self._select, options[0]))
        self._select = None

    def handle_data(self, data: str) -> None:
        if self._hidden_depth:
            return
        if self._textarea is not None:
            self._textarea_text += data
        self.texts.append(data)
        if self._link is not None:
            self._link_text.append(data)


class Browser:
    """One person's session. Redirects are followed; every error status raises unless it is expected."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page: Page | None = None

    def get(self, path: str, *, expect: int = 200) -> Page:
        return self._send(urllib.request.Request(urllib.parse.urljoin(self._here, path)), expect)

    def submit(self, *, having: str, button: str = "", expect: int | None = 200, **values: object) -> Page:
        """Fill and send the first form on the page with a field or button called `having`."""
        assert self.page is not None
        form = next((form for form in self.page.parsed.forms if having in form.names), None)
        if form is None:
            raise LookupError(f"no form with a field {having!r} on {self.page.url}")
        pairs = [(name, value) for name, value in form.fields if name not in values]
        for name, value in values.items():
            items = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, str(item)) for item in items]
        if button:
            pairs.append(next(pair for pair in form.buttons if button in pair))
        url = urllib.parse.urljoin(self.page.url, form.action or self.page.url)
        data = urllib.parse.urlencode(pairs)
        if form.method == "get":
            return self._send(urllib.request.Request(f"{url.split('?')[0]}?{data}"), expect)
        request = urllib.request.Request(url, data.encode(), {"Origin": self.base, "Referer": self.page.url})
        return self._send(request, expect)

    def post(self, path: str, *, expect: int = 200, **values: str) -> Page:
        assert self.page is not None
        url = urllib.parse.urljoin(self.page.url, path)
        data = urllib.parse.urlencode(values).encode()
        return self._send(urllib.request.Request(url, data, {"Origin": self.base, "Referer": self.page.url}), expect)

    def link(self, ending: str) -> str:
        """Address of the first link whose path ends so."""
        assert self.page is not None
        for href, _ in self.page.parsed.links:
            if urllib.parse.urlsplit(href).path.endswith(ending):
                return href
        raise LookupError(f"no link ending in {ending!r} on {self.page.url}")

    @property
    def _here(self) -> str:
        return self.page.url if self.page else self.base

    def _send(self, request: urllib.request.Request, expect: int | None) -> Page:
        try:
            with self._opener.open(request, timeout=60) as response:
                self.page = Page(
                    response.url, response.status, response.headers.get("Content-Type", ""), response.read()
                )
        except urllib.error.HTTPError as error:
            self.page = Page(error.url or "", error.code, error.headers.get("Content-Type", ""), error.read())
        if expect is not None and self.page.status != expect:
            raise AssertionError(f"{self.page.url}: status {self.page.status}, expected {expect}")
        return self.page
