{%- set found = product_input('forgotten') %}

with source as (
    {{ raw_input('forgotten', found) | indent(4) }}
),

final as (
    select
        kind,
        lower(id_hash) as id_hash,
        min(forgotten_at) as forgotten_at
    from source
    where
        kind in ('user', 'account', 'anonymous')
        and id_hash is not null
    group by kind, lower(id_hash)
)

select * from final
