with source as (
    {{ raw_rows('account_changes') | indent(4) }}
),

-- of two values given for one moment the greater text stands
final as (
    select
        account_id,
        attribute,
        changed_at,
        max({{ bytewise('value') }}) as value
    from source
    where {{ is_read('account_changes') }}
    group by account_id, attribute, changed_at
)

select * from final
