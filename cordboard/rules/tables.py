"""Decision tables: many rules of one shape, kept as the table that a person edits. Pure.

    {"inputs": [{"fact": "party.value_segment", "op": "in"}, {"fact": "party.country", "op": "is"}],
     "outputs": [{"do": "queue", "field": "queue"}, {"do": "priority", "field": "priority"}],
     "rows": [{"when": [["gold", "silver"], "NL"], "do": ["service", 2]},
              {"when": [null, "TH"], "do": ["orders", null], "enabled": false, "note": "until the office opens"}]}

A cell of `when` that is null (or left out at the end) asks nothing. Columns of `do` with the same `do` fill one action; an action none of whose cells is filled
is left out. For comparisons without a value (known, unknown) the cell is true or null. The rows are tried from the top, and one holds at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_ROWS = 5_000
MAX_COLUMNS = 40
NO_VALUE = frozenset({"known", "unknown"})


class WrongTable(ValueError):
    """Not a decision table; `path` says where, from the table on (".rows[3].when")."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class TableRow:
    number: int
    when: tuple[Any, ...]
    then: tuple[Any, ...]
    enabled: bool
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    inputs: tuple[tuple[str, str], ...]
    """(fact, comparison)"""
    outputs: tuple[tuple[str, str], ...]
    """(verb, field)"""
    rows: tuple[TableRow, ...]

    def conditions(self, row: TableRow) -> Iterator[tuple[int, dict[str, Any]]]:
        """(column, comparison) of the cells that ask something."""
        for place, ((fact, op), cell) in enumerate(zip(self.inputs, row.when, strict=False)):
            if cell is None or cell == "":
                continue
            yield place, {"fact": fact, "op": op} if op in NO_VALUE else {"fact": fact, "op": op, "value": cell}

    def actions(self, row: TableRow) -> Iterator[tuple[int, dict[str, Any]]]:
        """(first column, action) in the order of the columns."""
        made: dict[str, tuple[int, dict[str, Any]]] = {}
        for place, ((do, field), cell) in enumerate(zip(self.outputs, row.then, strict=False)):
            if cell is None or cell == "":
                continue
            _first, action = made.setdefault(do, (place, {"do": do}))
            if field:
                action[field] = cell
        yield from made.values()


def read_table(given: Any) -> Table:
    """The table, its shape checked (facts, comparisons and verbs are not). Raises WrongTable."""
    if not isinstance(given, Mapping):
        raise WrongTable("", "a decision table is an object with inputs, outputs and rows")
    for name in given:
        if name not in ("inputs", "outputs", "rows"):
            raise WrongTable(f".{name}", "not known here")
    inputs = _columns(given, "inputs", ("fact", "op"))
    outputs = _columns(given, "outputs", ("do", "field"))
    rows = given.get("rows")
    if not isinstance(rows, list):
        raise WrongTable(".rows", "a list of rows is expected")
    if len(rows) > MAX_ROWS:
        raise WrongTable(".rows", f"at most {MAX_ROWS} rows")
    return Table(inputs, outputs, tuple(_row(row, number, len(inputs), len(outputs)) for number, row in enumerate(rows)))


def _columns(given: Mapping[str, Any], name: str, fields: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    columns = given.get(name)
    if not isinstance(columns, list) or not columns or len(columns) > MAX_COLUMNS:
        raise WrongTable(f".{name}", f"a list of 1 to {MAX_COLUMNS} columns is expected")
    found = []
    for number, column in enumerate(columns):
        if not isinstance(column, Mapping) or not set(column) <= set(fields) or not all(isinstance(column.get(field, ""), str) for field in fields):
            raise WrongTable(f".{name}[{number}]", f"an object with {fields[0]} and {fields[1]} is expected")
        found.append((column.get(fields[0], ""), column.get(fields[1], "")))
    if len(set(found)) != len(found) and name == "outputs":
        raise WrongTable(f".{name}", "two columns fill the same field")
    return tuple(found)


def _row(row: Any, number: int, inputs: int, outputs: int) -> TableRow:
    path = f".rows[{number}]"
    if not isinstance(row, Mapping):
        raise WrongTable(path, "a row is an object with when and do")
    for name in row:
        if name not in ("when", "do", "enabled", "note"):
            raise WrongTable(f"{path}.{name}", "not known here")
    when, then, enabled, note = row.get("when", []), row.get("do", []), row.get("enabled", True), row.get("note", "")
    if not isinstance(when, list) or len(when) > inputs:
        raise WrongTable(f"{path}.when", f"a list of at most {inputs} cells is expected")
    if not isinstance(then, list) or len(then) > outputs:
        raise WrongTable(f"{path}.do", f"a list of at most {outputs} cells is expected")
    if not isinstance(enabled, bool):
        raise WrongTable(f"{path}.enabled", "true or false is expected")
    if not isinstance(note, str):
        raise WrongTable(f"{path}.note", "a text is expected")
    return TableRow(number, tuple(when), tuple(then), enabled, note)
