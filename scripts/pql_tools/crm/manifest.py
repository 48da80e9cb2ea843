"""The CRM fields as macros/sales/crm/crm_fields.sql declares them, and what each system calls them."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pql_tools.warehouse.run_dbt import Dbt

Field = dict[str, Any]
DATA_TYPES = {
    "text": "string",
    "flag": "boolean",
    "integer": "integer",
    "bigint": "bigint",
    "measure": "numeric(35, 6)",
    "date": "date",
    "moment": "timestamp",
}


def read_declaration(options: argparse.Namespace) -> dict[str, Any]:
    """
    Ask dbt for the declaration with the picklists of this very configuration; takes a few seconds.

    It has the fields of accounts (`fields`), `contacts` and `nudges`, and `systems`: what each CRM is.
    """
    said = Dbt.of(options).run("run-operation", "print_crm_fields").splitlines()
    [printed] = [line for line in said if line.startswith('{"fields"')]
    return json.loads(printed)


def as_json(value: dict) -> str:
    """A file of JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def label(value: str) -> str:
    """A value of a picklist as people read it."""
    return value.replace("_", " ").capitalize()
