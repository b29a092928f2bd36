"""Linear programming with HiGHS: one model, many goals.

Only the goal changes from one question to the next, so the last answer is still a corner of the same body, and the
simplex method goes on from there. Starting anew for each goal took two to eight times as long.
"""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from indicators.delivery.attack.outcome import SolverFailed
from indicators.delivery.attack.system import Floats

FROM_NOTHING = {"presolve": "on", "simplex_strategy": 1}  # dual simplex
FROM_LAST = {"presolve": "off", "simplex_strategy": 4}  # primal simplex: the last corner is where it starts


@dataclass(frozen=True)
class Extra:
    """One more unknown, after all others, and what is known of it."""

    true: float
    rows: Any
    low: Floats
    high: Floats


class Solver:
    """Rows and unknowns of a system, as distances from the truth: `below` and `above` are the room there is."""

    def __init__(self, rows: Any, below: Floats, above: Floats, lowest: Floats, highest: Floats) -> None:
        self.width, self.height = rows.shape[1], rows.shape[0]
        self.columns = np.arange(self.width, dtype=np.int32)
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in {"output_flag": False, "threads": 1}.items():
            self.highs.setOptionValue(name, value)
        self.highs.passModel(_model(rows, below, above, lowest, highest))
        self._is_warm = False

    def minimize(self, goal: Floats) -> Floats:
        """A corner at which the goal is least."""
        self.highs.changeColsCost(self.width, self.columns, goal)
        return self._answer()

    def minimize_with(self, goal: Floats, extra: Extra, room: float, truth: Floats) -> Floats:
        """The same with one more unknown, which is gone afterwards."""
        sums = extra.rows @ np.append(truth, extra.true)
        self.highs.changeColsCost(self.width, self.columns, goal[:-1])
        self.highs.addCol(goal[-1], -min(extra.true, room), room, 0, np.array([], np.int32), np.array([]))
        for number, (low, high) in enumerate(zip(extra.low - sums, extra.high - sums, strict=True)):
            row = extra.rows[[number]]
            self.highs.addRow(low, high, row.nnz, row.indices.astype(np.int32), row.data)
        try:
            return self._answer()[: self.width]
        finally:
            self.highs.deleteRows(len(extra.low), np.arange(self.height, self.height + len(extra.low), dtype=np.int32))
            self.highs.deleteCols(1, np.array([self.width], dtype=np.int32))

    def _answer(self) -> Floats:
        if not (self._is_warm and self._found(FROM_LAST)):
            self.highs.clearSolver()
            if not self._found(FROM_NOTHING):
                raise SolverFailed(self.highs.modelStatusToString(self.highs.getModelStatus()))
            self._is_warm = True
        return np.array(self.highs.getSolution().col_value)

    def _found(self, options: dict[str, Any]) -> bool:
        for name, value in options.items():
            self.highs.setOptionValue(name, value)
        self.highs.run()
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _model(rows: Any, below: Floats, above: Floats, lowest: Floats, highest: Floats) -> Any:
    model, columns = highspy.HighsLp(), rows.tocsc()
    model.num_row_, model.num_col_ = rows.shape
    model.col_cost_ = np.zeros(rows.shape[1])
    model.col_lower_, model.col_upper_ = lowest, highest
    model.row_lower_, model.row_upper_ = below, above
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        columns.indptr,
        columns.indices,
        columns.data,
    )
    return model
