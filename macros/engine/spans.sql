{#
    The spans of every behaviour criterion. A span adds `amount` to the measure from the moment `started_at` on the
    local day `starts_on` until the day `ends_on` begins (null: for ever). The measure is the sum of the amounts,
    divided by the sum of the `base`s where a criterion is a ratio.
#}
{% macro all_spans(criteria, inputs) -%}
{%- for criterion in criteria %}
select
    {{ text_literal(criterion.name) }} as criterion_name,
    spans.account_id,
    spans.starts_on,
    spans.started_at,
    spans.ends_on,
    cast(spans.amount as {{ type_measure() }}) as amount,
    cast(spans.base as {{ type_measure() }}) as base
from (
    {{ criterion_macro(criterion.type, 'spans')(criterion, inputs) | indent(4) }}
) as spans
{{ 'union all' if not loop.last }}
{%- else %}
select
    cast(null as {{ dbt.type_string() }}) as criterion_name,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as date) as starts_on,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    cast(null as date) as ends_on,
    cast(null as {{ type_measure() }}) as amount,
    cast(null as {{ type_measure() }}) as base
{{ no_rows() }}
{%- endfor %}
{%- endmacro %}

{# Spans of a measure that adds `increment` for every match: one span per account and day. #}
{% macro additive_spans(criterion, inputs) -%}
select
    account_id,
    counts_from as starts_on,
    {{ moment_of_start() }} as started_at,
    counts_until as ends_on,
    sum({{ increment(criterion) }}) as amount,
    0 as base
from ({{ matches(criterion, inputs) | indent(4) }}) as matches
where {{ increment(criterion) }} is not null
group by account_id, local_date, counts_from, counts_until
{%- endmacro %}

{# When a day's matches begin to count; null where they do so as the day begins, being of an earlier one. #}
{% macro moment_of_start() -%}
min(case when local_date = counts_from then occurred_at end)
{%- endmacro %}

{# What one match adds to an additive measure: itself, or a property that is a number, not negative. #}
{% macro increment(criterion) -%}
{%- if criterion.reads_property -%}
case when {{ text_to_number('property_value') }} >= 0 then {{ text_to_number('property_value') }} end
{%- else -%}
events
{%- endif -%}
{{ ' * ' ~ criterion.scale if criterion.scale }}
{%- endmacro %}

{#
    Spans of a measure that counts distinct values of `item`: a value counts once, from its first event until the
    window lets its last one go.
#}
{% macro distinct_spans(criterion, inputs, item) -%}
with item_days as (
    select account_id, {{ item }} as item, local_date, counts_from, counts_until, min(occurred_at) as occurred_at
    from ({{ matches(criterion, inputs) | indent(4) }}) as matches
    where {{ item }} is not null
    group by account_id, {{ item }}, local_date, counts_from, counts_until
),
{% if criterion.window.last_days %}
marked as (
    select
        *,
        case
            when local_date < {{ add_days('lag(local_date) over (partition by account_id, item order by local_date)', criterion.window.last_days) }}
                then 0
            else 1
        end as is_new
    from item_days
),
stretches as (
    select
        *,
        sum(is_new) over (partition by account_id, item order by local_date rows unbounded preceding) as stretch
    from marked
)
{% else %}
stretches as (
    select *, counts_until as stretch
    from item_days
)
{% endif %}
select
    account_id,
    min(counts_from) as starts_on,
    case when min(local_date) = min(counts_from) then min(occurred_at) end as started_at,
    max(counts_until) as ends_on,
    1 as amount,
    0 as base
from stretches
group by account_id, item, stretch
{%- endmacro %}
