"""The main job of the portal over HTTP, as the demo accounts: one line a step, stops at the first failure.

Run by `./portal smoke` against a freshly seeded stack: python tests/system/smoke.py http://localhost:PORT
Report, approve, return, resubmit, accept, evaluate; then all twelve documents are downloaded, opened and
checked for their language, their States and their figures, which are counted again from the pages.
"""

import csv
import hashlib
import hmac
import io
import re
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import openpyxl
import pypdf

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.testing import record_proof  # noqa: E402
from tests.system.http_browser import Browser, Page  # noqa: E402

PASSWORD = "Portal-de-prueba-2014"
REPORT = "CR-2014-1"
LANGUAGES = {"es": "Guatemala", "en": "Trinidad and Tobago", "fr": "Brésil", "pt-br": "Uruguai"}
# A word that only the document of that language holds.
MARKS = {
    "es": "Secretaría General",
    "en": "General Secretariat",
    "fr": "Secrétariat général",
    "pt-br": "Secretaria-Geral",
}
FORMATS = ("pdf", "docx", "xlsx")
PROBLEM_TEXT = "Texto de la prueba de humo, corregido."


def totp(email: str) -> str:
    """The code of the moment, from the secret that the demo gives each address (RFC 6238)."""
    return code_of(hashlib.sha256(f"demo:{email}".encode()).digest()[:20])


