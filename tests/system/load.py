"""Many people at once, for minutes: what fails, what leaks, and whether memory grows.

Run by `./portal load` against a freshly seeded stack: python tests/system/load.py http://localhost:PORT
Each simulated person follows the links of the pages they get, as whoever they are: readers without an account, the
contributors of all States, the Secretariat, a partner, case workers. Every contributor first writes a text of their own
into a draft; a case worker's list gives the codes of cases. Each answer is searched for what that person may not see.
"""

import argparse
import http.client
import random
import re
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.testing import record_proof  # noqa: E402
from tests.system.http_browser import Browser  # noqa: E402
from tests.system.smoke import Walk  # noqa: E402

LINK = re.compile(rb'<a[^>]+href="(/[^"#]+)')
LEAVE = re.compile(
    r"/(account|mfa|language|jobs)/|/logout|/receipt/|/export|/card/|/spreadsheet/|/files?/|\.\w+$|/api/"
)
CASE_CODE = re.compile(r"\b[A-Z]{2}-[2-9A-Z]{4}-[2-9A-Z]{2}\b")
LANGUAGES = ("es", "en", "fr", "pt-br")
# Of a hundred people; whoever is left reads without an account.
SHARES = {"contributor": 45, "secretariat": 7, "partner": 3, "case worker": 3}
ONE_PERSON_EVERY = 18.0  # seconds between two pages of one person, on average
PATIENCE = 30.0  # seconds for one answer


@dataclass
class Person:
    """An account and what it may see of what was planted; None: a reader without an account."""

    name: str
    language: str
    cookie: str = ""
    own: frozenset[bytes] = frozenset()
    home: str = "home/"


