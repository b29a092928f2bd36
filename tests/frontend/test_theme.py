"""The build, its weight, and the contrast of the palette."""

import gzip
import json
import re
from pathlib import Path

import pytest

from core.testing import record_proof
from tests.frontend.conftest import ROOT

VENDOR = ROOT / "static/vendor"
KB = 1024


def gz(path: Path) -> float:
    return len(gzip.compress(path.read_bytes(), 9)) / KB


def test_the_lock_file_names_no_registry_and_versions_are_exact() -> None:
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    wanted = json.loads((ROOT / "frontend/package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_the_theme_is_ours() -> None:
    css = (VENDOR / "portal-base.css").read_text()
    assert "GDS Transport" not in css
    assert "crest" not in css
    assert "sourceMappingURL" not in css + (VENDOR / "govuk-frontend.min.js").read_text()
    # Everything the style sheet asks for lies beside it, at no absolute or foreign address.
    urls = {url.strip("\"'") for url in re.findall(r"url\(([^)]+)\)", css)}
    assert [url for url in urls if not (VENDOR / url).is_file()] == []
    assert (VENDOR / "LICENSES.txt").read_text().count("Copyright") >= 3


def test_weight_stays_in_its_budget() -> None:
    css = gz(VENDOR / "portal-base.css") + gz(ROOT / "static/css/portal.css")
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    own = gz(ROOT / "static/js/portal.js")
    script = gz(htmx) + gz(VENDOR / "govuk-frontend.min.js") + own
    font = (VENDOR / "public-sans.woff2").stat().st_size / KB
    record_proof(
        "page weight, KB gz", css=round(css, 1), script=round(script, 1), own=round(own, 1), font=round(font, 1)
    )
    assert css <= 28
    assert own <= 5
    assert script <= 35
    assert font <= 27


# --- contrast -------------------------------------------------------------


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def rules() -> dict[str, dict[str, str]]:
    css = re.sub(r"/\*.*?\*/", "", (ROOT / "static/css/portal.css").read_text(), flags=re.DOTALL)
    variables = dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{3,6})", css))
    css = re.sub(r"var\((--[\w-]+)\)", lambda match: variables.get(match[1], match[0]), css)
    found: dict[str, dict[str, str]] = {}
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        declarations = dict(re.findall(r"(?:^|;)\s*(background|color):\s*(#[0-9a-f]{3,6})", body))
        found.setdefault(selector.strip(), declarations)
    return found


@pytest.mark.parametrize("prefix", [".portal-tag--", ".portal-tile--", ".portal-badge", ".portal-strip"])
def test_text_on_its_own_ground_is_readable(prefix: str) -> None:
    pairs = {s: d for s, d in rules().items() if s.startswith(prefix) and {"background", "color"} <= set(d)}
    assert pairs
    assert {s: contrast(d["color"], d["background"]) for s, d in pairs.items() if contrast(**_pair(d)) < 4.5} == {}


def _pair(declarations: dict[str, str]) -> dict[str, str]:
    return {"one": declarations["color"], "other": declarations["background"]}


@pytest.mark.parametrize("ground", ["#ffffff", "#f3f6f9", "#eaf1f7", "#fff6ed", "#fdf0ef", "#f7f9fb"])
def test_the_two_text_colours_and_the_link_read_on_every_ground(ground: str) -> None:
    assert min(contrast(text, ground) for text in ("#15202b", "#475462", "#0b5394", "#b3261e")) >= 4.5


def test_contrast_can_fail() -> None:
    assert contrast("#ffffff", "#000") == pytest.approx(21)
    assert contrast("#74add6", "#ffffff") < 4.5
