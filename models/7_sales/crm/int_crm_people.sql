with contacts as (
    select * from {{ ref('pql_warehouse', 'crm_pql_contacts') }}
),

-- a record of a CRM is a person: of several accounts the one that is a lead goes first, then the latest lead
ranked as (
    select
        {{ payload_columns('contacts') | join(',\n        ') }},
        row_hash,
        max(row_changed_at) over (partition by user_id) as row_changed_at,
        row_number() over (
            partition by user_id
            order by
                case contact_status when 'contact' then 1 when 'held_out' then 2 else 3 end,
                qualified_at desc,
                {{ bytewise('pql_account_id') }} asc
        ) as place
    from contacts
),

final as (
    select
        {{ crm_fields('contacts') | map(attribute='name') | join(',\n        ') }}
    from ranked
    where place = 1
)

select * from final
