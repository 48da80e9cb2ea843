with source as (
    {{ raw_rows('account_merges') | indent(4) }}
),

final as (
    select
        account_id,
        into_account_id,
        merged_at,
        source_name,
        row_key
    from source
    where {{ is_read('account_merges') }}
)

select * from final
