{{ config(materialized=rewritable(), incremental_strategy='rewrite_all') }}
-- depends_on: {{ ref('pql_warehouse', 'manifest_inputs') }}

with versions as (
    select * from {{ ref('pql_warehouse', 'int_account_versions') }}
),

final as (
    {% if builds_a_part_of('manifest_accounts') -%}
    {{ rows_of_last_build('manifest_accounts', ['account_id', 'version']) }}
    {%- else -%}
    select account_id, version from versions
    {%- endif %}
)

select * from final
