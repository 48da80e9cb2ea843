"""Google's own analyser of SQL, ZetaSQL: names, types and functions as BigQuery checks them.

It does not know what BigQuery refuses only when it runs: an outer join without an equality, too many
partitions.
"""

import re

from zetasql.api import Analyzer, CatalogBuilder, TableBuilder
from zetasql.types import (
    AnalyzerOptions,
    LanguageOptions,
    ProductMode,
    TypeKind,
    ZetaSQLBuiltinFunctionOptions,
)

KINDS = {"INTEGER": "INT64", "FLOAT": "DOUBLE", "FLOAT64": "DOUBLE", "BOOLEAN": "BOOL"}
# BigQuery's own aliases of a type
ALIASES = re.compile(r"\bas (bigint|integer|int)\b")


class BigQueryAnalyser:
    """Analyses statements over tables, given as {name: {column: BigQuery's type}}."""

    def __init__(self, tables: dict[str, dict[str, str]]):
        language = LanguageOptions.maximum_features()
        language.product_mode = ProductMode.PRODUCT_EXTERNAL
        catalog = CatalogBuilder("warehouse")
        for name, columns in tables.items():
            table = TableBuilder(name)
            for column, kind in columns.items():
                table.add_column(column, getattr(TypeKind, f"TYPE_{KINDS.get(kind, kind)}"))
            catalog.add_table(table.build())
        catalog.with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=language))
        self.analyzer = Analyzer(AnalyzerOptions(language_options=language), catalog.build())

    def fault(self, sql: str) -> str | None:
        """Why BigQuery would refuse a statement, None where it would not."""
        sql = ALIASES.sub("as int64", re.sub(r"`\w+`\.`\w+`\.(`\w+`)", r"\1", sql))
        try:
            self.analyzer.analyze_statement(sql)
        except Exception as refused:
            return str(refused)
        return None
