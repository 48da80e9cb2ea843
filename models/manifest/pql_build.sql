{%- set counted = {
    'accounts': ref('pql_warehouse', 'pql_accounts'),
    'criterion_episodes': ref('pql_warehouse', 'fct_criterion_episodes'),
    'pql_episodes': ref('pql_warehouse', 'fct_pql_episodes'),
    'account_criteria': ref('pql_warehouse', 'pql_account_criteria'),
    'user_usage_days': ref('pql_warehouse', 'fct_user_usage_daily'),
    'account_usage_days': ref('pql_warehouse', 'fct_account_usage_daily'),
} %}

with as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

quality as (
    select coalesce(sum(raw), 0) as raw_events, coalesce(sum(accepted), 0) as accepted_events
    from {{ ref('pql_warehouse', 'event_quality') }}
),

final as (
    select
        as_of.as_of,
        '{{ pql_rules_version() }}' as rules_version,
        {{ build_moment() }} as built_at,
        {% for name, relation in counted.items() %}
        (select count(*) from {{ relation }}) as {{ name }},
        {% endfor %}
        cast(quality.raw_events as bigint) as raw_events,
        cast(quality.accepted_events as bigint) as accepted_events
    from as_of
    cross join quality
)

select * from final