def code_of(key: bytes, steps_ahead: int = 0) -> str:
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + steps_ahead), "sha1").digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Walk:
    """The steps, in order; each prints its line when it is done."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.steps = 0
        self.documents = 0

    @contextmanager
    def step(self, sentence: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except Exception as error:
            print(f"FAILED  {sentence}: {error}", flush=True)
            record_proof("smoke", steps=self.steps, documents=self.documents, failed=1)
            raise SystemExit(1) from error
        self.steps += 1
        print(f"ok {time.monotonic() - started:6.1f} s  {sentence}", flush=True)

    def sign_in(self, email: str, language: str = "es") -> Browser:
        browser = Browser(self.base)
        browser.get(f"/{language}/account/login/")
        browser.submit(having="password", login=email, password=PASSWORD)
        page = browser.submit(having="code", code=totp(email), expect=None)
        if page.status == 422:  # a code is good once: wait for the next one
            time.sleep(31 - time.time() % 30)
            page = browser.submit(having="code", code=totp(email))
        assert "/home/" in page.url, f"{email} was not signed in: {page.status} {page.url} {page.words[-300:]}"
        return browser

    # --- the walk ---

    def run(self) -> None:
        with self.step("Ana signs in with password and code"):
            ana = self.sign_in("ana@cr.example")
        with self.step("she answers every activity that is not complete"):
            answered = self.answer_all(ana)
            assert answered > 0
        with self.step("she sends the report to the coordinator"):
            self.press(ana, f"/es/reports/{REPORT}/check/", "/step/send_to_coordinator/")
        with self.step("Carla of Guatemala cannot know that the report exists"):
            self.check_stranger()
        with self.step("Bruno approves it for Costa Rica"):
            bruno = self.sign_in("bruno@cr.example")
            self.approve(bruno)
        with self.step("Denise of the Secretariat asks a question and returns it"):
            denise = self.sign_in("denise@oas.example", "en")
            self.ask_and_return(denise)
        with self.step("Ana corrects the answer, replies and sends again"):
            self.correct(ana)
        with self.step("Bruno approves the second version"):
            self.approve(bruno)
        with self.step("Denise resolves the question and accepts"):
            self.accept(denise)
        with self.step("she asks for the evaluation and follows its job to the end"):
            address = self.evaluate(denise)
        with self.step("the twelve documents open, in their language, with their States and figures"):
            self.check_documents(denise, address)
        record_proof("smoke", steps=self.steps, documents=self.documents, failed=0)
        print(f"{self.steps} steps, {self.documents} documents, 0 failed")

    def answer_all(self, browser: Browser) -> int:
        page = browser.get(f"/es/reports/{REPORT}/")
        codes = sorted(set(re.findall(rf"/es/reports/{REPORT}/([A-Z]{{3}}-\d\d)/", page.text)))
        assert codes, "the task list holds no activity"
        return sum(self.answer(browser, code) for code in codes)

    def answer(self, browser: Browser, code: str, **values: object) -> bool:
        browser.get(f"/es/reports/{REPORT}/{code}/")
        defaults = {"status": "partial", "narrative": f"Texto de la prueba de humo, {code}."}
        form = next(form for form in browser.page.parsed.forms if "narrative" in form.names)  # type: ignore[union-attr]
        if ("completed", "yes") in form.fields and not values:
            return False
        browser.submit(having="narrative", button="exit", completed="yes", **{**defaults, **values})
        return True

    def press(self, browser: Browser, page: str, action: str) -> Page:
        """Press the button whose form is sent to that address."""
        browser.get(page)
        form = next(form for form in browser.page.parsed.forms if form.action.endswith(action))  # type: ignore[union-attr]
        token = dict(form.fields)["csrfmiddlewaretoken"]
        return browser.post(form.action, csrfmiddlewaretoken=token)

    def check_stranger(self) -> None:
        carla = self.sign_in("carla@gt.example")
        for path in (REPORT, f"{REPORT}/PRV-01", f"{REPORT}/history", "ZZ-2014-1"):
            carla.get(f"/es/reports/{path}/", expect=404)

    def approve(self, browser: Browser) -> None:
        browser.get(f"/es/reports/{REPORT}/approve/")
        page = browser.submit(having="seen", declaration="on")
        assert "/sent/" in page.url, page.url

    def ask_and_return(self, browser: Browser) -> None:
        browser.get("/en/review/")
        browser.get(browser.link(f"/review/{REPORT}/"))
        form = next(form for form in browser.page.parsed.forms if "ask-PRV-01-text" in form.names)  # type: ignore[union-attr]
        button = next(value for name, value in form.buttons if value.startswith("ask") and "PRV-01" in value)
        page = browser.submit(
            having="ask-PRV-01-text",
            button=button,
            **{"ask-PRV-01-field": "narrative", "ask-PRV-01-text": "Please say in which regions."},
        )
        assert "Please say in which regions." in page.text
        page = browser.submit(having="note", button="return", note="One question.")
        assert page.url.endswith("/en/review/"), page.url

    def correct(self, browser: Browser) -> None:
        self.answer(browser, "PRV-01", narrative=PROBLEM_TEXT)
        page = browser.get(f"/es/reports/{REPORT}/")
        address = re.search(rf"/es/reports/{REPORT}/questions/[0-9a-f-]+/", page.text)
        assert address, "the returned report shows no question"
        browser.get(address.group())
        browser.submit(having="text", text="En todas las provincias.")
        self.press(browser, f"/es/reports/{REPORT}/check/", "/step/send_to_coordinator/")

    def accept(self, browser: Browser) -> None:
        page = browser.get(f"/en/review/{REPORT}/")
        assert PROBLEM_TEXT in page.text
        resolve = next(value for form in page.parsed.forms for _, value in form.buttons if value.startswith("resolve"))
        browser.submit(having="note", button=resolve)
        page = browser.submit(having="note", button="accept")
        assert page.url.endswith("/en/review/"), page.url

    def evaluate(self, browser: Browser) -> str:
        page = browser.get("/en/evaluations/new/")
        rounds = dict(re.findall(r'value="(\d+)"[^>]*>\s*(?:<[^>]+>\s*)*([0-9]{4}-[12])', page.text))
        by_code = {code: key for key, code in rounds.items()} or round_keys(page)
        page = browser.submit(
            having="symbol",
            round=by_code["2014-1"],
            compared_round=by_code["2013-1"],
            symbol=f"RTP-IV/doc.{int(time.time()) % 900 + 6}/14",
            original_language="es",
        )
        address = page.url.removesuffix("preflight/")
        page = self.press(browser, address, "/build/")
        job = page.url
        assert "/jobs/" in job, job
        self.wait_for(lambda: self.documents_of(browser, address), seconds=300)
        return address

    def documents_of(self, browser: Browser, address: str) -> bool:
        page = browser.get(address)
        return all(f"/{language}.{format_}" in page.text for language in LANGUAGES for format_ in FORMATS)

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, f"not done after {seconds} s"
            time.sleep(1)

    # --- the documents ---

    def check_documents(self, browser: Browser, address: str) -> None:
        accepted = self.count_accepted(browser)
        for language in LANGUAGES:
            for format_ in FORMATS:
                page = browser.get(f"{address}{language}.{format_}")
                self.check_text(self.text_of(page.body, format_, language), language, accepted)
                self.documents += 1

    def text_of(self, body: bytes, format_: str, language: str) -> str:
        if format_ == "pdf":
            return pdf_text(body, language)
        return docx_text(body) if format_ == "docx" else xlsx_text(body)

    def check_text(self, text: str, language: str, accepted: int) -> None:
        assert MARKS[language] in text, f"{language}: {MARKS[language]!r} is missing"
        assert LANGUAGES[language] in text, f"{language}: the State {LANGUAGES[language]!r} is missing"
        assert re.search(rf"\b{accepted}\b", text), f"{language}: {accepted} accepted reports are not told"
        others = [mark for other, mark in MARKS.items() if other != language and mark in text]
        assert not others, f"{language}: holds words of another language: {others}"

    def count_accepted(self, browser: Browser) -> int:
        """Accepted reports of States in the round, counted from the submission page."""
        page = browser.get("/en/periods/2014-1/?status=accepted")
        return len(set(re.findall(r"/en/states/([A-Z]{2})/", page.text)))


def round_keys(page: Page) -> dict[str, str]:
    labels = re.findall(r'<label[^>]*for="id_round_(\d+)"[^>]*>\s*([^<]+?)\s*</label>', page.text)
    values = re.findall(r'<input[^>]*name="round"[^>]*value="(\d+)"', page.text)
    return {label.split()[0]: values[int(index)] for index, label in labels}


def pdf_text(body: bytes, language: str) -> str:
    document = pypdf.PdfReader(io.BytesIO(body))
    assert document.trailer["/Root"]["/Lang"].lower() == language, document.trailer["/Root"]["/Lang"]
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"], "the PDF is not tagged"
    return " ".join(" ".join(page.extract_text() for page in document.pages).split())


def docx_text(body: bytes) -> str:
    document = docx.Document(io.BytesIO(body))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return " ".join(" ".join([*(paragraph.text for paragraph in document.paragraphs), *cells]).split())


def xlsx_text(body: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    out = io.StringIO()
    writer = csv.writer(out)
    for sheet in book.worksheets:
        writer.writerows(sheet.iter_rows(values_only=True))
    return " ".join(out.getvalue().split())


if __name__ == "__main__":
    Walk(sys.argv[1]).run()
