"""Whose a lead is: of the account that its record names, or its company, else by a domain."""

from datetime import datetime

import pytest
from exports import write_rows
from harness import Project, Warehouse

VARIABLES = {
    "pql_as_of": "2026-05-31",
    "pql_criteria": [{"name": "one", "type": "event_count", "at_least": 1}],
    "pql_definitions": [{"name": "pql", "qualifies_when": "one"}],
    "pql_lead_stage_sources": [
        {"name": "hs", "adapter": "hubspot", "folder": "hs", "product_account_id": "properties.space"},
        {"name": "sf", "adapter": "salesforce", "folder": "sf", "product_account_id": "space__c",
         "stages": {"Open": "none", "Nurturing": "mql", "Hot": "sql"}},
        {"name": "list", "adapter": "table", "tables": {"lead_stages": "list"},
         "columns": {"domain": "website", "entered_at": "day"}},
    ],
}  # fmt: skip


def hubspot(number: int, **properties) -> dict:
    return {"id": str(number), "archived": False, "properties": properties}


def mql(day: int) -> dict:
    return {"hs_v2_date_entered_marketingqualifiedlead": f"2026-05-{day:02}T10:00:00Z"}


EXPORTS = {
    "events.csv": [{"event_id": "1", "occurred_at": "2026-05-02", "event_name": "a", "account_id": "named"}],
    # two of one domain, one that was merged into another, one whose domain was another's name before
    "accounts.csv": [
        {"account_id": name, "signed_up_at": "2026-05-01", "domain": domain}
        for name, domain in {
            "named": "named.test", "by domain": "https://www.Company.test/", "twin 1": "twin.test",
            "twin 2": "twin.test", "old": "old.test", "new": "new.test", "free": "gmail.com",
            "mail": "mail.test", "renamed": "before.test",
        }.items()
    ],
    "account_changes.csv": [
        {"account_id": "renamed", "attribute": "domain", "value": "after.test", "changed_at": "2026-05-03"}
    ],
    "account_merges.csv": [{"account_id": "old", "into_account_id": "new", "merged_at": "2026-05-04"}],
    "hs/companies.ndjson": [
        hubspot(1, space="named", domain="elsewhere.test"),
        hubspot(2, domain="company.test", **mql(5)),
        hubspot(3, domain="twin.test", **mql(6)),
        hubspot(4, domain="old.test", **mql(7)),
        hubspot(5, space="named", hs_merged_object_ids="6"),
        hubspot(7, website="http://before.test", **mql(8)),
        hubspot(8, website="http://after.test/de", **mql(9)),
    ],
    "hs/contacts.ndjson": [
        # of a company that has become another; of one with an account's id; of its own address
        hubspot(11, associatedcompanyid="6", **mql(10)),
        hubspot(12, associatedcompanyid="1", email="x@mail.test", lifecyclestage="lead"),
        hubspot(13, email="Ann@Mail.test", **mql(12)),
        hubspot(14, email="bob@gmail.com", **mql(13)),
        hubspot(15, email="", **mql(14)),
        # found by the account that it names, though the address is another's
        hubspot(16, space="named", email="eve@mail.test", hs_lifecyclestage_lead_date="2026-05-02T00:00:00Z"),
        hubspot(17, email="ann@company.test") | {"propertiesWithHistory": {"lifecyclestage": [
            {"value": "salesqualifiedlead", "timestamp": "2026-05-21T00:00:00Z", "sourceType": "CRM_UI"},
            {"value": "lead", "timestamp": "2026-05-20T00:00:00Z", "sourceType": "IMPORT"},
        ]}},
    ],
    "sf/leads.csv": [
        {"Id": f"00Q00000000000{number}", "IsDeleted": "false", "Status": "Hot", "IsConverted": "false",
         "CreatedDate": f"2026-05-{number:02}T00:00:00Z", "ConvertedAccountId": account, "ConvertedDate": "",
         "Website": website, "Email": email}
        for number, account, website, email in [
            (1, "", "www.mail.test", "x@company.test"),
            (2, "", "", "y@company.test"),
            (3, "001000000000002", "", ""),
        ]
    ],
    "sf/lead_history.csv": [
        {"Id": "h", "IsDeleted": "false", "LeadId": "00Q000000000001", "Field": "Status", "OldValue": "Open",
         "NewValue": "Hot", "CreatedDate": "2026-05-17T00:00:00Z"}
    ],
    "sf/accounts.csv": [
        {"Id": f"{number}AAA", "Website": website, "space__c": "", "MasterRecordId": master}
        for number, website, master in [
            ("001000000000001", "new.test", ""),
            ("001000000000002", "company.test", "001000000000001"),
        ]
    ],
    "sf/opportunities.csv": [
        {"Id": "006", "IsDeleted": "false", "AccountId": "001000000000001", "CreatedDate": "2026-05-18"}
    ],
    "list.csv": [
        {"website": "https://new.test", "stage": "webinar", "day": "2026-05-09"},
        {"website": "n/a", "stage": "webinar", "day": "2026-05-09"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(project: Project, tmp_path_factory) -> Warehouse:
    home = tmp_path_factory.mktemp("stages")
    for name, rows in EXPORTS.items():
        write_rows(home / "data" / name, rows)
    select = ("+int_stage_entries", "+input_quality", "+stg_inputs_rejected", "rows_name_known_accounts")
    command = ("build", "--select", *select, "--exclude", "test_type:unit", "--indirect-selection", "empty")
    warehouse = project.run_in(home, home / "data", VARIABLES, command)
    assert warehouse.run.success, warehouse.run.output
    return warehouse


def test_a_lead_is_that_of_an_id_else_of_a_domain_that_one_account_has(built):
    entries = built.rows("int_stage_entries")
    found = {(row["account_id"], row["criterion_name"]): row["entered_at"] for row in entries}
    assert found == {
        ("by domain", "mql"): datetime(2026, 5, 5, 10),
        ("new", "mql"): datetime(2026, 5, 7, 10),
        ("renamed", "mql"): datetime(2026, 5, 9, 10),
        ("named", "mql"): datetime(2026, 5, 10, 10),
        ("mail", "mql"): datetime(2026, 5, 12, 10),
        ("named", "lead"): datetime(2026, 5, 2),
        ("by domain", "lead"): datetime(2026, 5, 20),
        # 17 in HubSpot, and the second lead in Salesforce, which was hot from the beginning
        ("by domain", "sql"): datetime(2026, 5, 2),
        ("mail", "sql"): datetime(2026, 5, 17),
        ("new", "sql"): datetime(2026, 5, 3),
        ("new", "opportunity"): datetime(2026, 5, 18),
        ("new", "webinar"): datetime(2026, 5, 9),
    }


def test_what_finds_nobody_is_counted_and_said(built):
    rejected = built.rows("stg_inputs_rejected where input_name = 'lead_stages'", "row_key, reason")
    assert {(row["row_key"].split(", ")[1], row["reason"]) for row in rejected} == {
        ("domain=", "missing_account_id"),
        ("domain=n/a", "missing_account_id"),
    }
    quality = built.row(
        "input_quality where source_name = 'hs'", "raw, accepted, rejected, of_unknown_accounts"
    )
    # nobody has before.test any more; twin.test is that of two, gmail.com anybody's
    assert tuple(quality.values()) == (12, 11, 1, 0)
    assert (
        "3 row(s) of 'lead_stages' (hs) come to nothing: they name no account, and their domain is of no "
        "account, of several or of free mail: account_id=, domain=before.test" in built.run.output
    )
