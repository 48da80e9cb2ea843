-- noqa: disable=LT02
{{ configured(materialized='view') }}

{%- set shown = ['email'] + contact_attributes() | map(attribute='column') | list %}

with listed as (
    select * from {{ ref('pql_warehouse', 'stg_crm__users') }}
),

named as (
    select
        listed.*,
        {{ successor_of('listed.user_id', 'user') }} as known_as
    from listed
    {{ successor_join('listed.user_id', 'user') | indent(4) }}
),

-- of a user of several ids the own row goes first
final as (
    select
        known_as as user_id
        {%- for column in shown %},
        coalesce(
            min(case when user_id = known_as then {{ bytewise(column) }} end),
            min({{ bytewise(column) }})
        ) as {{ column }}
        {%- endfor %}
    from named
    group by known_as
)

select * from final
