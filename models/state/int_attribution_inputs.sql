{%- set built = stored('int_inputs_built') if built_settings() else none %}

with periods as (
    select * from {{ ref('int_user_account_periods') }}
),

accounts as (
    select * from {{ ref('stg_product__accounts') }}
),

-- which accounts a user belonged to when, and in which time zone an account has its days
inputs as (
    select
        'user' as kind,
        user_id as name,
        concat(
            cast(count(*) as {{ dbt.type_string() }}), ' ',
            {{ sum_of_hashes(['account_id', 'valid_from', 'valid_to']) }}
        ) as version
    from periods
    group by user_id
    union all
    select
        'account' as kind,
        account_id as name,
        local_time_zone as version
    from accounts
),

built as (
    {% if built -%}
    select kind, name, version from {{ built }}
    where kind in ('user', 'account')
    {%- else -%}
    select kind, name, version from inputs
    where 1 = 0
    {%- endif %}
),

final as (
    select
        coalesce(inputs.kind, built.kind) as kind,
        coalesce(inputs.name, built.name) as name,
        inputs.version,
        coalesce(inputs.version <> built.version, 1 = 1) as is_changed
    from inputs
    full outer join built
        on inputs.kind = built.kind
        and inputs.name = built.name
)

select * from final