@dataclass
class Figures:
    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Crowd:
    def __init__(self, base: str, random_seed: int = 1) -> None:
        self.base = base
        self.host = urlsplit(base).netloc
        self.walk = Walk(base)
        self.planted: set[bytes] = set()
        self.figures = Figures()
        self.random = random.Random(random_seed)
        self.end = 0.0

    # --- who -------------------------------------------------------------------------------------

    def gather(self, states: list[str]) -> dict[str, list[Person]]:
        people: dict[str, list[Person]] = {"contributor": [self.contributor(state) for state in states]}
        people["secretariat"] = [self.signed_in("denise@oas.example", "en"), self.signed_in("didier@oas.example", "fr")]
        people["partner"] = [self.signed_in("paula@partner.example", "es")]
        people["case worker"] = [self.case_worker()]
        people["reader"] = [Person("reader", language, home="") for language in LANGUAGES]
        return people

    def signed_in(self, email: str, language: str, own: frozenset[bytes] = frozenset()) -> Person:
        return Person(email, language, _cookies(self.sign_in(email, language)), own)

    def sign_in(self, email: str, language: str) -> Browser:
        """All come from one address, and so many sign-ins in a minute are turned away: then they wait."""
        for _attempt in range(20):
            try:
                return self.walk.sign_in(email, language)
            except AssertionError as refusal:
                if "429" not in str(refusal):
                    raise
                time.sleep(15)
        raise LookupError(f"{email} is not let in")

    def contributor(self, state: str) -> Person:
        """Writes a text that nobody of another State may ever get."""
        email, language = f"contributor@{state.lower()}.example", LANGUAGES[sum(state.encode()) % 4]
        browser = self.sign_in(email, language)
        mark = f"CNRY-LOAD-{state}-{self.random.randrange(10**9)}"
        reference = f"{state}-2014-1"
        page = browser.get(f"/{language}/reports/{reference}/", expect=200)
        codes = sorted(set(re.findall(rf"/reports/{reference}/([A-Z]{{3}}-\d\d)/", page.text)))
        if codes:
            browser.get(f"/{language}/reports/{reference}/{codes[0]}/")
            if any("narrative" in form.names for form in browser.page.parsed.forms):  # type: ignore[union-attr]
                browser.submit(having="narrative", button="exit", narrative=mark, status="partial")
                self.planted.add(mark.encode())
        return Person(email, language, _cookies(browser), frozenset({mark.encode()}))

    def case_worker(self) -> Person:
        browser = self.sign_in("diana@cr.example", "es")
        codes = {code.encode() for code in CASE_CODE.findall(browser.get("/es/cases/").words)}
        assert codes, "the case worker's list shows no code"
        self.planted |= codes
        return Person("diana", "es", _cookies(browser), frozenset(codes), "cases/")

    # --- what they do ----------------------------------------------------------------------------

    def run(self, people: dict[str, list[Person]], users: int, minutes: float) -> None:
        self.end = time.monotonic() + minutes * 60
        kinds = [kind for kind, share in SHARES.items() for _ in range(users * share // 100)]
        kinds += ["reader"] * (users - len(kinds))
        crowd = [people[kind][number % len(people[kind])] for number, kind in enumerate(kinds)]
        threads = [threading.Thread(target=self.live, args=(person, n)) for n, person in enumerate(crowd)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def live(self, person: Person, number: int) -> None:
        choose = random.Random(number)
        time.sleep(choose.uniform(0, ONE_PERSON_EVERY))
        home = f"/{person.language}/{person.home}"
        path = home
        while time.monotonic() < self.end:
            links = self.open(person, path)
            path = choose.choice(links) if links and choose.random() > 0.15 else home
            time.sleep(min(choose.expovariate(1 / ONE_PERSON_EVERY), max(self.end - time.monotonic(), 0)))

    def open(self, person: Person, path: str) -> list[str]:
        began = time.monotonic()
        try:
            status, location, body = self.fetch(person, path)
        except (OSError, http.client.HTTPException) as error:
            return self.note(path, 0, began, f"{type(error).__name__}")
        wrong = status >= 500 or status == 404 or "/account/login" in location
        self.note(path, status, began, f"{status} {location}" if wrong else "")
        found = [mark for mark in self.planted - person.own if mark in body]
        if found:
            with self.figures.lock:
                self.figures.leaks.append(f"{person.name} {path}: {found[0].decode()}")
        links = {link.decode().replace("&amp;", "&") for link in LINK.findall(body)}
        return sorted(link for link in links if not LEAVE.search(link))

    def fetch(self, person: Person, path: str) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Cookie": person.cookie} if person.cookie else {})
            answer = connection.getresponse()
            location = urljoin(self.base, answer.getheader("Location") or "") if answer.status in (301, 302) else ""
            return answer.status, location, answer.read()
        finally:
            connection.close()

    def note(self, path: str, status: int, began: float, wrong: str) -> list[str]:
        figures = self.figures
        with figures.lock:
            figures.answers[status] += 1
            figures.seconds.append(time.monotonic() - began)
            if wrong:
                figures.errors.append(f"{path}: {wrong}")
        return []


def _cookies(browser: Browser) -> str:
    jar = next(handler.cookiejar for handler in browser._opener.handlers if hasattr(handler, "cookiejar"))
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


# --- memory -------------------------------------------------------------------------------------------


class Memory(threading.Thread):
    """The share of memory of each part with all its children, every ten seconds, in megabytes."""

    def __init__(self, parts: dict[str, int]) -> None:
        super().__init__(daemon=True)
        self.parts = parts
        self.samples: dict[str, list[tuple[float, float]]] = {name: [] for name in parts}

    def run(self) -> None:
        while True:
            for name, pid in self.parts.items():
                self.samples[name].append((time.monotonic(), sum(_megabytes(each) for each in _family(pid))))
            time.sleep(10)

    def growth_percent(self) -> dict[str, float]:
        """The last sixth against the second sixth: what is loaded at first use is there by then."""
        found = {}
        for name, samples in self.samples.items():
            sixth = len(samples) // 6
            early = statistics.median(size for _, size in samples[sixth : 2 * sixth])
            late = statistics.median(size for _, size in samples[-sixth:])
            found[name] = round((late / early - 1) * 100, 1)
        return found


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        below = [int(each) for each in children.read_text().split()]
    except OSError:
        return []
    return [pid, *(member for child in below for member in _family(child))]


def _megabytes(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) / 1024  # type: ignore[index]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--states", nargs="+", required=True)
    parser.add_argument("--parts", nargs="*", default=[], help="name=pid of what is watched for memory")
    given = parser.parse_args()
    crowd = Crowd(given.base)
    people = crowd.gather(given.states)
    memory = Memory({name: int(pid) for name, _, pid in (part.partition("=") for part in given.parts)})
    memory.start()
    print(f"{given.users} people for {given.minutes:g} minutes; {len(crowd.planted)} texts planted", flush=True)
    crowd.run(people, given.users, given.minutes)
    return _report(crowd.figures, memory, given.users, given.minutes, len(crowd.planted))


def _report(figures: Figures, memory: Memory, users: int, minutes: float, planted: int) -> int:
    requests = sum(figures.answers.values())
    slow = statistics.quantiles(figures.seconds, n=100)
    for line in (figures.errors + figures.leaks)[:20]:
        print(line)
    record_proof(
        "load",
        users=users,
        minutes=minutes,
        requests=requests,
        errors=len(figures.errors),
        leaks=len(figures.leaks),
        planted=planted,
        median_ms=round(slow[49] * 1000),
        p95_ms=round(slow[94] * 1000),
        answers={str(status): count for status, count in sorted(figures.answers.items())},
    )
    growth = memory.growth_percent() if minutes >= 3 else {}
    if growth:
        record_proof("soak", minutes=minutes, growth_percent=max(growth.values()), parts=growth)
    print(f"{requests} requests, {len(figures.errors)} errors, {len(figures.leaks)} leaks, growth {growth}")
    return int(len(figures.errors) > requests / 1000 or bool(figures.leaks))


if __name__ == "__main__":
    raise SystemExit(main())
