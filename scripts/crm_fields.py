"""Write what a CRM administrator needs to create the PQL fields.

From the one declaration of the fields (macros/sales/crm/crm_fields.sql), and from your criteria and
tiers (vars.yml):

  OUT/hubspot/properties.json     body for POST /crm/v3/properties/companies/batch/create
  OUT/hubspot/contact_properties.json  the same for contacts
  OUT/hubspot/group.json          body for POST /crm/v3/properties/companies/groups, or contacts; first
  OUT/salesforce/force-app/...    source-format metadata: fields of Account and Contact, and a permission set
  OUT/attio/companies_attributes.json  a `body` each for POST /v2/objects/companies/attributes, or people,
                                  and `options` for POST …/attributes/SLUG/options

Run it again after criteria, tiers (the options of the picklists) or `pql_mart_attributes` changed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pql_tools.console import error, make_console
from pql_tools.crm.clients import FILES
from pql_tools.crm.manifest import read_declaration
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
        declaration = read_declaration(options)
    except WarehouseError as problem:
        error(str(problem))
        return 1
    out = find_project_dir(options.project_dir) / "models/7_sales/crm" if options.model_yaml else options.out
    files = model_files(declaration) if options.model_yaml else payloads(declaration)
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    fields = declaration["fields"] + declaration["contacts"]
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


def payloads(declaration: dict) -> dict[str, str]:
    """Return every file by its path, which begins with the CRM it is for."""
    return {
        f"{system}/{name}": text
        for system, files in FILES.items()
        for name, text in files(declaration).items()
    }


if __name__ == "__main__":
    sys.exit(main())
