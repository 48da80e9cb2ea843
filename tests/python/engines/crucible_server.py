"""Crucible, with what version 0.1.0a2 lacks of what our builds send to BigQuery: `delete` and transactions.

It runs in the emulator's own environment: `crucible_server.py serve --dialect bigquery --port …`.
"""

import sys

from crucible.cli import main
from crucible.dialects.bigquery import metadata, statements
from crucible.dialects.bigquery.generator import generate
from crucible.dialects.bigquery.translate import outer_selects, prepare
from crucible.engine import CommandPlan, Result, pipeline
from crucible.engine.catalog import qualified
from sqlglot import exp

CONTROL = {exp.Transaction: "begin", exp.Commit: "commit", exp.Rollback: "rollback"}

known_plan, known_execute = statements._plan, pipeline.Pipeline.execute


def plan(tree, ctx):
    if isinstance(tree, exp.Delete):
        return deletion(tree, ctx)
    if type(tree) in CONTROL:
        return control(CONTROL[type(tree)])
    return known_plan(tree, ctx)


def deletion(tree, ctx):
    """The condition is translated as a column of a query over the table."""
    table = metadata.find_table(ctx, metadata.name_of(tree.this, ctx))
    alias = tree.this.alias or table.name
    condition = exp.alias_(tree.args["where"].this.copy(), "is_gone")
    query = exp.select(condition).from_(exp.alias_(tree.this.copy(), alias, table=True))
    [select] = outer_selects(prepare(query, ctx).query)
    name = qualified(table.catalog, table.schema, table.name)
    translated = f"delete from {name} as {qualified(alias)} where {generate(select.expressions[0].this)}"
    return statements.run_sql(translated, "DELETE", ctx, returns_rows=False)


def control(verb):
    def run(ctx):
        getattr(ctx, verb)()
        return Result(f"{verb}_transaction".upper())

    return CommandPlan(run, f"{verb}_transaction".upper())


def execute(self, session, sql, params=None):
    """What a script that fails has not committed is undone."""
    try:
        return known_execute(self, session, sql, params)
    except Exception:
        if session.transaction is not None:
            session.transaction.execute("rollback")
            session.transaction.close()
            session.transaction = None
        raise


statements._plan = plan
pipeline.Pipeline.execute = execute

if __name__ == "__main__":
    sys.exit(main())
