-- noqa: disable=ST11
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false,
    pre_hook="{{ forget_what_is_switched_off(this) }}"
) }}

with contacts as (
    select * from {{ ref('pql_warehouse', 'int_crm_contacts') }}
),

cards as (
    select * from {{ ref('pql_warehouse', 'crm_pql_accounts') }}
),

users as (
    select * from {{ ref('pql_warehouse', 'int_crm_users') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

left_users as (
    {{ users_who_left(ref('pql_warehouse', 'int_memberships'), 'as_of') | indent(4) }}
),

latest as (
    {{ versions_so_far(this, 'contacts', 'pql_contact_id') | indent(4) }}
),

-- who is none of the three any more stays, with why
former as (
    select
        {{ version_with('latest', 'contacts', {
            'contact_status': "case when left_users.user_id is not null then 'left' when cards.is_pql then 'replaced' else 'not_a_lead' end",
            'email': "coalesce(" ~ crm_email('users.email') ~ ", '')",
        }) | indent(8) }}
    from latest
    left join contacts on latest.pql_contact_id = contacts.pql_contact_id
    left join cards on latest.pql_account_id = cards.pql_account_id
    left join users on latest.user_id = users.user_id
    left join left_users
        on latest.pql_account_id = left_users.account_id
        and latest.user_id = left_users.user_id
    where contacts.pql_contact_id is null
),

versions as (
    select {{ payload_columns('contacts') | join(', ') }} from contacts
    union all
    select * from former
),

final as (
    {{ new_versions('versions', 'latest', 'contacts', 'pql_contact_id') | indent(4) }}
)

select * from final
