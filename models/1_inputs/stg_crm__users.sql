-- noqa: disable=LT02
{{ configured(materialized='view') }}

with source as (
    {{ raw_rows('users') | indent(4) }}
),

-- a user listed twice has what comes first by name; of an address that is not switched on nothing is read
final as (
    select
        user_id,
        {% if crm_setting('pql_crm_contact_emails') %}
        min({{ bytewise('lower(trim(email))') }}) as email
        {%- else %}
        cast(null as {{ dbt.type_string() }}) as email
        {%- endif %}
        {%- for attribute in contact_attributes() %},
        min({{ bytewise('attribute_' ~ attribute.column) }}) as {{ attribute.column }}
        {%- endfor %}
    from source
    where {{ is_read('users') }}
    group by user_id
)

select * from final
