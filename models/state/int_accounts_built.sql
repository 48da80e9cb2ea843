-- depends_on: {{ ref('int_inputs_built') }}

with final as (
    select account_id, version from {{ ref('int_account_versions') }}
)

select * from final
