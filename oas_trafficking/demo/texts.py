"""Fictitious texts in the four languages, from data/demo."""

import json
import random
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data" / "demo"
FICTITIOUS: Mapping[str, tuple[str, str]] = {
    # National authority and ministry, where no verified body is known: nobody should take them for real.
    "es": ("Autoridad nacional (datos ficticios)", "Ministerio de Justicia (datos ficticios)"),
    "en": ("National authority (fictitious data)", "Ministry of Justice (fictitious data)"),
    "fr": ("Autorité nationale (données fictives)", "Ministère de la Justice (données fictives)"),
    "pt-br": ("Autoridade nacional (dados fictícios)", "Ministério da Justiça (dados fictícios)"),
}


@cache
def _load(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def invented_names(language: str) -> Iterator[str]:
    """Given and family names of the list, combined anew each time round."""
    people = _load("names")["people"][language.partition("-")[0]]
    for turn in count():
        for index, person in enumerate(people):
            yield f"{person['given']} {people[(index + 7 * turn) % len(people)]['family']}"


class Phrases:
    """Sentences of one language for one reporter and year; placeholders are filled in."""

    def __init__(self, language: str, rng: random.Random, **values: str) -> None:
        self.content = _load(f"narratives_{language.partition('-')[0]}")
        self.rng = rng
        self.values = {"authority": rng.choice(self.content["authorities"]), **values}

    def common(self, kind: str) -> str:
        return self._fill(self.rng.choice(self.content[kind]))

    def of_area(self, area: str, kind: str) -> str:
        return self._fill(self.rng.choice(self.content["areas"][area][kind]))

    def action(self, area: str) -> tuple[str, str]:
        """Kind and title of something carried out."""
        chosen = self.rng.choice(self.content["areas"][area]["actions"])
        return chosen["kind"], self._fill(chosen["title"])

    def _fill(self, text: str) -> str:
        return text.format(n=self.rng.randint(3, 28), **self.values)
