"""Reading files that people hand in: bytes in, checked rows out. Nothing here touches the database."""

from workplan.imports.catalogue import COLUMNS, read_catalogue
from workplan.imports.reports import Line, Reading, clean, read_report
from workplan.imports.tables import MAX_BYTES, MAX_ROWS, Fault, FaultyFile

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "MAX_ROWS",
    "Fault",
    "FaultyFile",
    "Line",
    "Reading",
    "clean",
    "read_catalogue",
    "read_report",
]
