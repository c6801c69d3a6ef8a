"""Queries that are built once. Django puts a query together, writes its SQL and works out how to read its rows anew at every call; for the queries of
the desk that took twice the time that the database needed to answer. A kept query is written down as a function that returns a queryset, and
compiled when it is first called:

    _STATE = Kept(lambda agent: AgentState.objects.select_related("reason").filter(agent_id=agent))
    state = _STATE.first(user.pk)

- What is given by place (numbers, texts, moments, days, lists of them) fills the blanks of the SQL; what is given by name (a limit, whether something
  is asked) shapes it: one SQL is kept for each shape, so names take few different values.
- Numbers by place are keys and other wide ones: a column that is narrower (a rank, a priority) is given by name. With `narrow=True` they may be of columns of four bytes; who
  asks sees to it that they fit.
- A blank must reach the database as it was given. A lookup that rewrites it (icontains, __date, arithmetic) is refused with TypeError at the first call.
- Rows come back as the queryset gives them: models, tuples of `values_list`, or single values of a flat one. `prefetch_related` is refused.
- On PostgreSQL the statement is prepared, so the server plans it once for a connection too. Constants stand in the SQL itself, so that indexes with a
  condition fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

R = TypeVar("R")

LONGEST = 64
"""Lists longer than this are not kept: the query is built for the occasion."""

NONE = ("none", 0)
"""The form of an empty list: it shapes the query, since nothing is among nothing; most often there is none to ask."""

_SAMPLES: dict[type, Callable[[int], Any]] = {
    int: lambda at: 7_310_475_000_000_000_000 + at,
    str: lambda at: f"\u2060blank {at}\u2060",
    datetime: lambda at: datetime(4711, 1, 1, microsecond=at, tzinfo=UTC),
    date: lambda at: date(4711, 1, 1) + timedelta(at),
}
"""Values that nobody has, to be found again among the parameters of the compiled SQL."""


def _narrow(at: int) -> int:
    return 2_147_310_000 + at


def _kind(value: Any) -> type:
    for kind in (datetime, date, str, int):  # a moment is a day too, so it comes first
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind
    raise TypeError(f"a blank of a kept query takes numbers, texts, moments and days, not {value!r}; what shapes the query is given by name")


def _padded(values: Sequence[Any]) -> list[Any]:
    """As long as the next power of two, the last value repeated: a few lengths of SQL serve all lists."""
    size = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (size - len(values))]


class Kept(Generic[R]):
    def __init__(self, make: Callable[..., QuerySet[Any, R]], *, narrow: bool = False) -> None:
        self._make = make
        self._narrow = narrow
        self._compiled: dict[tuple[Any, ...], _Compiled] = {}

    def __call__(self, *given: Any, **shape: Any) -> list[R]:
        """The rows. One query."""
        blanks: list[Any] = []
        form: list[Any] = []
        for one in given:
            if not isinstance(one, list | tuple):
                blanks.append(one)
                form.append(_kind(one))
            elif not one:
                form.append(NONE)
            elif len(one) <= LONGEST:
                filled = _padded(one)
                blanks += filled
                form.append((_kind(one[0]), len(filled)))
            else:
                return list(self._make(*given, **shape))
        connection = connections[DEFAULT_DB_ALIAS]
        key = (connection.vendor, *form, *sorted(shape.items()))
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self._make, form, shape, connection, self._narrow)
        return compiled.run(blanks, connection)

    def first(self, *given: Any, **shape: Any) -> R | None:
        """The first row; the queryset says which that is, and had better be cut to one."""
        rows = self(*given, **shape)
        return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    """Empty: nothing can be found, and nothing is asked."""
    slots: tuple[tuple[int | None, Any], ...]
    """For each parameter the blank that fills it and how, or None and a constant."""
    read: Callable[[list[tuple[Any, ...]], BaseDatabaseWrapper], list[Any]]
    prepared: bool

    def run(self, blanks: list[Any], connection: BaseDatabaseWrapper) -> list[Any]:
        if not self.sql:
            return []
        parameters = [value if at is None else value(blanks[at]) for at, value in self.slots]
        with _prepared_cursor(connection) if self.prepared else connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            return self.read(cursor.fetchall(), connection)


def _compile(
    make: Callable[..., QuerySet[Any, Any]], form: list[Any], shape: dict[str, Any], connection: BaseDatabaseWrapper, narrow: bool = False
) -> _Compiled:
    samples: list[Any] = []
    given: list[Any] = []
    for one in form:
        if one == NONE:
            given.append([])
            continue
        kind, size = one if isinstance(one, tuple) else (one, 0)
        sample = _narrow if narrow and kind is int else _SAMPLES[kind]
        new = [sample(len(samples) + at) for at in range(size or 1)]
        samples += new
        given.append(new if size else new[0])
    rows = make(*given, **shape)
    if rows._prefetch_related_lookups or rows._known_related_objects:  # type: ignore[attr-defined]
        raise TypeError("a kept query has no prefetch_related and does not start from an object")
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        if NONE not in form:  # a number that its column cannot hold; on PostgreSQL an IntegerField takes less than keys are
            raise TypeError("this kept query never finds anything: numbers of small columns are given by name") from None
        return _Compiled("", (), lambda _found, _connection: [], False)
    slots = tuple(_slot(parameter, samples, connection) for parameter in parameters)
    if {at for at, _value in slots} - {None} != set(range(len(samples))):
        raise TypeError(f"a blank of this kept query does not reach the database as it was given: {sql}")
    prepared = connection.vendor == "postgresql"
    if prepared:
        sql, slots = _with_constants(sql, slots, connection)
    return _Compiled(sql, slots, _reader(rows, compiler, connection), prepared)


def _slot(parameter: Any, samples: list[Any], connection: BaseDatabaseWrapper) -> tuple[int | None, Any]:
    for at, sample in enumerate(samples):
        if isinstance(sample, int):
            if isinstance(parameter, int) and parameter == sample:
                return at, type(parameter)  # PostgreSQL's numbers say how wide they are
        elif isinstance(sample, datetime):
            if parameter == connection.ops.adapt_datetimefield_value(sample):
                return at, connection.ops.adapt_datetimefield_value
        elif isinstance(sample, date):
            if parameter == connection.ops.adapt_datefield_value(sample):
                return at, connection.ops.adapt_datefield_value
        elif parameter == sample:
            return at, str
    return None, parameter


def _with_constants(sql: str, slots: tuple[tuple[int | None, Any], ...], connection: BaseDatabaseWrapper) -> tuple[str, tuple[tuple[int | None, Any], ...]]:
    """The same with its constants written into the SQL."""
    from psycopg import sql as words

    parts = sql.split("%s")
    if len(parts) != len(slots) + 1:
        raise TypeError(f"a kept query cannot tell its blanks apart: {sql}")
    written = [parts[0]]
    for (at, value), rest in zip(slots, parts[1:], strict=True):
        written += ["%s" if at is not None else words.Literal(value).as_string(connection.connection).replace("%", "%%"), rest]
    return "".join(written), tuple(slot for slot in slots if slot[0] is not None)


@cache
def _prepared_class() -> type[Any]:
    from psycopg import Cursor

    class Prepared(Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **_more: Any) -> Any:
            return super().execute(query, params, prepare=True)

        def _send_query_prepared(self, name: bytes, pgq: Any, *, binary: bool | None = None) -> None:
            self._query = pgq  # where Django's log of queries looks for it
            super()._send_query_prepared(name, pgq, binary=binary)

    return Prepared


def _prepared_cursor(connection: Any) -> AbstractContextManager[Any]:
    """A cursor that binds at the server; looked after, counted and logged as Django's own are (`BaseDatabaseWrapper._cursor`)."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = _prepared_class()(connection.connection)
    made: AbstractContextManager[Any] = connection._prepare_cursor(cursor)
    return made


