"""What the report says, as small tables: one per query in analyses/report, counted in the warehouse."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from pql_tools import dbt_internals
from pql_tools import statistics as st
from pql_tools.config_files import as_option
from pql_tools.harmless import harmless_row
from pql_tools.precision.drift import fall_of
from pql_tools.precision.evaluation import Outcomes, Settings, lift_interval
from pql_tools.precision.ranking import rankings
from pql_tools.warehouse import PACKAGE, Warehouse, WarehouseError

FOLDER = "analyses/report"
QUERIES = f"fqn:{PACKAGE}.analysis.report"  # a path would be one of a host
PREFIX = "report_"
LANDMARK_DAYS = 7  # when accounts are looked at, after sign-up
Row = dict[str, Any]

# Only where the CRM's feedback is part of the project; one row per whole hour from notice to first touch.
SALES_OUTCOMES = "fct_pql_sales_outcomes"
FEEDBACK = """
select
    floor(minutes_to_first_touch / 60.0) as hours,
    is_contacted_in_time,
    count(*) as pqls,
    sum(case when is_accepted then 1 else 0 end) as accepted,
    sum(case when is_rejected then 1 else 0 end) as rejected
from {{ ref('fct_pql_sales_outcomes') }}
where arm = 'contacted'
group by floor(minutes_to_first_touch / 60.0), is_contacted_in_time
order by hours, is_contacted_in_time
"""

# Current leads that sales was told of and has not touched, with the user who used the product most lately.
TO_CONTACT = """
with usage as (
    select usage.account_id, usage.user_id, sum(usage.events) as events
    from {{{{ ref('fct_user_usage_daily') }}}} as usage
    where usage.user_id <> '' and usage.user_id not like '%@%' and usage.local_date > date '{since}'
    group by usage.account_id, usage.user_id
),
champions as (
    select
        account_id,
        user_id,
        row_number() over (partition by account_id order by events desc, user_id) as usage_rank
    from usage
)
select
    leads.account_id,
    leads.account_name,
    leads.reason,
    sales.tier,
    sales.contact_by,
    log.event_type,
    wide.queue,
    champions.user_id as begin_with
from {{{{ ref('fct_pql_sales_outcomes') }}}} as sales
inner join {{{{ ref('fct_pql_events') }}}} as log on sales.pql_event_id = log.pql_event_id
inner join {{{{ ref('pql_accounts') }}}} as leads on sales.pql_account_id = leads.account_id
inner join {{{{ ref('mart_pql_accounts') }}}} as wide on leads.account_id = wide.account_id
left join champions on leads.account_id = champions.account_id and champions.usage_rank = 1
where leads.is_pql and sales.arm = 'contacted' and sales.first_touch_at is null and sales.disposition = 'none'
    and log.qualified_at = leads.qualified_at
order by sales.contact_by, leads.account_id
"""


# Likewise: built with the tables for BI.
TEAMS = "mart_team_scorecard"
SCORECARD = """
select
    week_starting_on as week,
    team,
    quantity,
    quality_numerator,
    quality_denominator,
    touched_in_time
from {{ ref('mart_team_scorecard') }}
order by week_starting_on, team
"""


def read_facts(
    warehouse: Warehouse, advance=lambda name: None, capacity: float | None = None
) -> dict[str, list[Row]]:
    """The rows of every query in analyses/report, by its name without the prefix."""
    warehouse.rows("select as_of from {{ ref('pql_build') }}")  # says what to do where nothing is built
    facts = {}
    queries = warehouse.remembered.told(QUERIES, lambda: compiled_queries(warehouse))
    for name, sql in sorted(queries.items()):
        advance(name)
        facts[name] = [harmless_row(row) for row in warehouse.rows(sql)]
    advance("lift intervals")
    by_times = what_needs_times(warehouse)
    nothing = {"lift_interval": None, "landmark": None, "fall": None}
    facts["precision"] = [
        {**row, **by_times.get(row["criterion_name"], nothing)} for row in facts["precision"]
    ]
    advance("rankings")
    facts["rankings"] = rankings(Outcomes(warehouse), capacity)
    has_sales = warehouse.is_built(SALES_OUTCOMES)
    facts["feedback"] = warehouse.rows(FEEDBACK) if has_sales else []
    since = facts["build"][0]["as_of"]
    facts["to_contact"] = []
    if has_sales and since:
        asked = TO_CONTACT.format(since=since.date() - timedelta(days=28))
        facts["to_contact"] = [harmless_row(row) for row in warehouse.rows(asked)]
    facts["scorecard"] = warehouse.rows(SCORECARD) if warehouse.is_built(TEAMS) else []
    return facts


def what_needs_times(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """Of each rule with a horizon what is counted from the accounts' times, not in SQL.

    The 95% intervals of the lift, with the account as the unit, the landmark in the accounts' first days, and
    the evidence that a definition has fallen.
    """
    outcomes, settings, found = Outcomes(warehouse), Settings(), {}
    as_of = outcomes.cutoff(settings)
    for rule in outcomes.rules:
        if rule["horizon_days"] is not None:
            horizon = float(rule["horizon_days"] * st.DAY)
            times = outcomes.times(outcomes.qualified(rule["criterion_name"]), settings)
            days = rule["horizon_days"]
            found[rule["criterion_name"]] = {
                "lift_interval": lift_interval(times, as_of, days, then=True)
                or lift_interval(times, as_of, days),
                "landmark": st.landmark(times, as_of, horizon, float(LANDMARK_DAYS * st.DAY)),
                "fall": fall_of(times, as_of, days) if rule["kind"] == "definition" else None,
            }
    return found


def compiled_queries(warehouse: Warehouse) -> dict[str, str]:
    """The queries as dbt compiles them for the target, without asking the warehouse anything."""
    command = ["--quiet", "--no-populate-cache", "compile", "--no-introspect", "--select", QUERIES]
    command += ["--project-dir", str(warehouse.project_dir), "--profiles-dir", str(warehouse.profiles_dir)]
    command += ["--target", warehouse.place.target_name, "--vars", as_option(warehouse.variables)]
    warehouse.release()
    with contextlib.chdir(warehouse.project_dir):
        done = dbt_internals.invoke(command)
    if not done.success:
        raise WarehouseError(f"dbt cannot compile {Path(warehouse.project_dir, FOLDER)}: {_reason(done)}")
    return {
        node.name.removeprefix(PREFIX): node.compiled_code
        for node in (run.node for run in done.result.results)
    }


def _reason(done) -> str:
    """What dbt said, in its own words."""
    failed = [
        run.message for run in getattr(done.result, "results", []) if run.message and run.status == "error"
    ]
    return " ".join(str(done.exception or "; ".join(failed)).split())
