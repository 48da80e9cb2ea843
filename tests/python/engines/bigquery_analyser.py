"""Google's own analyser of SQL, ZetaSQL: names, types and functions as BigQuery checks them.

It does not know what BigQuery refuses only when it runs: an outer join without an equality, too many
partitions, a transaction in the way of another.
"""

import re

from google.protobuf.message import DecodeError
from zetasql.api import Analyzer, CatalogBuilder, PreparedQuery, TableBuilder, create_table_content
from zetasql.types import (
    AnalyzerOptions,
    LanguageOptions,
    ParseResumeLocation,
    ProductMode,
    TypeKind,
    ZetaSQLBuiltinFunctionOptions,
)

KINDS = {"INTEGER": "INT64", "FLOAT": "DOUBLE", "FLOAT64": "DOUBLE", "BOOLEAN": "BOOL"}
# BigQuery's own aliases of a type
ALIASES = re.compile(r"\b(bigint|integer)\b(?=\s*([),]|not null))")


class BigQueryAnalyser:
    """Analyses statements over tables, given as {name: {column: BigQuery's type}}."""

    def __init__(self, tables: dict[str, dict[str, str]]):
        language = LanguageOptions.maximum_features()
        language.product_mode = ProductMode.PRODUCT_EXTERNAL
        language.supported_statement_kinds = []  # which is all of them
        self.language = language
        self.know(tables)

    def know(self, tables: dict[str, dict[str, str]]) -> None:
        """Learn what tables there are; the new rows of each come in one beside it."""
        catalog = CatalogBuilder("warehouse")
        for name, columns in tables.items():
            for beside in (name, f"{name}__dbt_tmp"):
                table = TableBuilder(beside)
                for column, kind in columns.items():
                    table.add_column(column, getattr(TypeKind, f"TYPE_{KINDS.get(kind, kind)}"))
                catalog.add_table(table.build())
        catalog.with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=self.language))
        self.options, self.catalog = (
            AnalyzerOptions(language_options=self.language, default_timezone="UTC"),
            catalog.build(),
        )
        self.analyzer = Analyzer(self.options, self.catalog)

    def fault(self, sql: str) -> str | None:
        """Why BigQuery would refuse a statement or a script of several, None where it would not."""
        script = ALIASES.sub("int64", re.sub(r"`\w+`\.`\w+`\.(`\w+`)", r"\1", sql)).strip()
        place = ParseResumeLocation(input=script, byte_position=0)
        try:
            while place.byte_position < len(script.encode()):
                statement = self.analyzer.analyze_next_statement(place)
                for output in getattr(statement, "output_column_list", ()):
                    if output.column.type.type_kind == TypeKind.TYPE_STRUCT:
                        return f"{output.name} is a whole row: a table of the query has its name"
        except DecodeError:
            # What it says of a long query that it accepts may nest too deep to be read, a refusal never does.
            # Only where the statement ends is unknown then.
            return "too long for a script of several statements" if "begin transaction" in script else None
        except Exception as refused:
            return str(refused)
        return None

    def answers(self, query: str, table: str, rows: list[list]) -> list[list[str | None]]:
        """What Google's reference implementation answers a query for columns of text, over a table's rows."""
        prepared = (
            PreparedQuery.builder().set_sql(ALIASES.sub("int64", query)).set_analyzer_options(self.options)
        )
        prepared.set_catalog(self.catalog).set_table_content({table: create_table_content(rows)})
        with prepared.prepare() as ready:
            found = ready.execute().content.table_data.row
        return [[cell.string_value for cell in row.cell] for row in found]
