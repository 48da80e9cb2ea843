{%- set names = ['plan', crm_setting('pql_segment_attribute')] + mart_attributes() | map(attribute='name') | list %}
{%- for criterion in pql_criteria() %}{% do names.extend(attributes_of(criterion)) %}{% endfor %}
{%- set names = names | unique(case_sensitive=true) | list %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

listed as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

changes as (
    select * from {{ ref('pql_warehouse', 'stg_product__account_changes') }}
    where
        attribute in ({{ text_literals(names) }})
        and attribute <> 'signed_up_at'
),

histories as (
    select distinct account_id, attribute from changes
),

current_values as (
    {%- for name in names %}
    select
        account_id,
        {{ text_literal(name) }} as attribute,
        {{ json_text('attributes', name) }} as value
    from listed
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

valued as (
    select
        account_id,
        attribute,
        value,
        changed_at as valid_from,
        coalesce(
            lead(changed_at) over (partition by account_id, attribute order by changed_at),
            {{ end_of_time() }}
        ) as valid_to
    from changes
    union all
    select
        current_values.account_id,
        current_values.attribute,
        current_values.value,
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to
    from current_values
    left join histories
        on current_values.account_id = histories.account_id
        and current_values.attribute = histories.attribute
    where histories.account_id is null
),

final as (
    select
        valued.account_id,
        valued.attribute,
        case
            when valued.attribute = 'signed_up_at' then cast(accounts.signed_up_on as {{ dbt.type_string() }})
            else valued.value
        end as value,
        valued.valid_from,
        valued.valid_to
    from valued
    inner join accounts on valued.account_id = accounts.account_id
)

select * from final
