{# The tables that a CRM's fields map to one by one, all from the declaration in crm_fields(). #}

{# The fields of one CRM under its own names, typed. #}
{% macro crm_table(system, source, rows='accounts') -%}
with source as (
    select * from {{ source }}
),

final as (
    select
        {%- for field in crm_fields(rows) %}
        {{ field.name }} as {{ field[system ~ '_name'] }}{{ ',' if not loop.last }}
        {%- endfor %}
    from source
)

select * from final
{%- endmacro %}

{# The same as text, for clients that send what they read; without a CRM under our own names. #}
{% macro crm_wire_table(system, typed, rows='accounts') -%}
with typed as (
    select * from {{ typed }}
),

final as (
    select
        {%- for field in crm_fields(rows) %}
        {%- set name = field[system ~ '_name'] if system else field.name %}
        {{ crm_wire(name, field.type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from typed
)

select * from final
{%- endmacro %}

{#
    The rows that the CRM does not have yet as they are now: this very row was not the last that was delivered, nor is it
    the one that the copy of the CRM's records holds. Where nobody reports deliveries and the copy has no row hash, that
    is every row. Only accounts with a record of their own in the CRM, unless records may be created.
#}
{% macro crm_delta(system, wire, results, links, records) -%}
{%- set suffix = crm_systems()[system].suffix -%}
with wire as (
    select * from {{ wire }}
),

delivered as (
    select
        pql_account_id,
        row_hash,
        row_number() over (partition by pql_account_id order by attempted_at desc, sync_run_id desc) as recency_rank
    from {{ results }}
    where
        target = '{{ system }}'
        and status = 'delivered'
),

linked as (
    select links.pql_account_id, records.row_hash
    from {{ links }} as links
    inner join {{ records }} as records
        on links.crm_system = records.crm_system
        and links.crm_record_id = records.crm_record_id
    where
        links.crm_system = '{{ system }}'
        and not links.is_ambiguous
),

final as (
    select wire.*
    from wire
    left join delivered
        on wire.pql_account_id{{ suffix }} = delivered.pql_account_id
        and delivered.recency_rank = 1
    left join linked on wire.pql_account_id{{ suffix }} = linked.pql_account_id
    where
        (delivered.row_hash is null or delivered.row_hash <> wire.pql_row_hash{{ suffix }})
        and (linked.row_hash is null or linked.row_hash <> wire.pql_row_hash{{ suffix }})
        {%- if not crm_setting('pql_crm_create_records') %}
        and linked.pql_account_id is not null
        {%- endif %}
)

select * from final
{%- endmacro %}

{#
    The rows about people that were not delivered yet as they are now, by what whoever sends them notes in crm_sync_results
    under this target; all of them where nobody notes anything. Known by the person, and by the account where a row is
    about both.
#}
{% macro people_delta(target, wire, results, system=none) -%}
{%- set suffix = crm_systems()[system].suffix if system else '' -%}
{%- set prefix = 'pql_' if system else '' -%}
{%- set keys = ['pql_user_id'] if system else ['pql_account_id', 'pql_user_id'] -%}
with wire as (
    select * from {{ wire }}
),

delivered as (
    select
        {{ keys | join(',\n        ') }},
        row_hash,
        row_number() over (partition by {{ keys | join(', ') }} order by attempted_at desc, sync_run_id desc) as recency
    from {{ results }}
    where
        target = '{{ target }}'
        and status = 'delivered'
),

final as (
    select wire.*
    from wire
    left join delivered
        on wire.{{ prefix }}user_id{{ suffix }} = delivered.pql_user_id
        {%- if not system %}
        and wire.pql_account_id = delivered.pql_account_id
        {%- endif %}
        and delivered.recency = 1
    where delivered.row_hash is null or delivered.row_hash <> wire.{{ prefix }}row_hash{{ suffix }}
)

select * from final
{%- endmacro %}
