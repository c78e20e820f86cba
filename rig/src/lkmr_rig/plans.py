"""Plans of the statements that repositories run, for tests over many rows."""

from collections.abc import Awaitable, Iterator
from typing import Any

import asyncpg
import orjson
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call] # no types there


class _Nothing:
    """The answer of a database without rows."""

    def first(self) -> None:
        return None

    def mappings(self) -> "_Nothing":
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class Recorder:
    """A connection that keeps statements and runs none of them."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, list[Any]]] = []

    async def execute(self, statement: Any, values: Any = None) -> _Nothing:
        """Keep a statement as the driver would get it."""
        kwargs = {"render_postcompile": True}
        compiled = statement.compile(dialect=_DIALECT, compile_kwargs=kwargs)
        given = {**compiled.params, **(values or {})}
        order = [given[name] for name in compiled.positiontup or ()]
        self.statements.append((str(compiled), order))
        return _Nothing()

    async def scalar(self, statement: Any, values: Any = None) -> None:
        """The same, with one value as the answer."""
        await self.execute(statement, values)


async def statements_of(recorder: Recorder, work: Awaitable[object]) -> list[tuple[str, list[Any]]]:
    """What a method of a repository over the recorder runs, up to its first look at a row."""
    recorder.statements.clear()
    await work
    return list(recorder.statements)


async def plan_of(connection: asyncpg.Connection, statement: str, *values: Any) -> set[str]:
    """Kinds of scans with the relation that each reads, and whether all is sorted."""
    found = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *values)
    kinds: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        if node["Node Type"] == "Sort":
            kinds.add("Sort")
        if "Relation Name" in node or "Index Name" in node:
            kinds.add(f"{node['Node Type']} {node.get('Index Name', node.get('Relation Name'))}")
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(orjson.loads(found)[0]["Plan"])
    return kinds
