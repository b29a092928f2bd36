"""What an attack looks for, and what it found."""

from dataclasses import dataclass, field
from typing import Any


class SolverFailed(Exception):
    """No answer is no proof of anything: neither of safety nor of a leak. The release is tried again."""


@dataclass(frozen=True)
class Target:
    """A count somebody could want to know: a cell or a total of one State or group, in one release's version."""

    release: int
    table: str
    area: str
    row: str
    column: str


@dataclass(frozen=True)
class Finding:
    target: Target
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


@dataclass
class Outcome:
    """What an attack found. `cells`: how many true counts were from 1 to 9."""

    cells: int = 0
    findings: list[Finding] = field(default_factory=list)
    solved: int = 0  # calls of the solver
    seen: list[Any] = field(default_factory=list)  # counts that fit everything told

    @property
    def recovered(self) -> int:
        return sum(finding.is_exact for finding in self.findings)

    @property
    def narrow(self) -> int:
        return sum(not finding.is_exact for finding in self.findings)

    def add(self, other: "Outcome") -> None:
        self.cells += other.cells
        self.findings += other.findings
        self.solved += other.solved
