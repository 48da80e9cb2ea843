with source as (
    {{ raw_rows('user_aliases') | indent(4) }}
    {{ called_aliases() | indent(4) }}
),

final as (
    select
        old_user_id,
        user_id,
        aliased_at,
        source_name,
        row_key
    from source
    where {{ is_read('user_aliases') }}
)

select * from final