def _reader(
    rows: QuerySet[Any, Any], compiler: SQLCompiler, connection: BaseDatabaseWrapper
) -> Callable[[list[tuple[Any, ...]], BaseDatabaseWrapper], list[Any]]:
    """How rows of the database become what the queryset gives; as Django's own iterables, with all that does not change worked out before."""
    width = compiler.col_count if compiler.has_extra_select else None
    select = compiler.select[: compiler.col_count]
    converters = [(at, *how) for at, how in compiler.get_converters([column[0] for column in select]).items()]

    def converted(found: list[tuple[Any, ...]], connection: BaseDatabaseWrapper) -> Iterator[Sequence[Any]]:
        for row in found:
            values = list(row[:width])
            for at, steps, expression in converters:
                for step in steps:
                    values[at] = step(values[at], expression, connection)
            yield values

    kind: Any = rows._iterable_class
    if kind is FlatValuesListIterable and not converters:
        return lambda found, _connection: [row[0] for row in found]
    if kind is ValuesListIterable and not converters and width is None:
        return lambda found, _connection: found  # as the driver made them
    if kind is FlatValuesListIterable:
        return lambda found, connection: list(map(itemgetter(0), converted(found, connection)))
    if kind is ValuesListIterable:
        return lambda found, connection: list(map(tuple, converted(found, connection)))
    if kind is not ModelIterable:
        raise TypeError("a kept query gives models or values_list")
    known: Any = compiler.klass_info
    model, fields = known["model"], known["select_fields"]
    begin, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in select[begin:end]]
    populators = get_related_populators(known, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are a version ahead
    annotations = list((compiler.annotation_col_map or {}).items())

    def models(found: list[tuple[Any, ...]], connection: BaseDatabaseWrapper) -> list[Any]:
        made = []
        for row in converted(found, connection):
            one = model.from_db(DEFAULT_DB_ALIAS, names, row[begin:end])
            for populator in populators:
                populator.populate(row, one)
            for name, at in annotations:
                setattr(one, name, row[at])
            made.append(one)
        return made

    return models
