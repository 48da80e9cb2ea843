{%- set primary = pql_config().definitions[0] %}

-- An account that is a lead although a condition fails, or is none although all hold and it did not expire; or that
-- misses something although it meets the definition.
with ledger as (
    select
        account_id,
        max(case when criterion_name = {{ text_literal(primary.qualifies_when) }} and is_met then 1 else 0 end) as is_met,
        max(
            case when criterion_name in ({{ text_literals(primary.excluded_when or ['']) }}) and is_met then 1 else 0 end
        ) as is_excluded
    from {{ ref('pql_warehouse', 'pql_account_criteria') }}
    group by account_id
),

expired as (
    select account_id, max(ended_at) as expired_at
    from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where
        definition_name = {{ text_literal(primary.name) }}
        and end_reason = 'expired'
    group by account_id
),

judged as (
    select
        accounts.account_id,
        accounts.is_pql,
        accounts.pql_status,
        accounts.reason,
        ledger.is_met = 1 and accounts.next_criterion is not null as has_false_miss,
        coalesce(accounts.last_ended_at = expired.expired_at, false) as has_expired,
        ledger.is_met = 1
        and ledger.is_excluded = 0
        and accounts.closed_at is null
        {%- if primary.audience != 'all' %}
        and accounts.converted_at is {{ 'not ' if primary.audience == 'converted' }}null
        {%- endif %} as qualifies
    from {{ ref('pql_warehouse', 'pql_accounts') }} as accounts
    inner join ledger on accounts.account_id = ledger.account_id
    left join expired on accounts.account_id = expired.account_id
)

select *
from judged
where
    (is_pql and not qualifies)
    or (qualifies and not is_pql and not has_expired)
    or (is_pql <> (reason is not null))
    or (pql_status = 'active' and not is_pql)
    or has_false_miss
