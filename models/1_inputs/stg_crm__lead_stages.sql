with source as (
    {{ raw_rows('lead_stages') | indent(4) }}
),

-- a domain speaks only where no id does
final as (
    select distinct
        account_id,
        case when account_id is null then {{ host_of('domain') }} end as domain,
        stage,
        entered_at,
        is_known_to_day
    from source
    where {{ is_read('lead_stages') }}
)

select * from final
