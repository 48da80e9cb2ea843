with records as (
    select * from {{ ref('pql_warehouse', 'stg_crm__records') }}
    where gone_because is null
),

listed as (
    select
        crm_system,
        crm_record_id,
        domain,
        true as is_own
    from records
    union all
    select
        records.crm_system,
        records.crm_record_id,
        {{ host_of(list_element()) }} as domain,
        false as is_own
    from records
    {{ each_of_list('records.other_domains') }}
),

judged as (
    select
        *,
        coalesce(domain in ({{ text_literals(free_mail_domains()) }}), false) as is_free_mail,
        row_number() over (partition by crm_system, crm_record_id, domain order by is_own desc) as copy_rank
    from listed
    where domain is not null
),

final as (
    select
        crm_system,
        crm_record_id,
        domain,
        is_own,
        is_free_mail
    from judged
    where copy_rank = 1
)

select * from final
