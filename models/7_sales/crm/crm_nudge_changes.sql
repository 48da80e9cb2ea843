-- noqa: disable=ST11
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false,
    pre_hook="{{ forget_what_is_switched_off(this) }}"
) }}

with nudges as (
    select * from {{ ref('pql_warehouse', 'int_crm_nudges') }}
),

standings as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

ledger as (
    select * from {{ ref('pql_warehouse', 'pql_account_criteria') }}
),

users as (
    select * from {{ ref('pql_warehouse', 'int_crm_users') }}
),

latest as (
    {{ versions_so_far(this, 'nudges', 'nudge_id') | indent(4) }}
),

-- who is no longer near stays, with what came of it
former as (
    select
        {{ version_with('latest', 'nudges', {
            'nudge_status': "case when standings.is_pql or ledger.is_met then 'reached' else 'over' end",
            'email': "coalesce(" ~ crm_email('users.email') ~ ", '')",
        }) | indent(8) }}
    from latest
    left join nudges on latest.nudge_id = nudges.nudge_id
    left join standings on latest.pql_account_id = standings.account_id
    left join ledger
        on latest.pql_account_id = ledger.account_id
        and latest.criterion_name = ledger.criterion_name
    left join users on latest.user_id = users.user_id
    where nudges.nudge_id is null
),

versions as (
    select {{ payload_columns('nudges') | join(', ') }} from nudges
    union all
    select * from former
),

final as (
    {{ new_versions('versions', 'latest', 'nudges', 'nudge_id') | indent(4) }}
)

select * from final
