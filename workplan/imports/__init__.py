"""Reading files that people hand in: bytes in, checked rows out. Nothing here touches the database."""

from workplan.imports.catalogue import COLUMNS, read_catalogue
from workplan.imports.reports import Line, Reading, clean, in_all_languages, plain, read_report
from workplan.imports.tables import (
    MAX_BYTES,
    MAX_ROWS,
    Choose,
    Columns,
    Fault,
    FaultyFile,
    Table,
    header_faults,
    read_tables,
    refuse,
    shape_faults,
)

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "MAX_ROWS",
    "Choose",
    "Columns",
    "Fault",
    "FaultyFile",
    "Line",
    "Reading",
    "Table",
    "clean",
    "header_faults",
    "in_all_languages",
    "plain",
    "read_catalogue",
    "read_report",
    "read_tables",
    "refuse",
    "shape_faults",
]
