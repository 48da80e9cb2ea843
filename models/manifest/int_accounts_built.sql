{{ config(materialized=rewritable(), incremental_strategy='rewrite_all') }}
-- depends_on: {{ ref('pql_warehouse', 'int_inputs_built') }}

with versions as (
    select * from {{ ref('pql_warehouse', 'int_account_versions') }}
),

final as (
    {% if is_of_a_part('int_accounts_built') -%}
    {{ as_it_was('int_accounts_built', ['account_id', 'version']) }}
    {%- else -%}
    select account_id, version from versions
    {%- endif %}
)

select * from final
