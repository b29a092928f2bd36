"""The child: reads a workbook from standard input and writes its cells as JSON."""

from core.sandbox import confine

confine()

import sys  # noqa: E402 - nothing that parses is loaded before the limits are set

# openpyxl would load it if it were there, with threads that the limits forbid; no cell needs it.
sys.modules["numpy"] = None  # type: ignore[assignment]

from core.book.parse import as_json  # noqa: E402

sys.stdout.buffer.write(as_json(sys.stdin.buffer.read()))
