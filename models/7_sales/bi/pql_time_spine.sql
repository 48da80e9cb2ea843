{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

with accounts as (
    select * from {{ ref('pql_warehouse', 'dim_accounts') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

earliest as (
    select min(moment) as moment
    from (
        {%- for column in ['signed_up_at', 'first_seen_at', 'trial_ends_at', 'converted_at', 'closed_at'] %}
        select min({{ column }}) as moment from accounts
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as moments
),

-- a week or a local day may begin in the year before
bounds as (
    select
        greatest({{ period_start(add_days('cast(coalesce(earliest.moment, as_of.as_of) as date)', -7), 'year') }}, cast('1900-01-01' as date)) as first_day, -- noqa: LT05
        {{ add_time('year', 11, period_start('coalesce(as_of.as_of, earliest.moment)', 'year')) }} as end_day
    from earliest
    cross join as_of
),

-- counted in SQL: dbt's own date spine asks the engine a question first
digits as (
    {% for digit in range(10) -%}
    select {{ digit }} as digit
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

numbers as (
    select ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit + 10000 * myriads.digit as days
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as myriads
),

final as (
    select {{ add_days('bounds.first_day', 'numbers.days') }} as date_day
    from bounds
    cross join numbers
    where {{ add_days('bounds.first_day', 'numbers.days') }} < bounds.end_day
)

select * from final
