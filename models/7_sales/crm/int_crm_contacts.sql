-- noqa: disable=LT02
{%- set criteria = criteria_of_use() | map(attribute='name') | list %}

with leads as (
    select * from {{ ref('pql_warehouse', 'crm_pql_accounts') }}
    where usage_as_of is not null
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

users as (
    select * from {{ ref('pql_warehouse', 'int_crm_users') }}
),

left_users as (
    {{ users_who_left(ref('pql_warehouse', 'int_memberships'), 'as_of') | indent(4) }}
),

people as (
    select * from {{ ref('pql_warehouse', 'int_crm_contact_uses') }}
),

ranked as (
    select
        people.*,
        row_number() over (
            partition by people.account_id
            order by
                coalesce(people.uses, 0) desc, people.last_used_on desc, people.events desc, {{ bytewise('people.user_id') }} asc
        ) as place
    from people
    left join left_users
        on people.account_id = left_users.account_id
        and people.user_id = left_users.user_id
    where left_users.user_id is null
),

final as (
    select
        {{ dbt.hash("concat(ranked.account_id, '|', ranked.user_id)") }} as pql_contact_id,
        ranked.user_id,
        ranked.account_id as pql_account_id,
        leads.account_name,
        case leads.pql_status
            when 'active' then 'contact'
            when 'held_out' then 'held_out'
            else 'not_a_lead'
        end as contact_status,
        {{ crm_number('contact_rank', 'ranked.place', 'contacts') | indent(8) }} as contact_rank,
        leads.reason,
        {{ crm_text('ranked.does_most') }} as does_most,
        {{ crm_known_list("coalesce(ranked.criteria_used, '')", criteria) | indent(8) }} as criteria_used,
        {{ crm_number('uses', 'ranked.uses', 'contacts') | indent(8) }} as uses,
        {{ crm_date('last_used_on', 'ranked.last_used_on', 'contacts') }} as last_used_on,
        leads.qualified_at,
        leads.pql_event_id,
        leads.app_url,
        coalesce({{ crm_email('users.email') }}, '') as email
        {%- for attribute in contact_attributes() %},
        {{ crm_text('users.' ~ attribute.column) }} as {{ attribute.column }}
        {%- endfor %}
    from ranked
    inner join leads on ranked.account_id = leads.pql_account_id
    left join users on ranked.user_id = users.user_id
    where ranked.place <= 3
)

select * from final
