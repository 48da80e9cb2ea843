"""The warehouse as dbt sees it, for every script and on every engine.

    with open_warehouse(options) as warehouse:
        warehouse.rows("select criterion_name from {{ ref('pql_rules') }}")       # list of dicts
        warehouse.columns("select account_id from {{ ref('dim_accounts') }}")     # dict of numpy arrays

`options` come from a parser that `warehouse_parser()` made.
"""

from pql_tools.problems import WarehouseError
from pql_tools.warehouse.connection import (
    PACKAGE,
    Warehouse,
    WarehouseBusy,
    WritableWarehouse,
    open_warehouse,
)
from pql_tools.warehouse.options import find_profiles_dir, find_project_dir, warehouse_parser
from pql_tools.warehouse.place import duckdb_literal

__all__ = [
    "PACKAGE",
    "Warehouse",
    "WarehouseBusy",
    "WarehouseError",
    "WritableWarehouse",
    "duckdb_literal",
    "find_profiles_dir",
    "find_project_dir",
    "open_warehouse",
    "warehouse_parser",
]
