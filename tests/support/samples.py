"""The samples of adapters in tests/samples, and the rows that they must give."""

import csv

from harness import ROOT
from pql_tools.config_files import read_yaml

SAMPLES = ROOT / "tests" / "samples"


ADAPTERS = sorted(path.parent.name for path in SAMPLES.glob("*/expected_events.csv"))


EVENTS = """
    select
        judged.event_id, judged.occurred_at, judged.event_name, judged.user_id, judged.account_id,
        judged.anonymous_id, judged.received_at,
        coalesce(judged.properties, judged.invalid_properties) as properties,
        judged.reason, resolved.user_id as resolved_user_id, resolved.account_id as resolved_account_id
    from stg_product__events_judged as judged
    left join int_events_resolved as resolved on judged.event_id = resolved.event_id and judged.reason is null
    where judged.event_source = ?
    order by judged.occurred_at, judged.event_id, judged.reason, judged.received_at, judged.account_id
"""


OTHER_ROWS = {
    "expected_accounts": """
        select
            accounts.account_id, accounts.account_name, accounts.domain, accounts.plan,
            leads.pql_status, leads.qualified_at, dim_accounts.signed_up_at, dim_accounts.converted_at
        from stg_product__accounts as accounts
        left join pql_accounts as leads on accounts.account_id = leads.account_id
        left join dim_accounts on accounts.account_id = dim_accounts.account_id
        order by accounts.account_id
    """,
    "expected_conversions": "from stg_billing__conversions order by account_id, converted_at",
    "expected_feedback": """
        select * exclude suppressed_until from stg_crm__feedback
        order by pql_account_id, dispositioned_at, feedback_id
    """,
    "expected_subscription_ends": "from stg_billing__subscription_ends order by account_id, ended_at",
    "expected_lead_stages": "from stg_crm__lead_stages order by account_id, entered_at, stage",
    "expected_crm_records": "from stg_crm__records order by all",
    "expected_input_quality": "from input_quality order by all",
    "expected_inputs_rejected": "from stg_inputs_rejected order by all",
}


COMPARED = (
    "+pql_accounts", "+stg_crm__feedback", "+stg_crm__records", "+event_quality", "+input_quality",
    "+stg_crm__lead_stages", "+stg_billing__subscription_ends",
    "+every_row_is_read", "+rows_name_known_accounts", "+answers_of_sales_are_known",
)  # fmt: skip


def sample_vars() -> dict:
    return read_yaml(SAMPLES / "vars.yml")


def rows(warehouse, query: str, *values) -> list[dict]:
    """Rows as text, as a CSV file holds them."""
    result = warehouse.execute(query, values)
    names = [column[0] for column in result.description]
    return [
        {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)}
        for row in result.fetchall()
    ]


def expected(name: str) -> list[dict]:
    with (SAMPLES / name).open(newline="") as file:
        return list(csv.DictReader(file))
