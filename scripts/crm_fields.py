"""Write what a CRM administrator needs to create the PQL fields.

From the one declaration of the fields (macros/sales/crm/crm_fields.sql), and from your criteria and
tiers (vars.yml):

  OUT/hubspot/properties.json     body for POST /crm/v3/properties/companies/batch/create
  OUT/hubspot/group.json          body for POST /crm/v3/properties/companies/groups; send it first
  OUT/salesforce/force-app/...    source-format metadata: fields of Account and a permission set

Run it again after criteria, tiers (the options of the picklists) or `pql_mart_attributes` changed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pql_tools.console import error, make_console
from pql_tools.crm.manifest import (
    HUBSPOT_GROUP,
    Field,
    hubspot_properties,
    read_fields,
    salesforce_field,
    salesforce_permission_set,
)
from pql_tools.crm.model_yaml import model_files
from pql_tools.warehouse import WarehouseError, find_project_dir, warehouse_parser

EXAMPLES = """
examples:
  python scripts/crm_fields.py                      write both into reports/crm
  python scripts/crm_fields.py --out /tmp/crm       elsewhere

then:
  curl -X POST https://api.hubapi.com/crm/v3/properties/companies/batch/create \\
       -H "Authorization: Bearer $HUBSPOT_ACCESS_TOKEN" -H "Content-Type: application/json" \\
       -d @reports/crm/hubspot/properties.json
  sf project deploy start --source-dir reports/crm/salesforce/force-app
"""


def main(argv: list[str] | None = None) -> int:
    """Write the files, and say how many; return the exit code."""
    options = parse(argv)
    try:
        fields = read_fields(options)
    except WarehouseError as problem:
        error(str(problem))
        return 1
    out = find_project_dir(options.project_dir) / "models/7_sales/crm" if options.model_yaml else options.out
    files = model_files(fields) if options.model_yaml else payloads(fields)
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    picklists = [field for field in fields if field.get("options")]
    make_console().print(
        f"{len(fields)} fields, {len(picklists)} picklists: {len(files)} files in {out}", soft_wrap=True
    )
    return 0


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument(
        "--out", type=Path, default=Path("reports/crm"), metavar="DIR", help="default: reports/crm"
    )
    parser.add_argument(
        "--model-yaml",
        action="store_true",
        help="instead, rewrite the contracts of the tables that follow from the declaration (for developers)",
    )
    return parser.parse_args(argv)


def payloads(fields: list[Field]) -> dict[str, str]:
    """Return every file by its path."""
    group = {"name": HUBSPOT_GROUP, "label": "Product-qualified lead", "displayOrder": -1}
    source = Path("salesforce/force-app/main/default")
    files = {
        "hubspot/group.json": _json(group),
        "hubspot/properties.json": _json({"inputs": hubspot_properties(fields)}),
        "salesforce/sfdx-project.json": _json(
            {"packageDirectories": [{"path": "force-app", "default": True}]}
        ),
        str(source / "permissionsets/PQL_sync.permissionset-meta.xml"): salesforce_permission_set(fields),
    }
    for field in fields:
        name = f"objects/Account/fields/{field['salesforce_name']}.field-meta.xml"
        files[str(source / name)] = salesforce_field(field)
    return files


def _json(value: dict) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
