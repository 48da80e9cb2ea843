{%- set found = product_input('account_changes') %}

with source as (
    {{ raw_input('account_changes', found) | indent(4) }}
),

-- of two values given for one moment the greater text stands
final as (
    select
        account_id,
        attribute,
        changed_at,
        max({{ bytewise('value') }}) as value
    from source
    where
        account_id is not null
        and attribute is not null
        and changed_at is not null
        and {{ not_forgotten({'account': 'account_id'}) }}
    group by account_id, attribute, changed_at
)

select * from final
