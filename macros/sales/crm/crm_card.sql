{# The values of the card: every field as it may leave the warehouse, but for row_hash and row_changed_at. #}
{% macro crm_card(card) -%}
{%- set config = pql_config() -%}
{%- set criteria = config.criteria | map(attribute='name') | sort | list -%}
{%- set tiers = config.definitions[0].tiers | map(attribute='name') | list -%}
select
    pql_account_id,
    {{ crm_text('account_name') }} as account_name,
    {{ crm_text('domain') }} as account_domain,
    pql_status = 'active' as is_pql,
    pql_status,
    {{ crm_known('tier', tiers or ['none']) | indent(4) }} as pql_tier,
    {{ crm_number('pql_score', 'score') | indent(4) }} as pql_score,
    coalesce(pql_event_id, '') as pql_event_id,
    {{ crm_number('pql_event_seq') | indent(4) }} as pql_event_seq,
    {{ crm_known('reason_code', criteria) | indent(4) }} as reason_code,
    {{ crm_known_list('criteria_met', criteria) | indent(4) }} as criteria_met,
    {{ crm_text('reason') }} as reason,
    {{ crm_text(talking_point(config.criteria, 'reason_code')) }} as talking_point,
    {{ crm_text('key_features') }} as key_features,
    {{ crm_text(summary('reason', 'active_users', 'key_features', 'plan'), 1000) }} as summary,
    {{ crm_number('active_users') | indent(4) }} as active_users,
    {{ crm_date('usage_as_of') }} as usage_as_of,
    {{ crm_text(impersonal('champion_user_id')) }} as champion_user_id,
    {{ crm_date('last_active_on') }} as last_active_on,
    {{ crm_text('plan') }} as plan_name,
    {{ crm_number('plan_limit_pct') | indent(4) }} as plan_limit_pct,
    {{ crm_date('trial_ends_on', 'cast(trial_ends_at as date)') }} as trial_ends_on,
    {{ crm_text("replace(" ~ text_literal(crm_setting('pql_app_url')) ~ ", '{account_id}', pql_account_id)") }} as app_url,
    {{ crm_text('queue') }} as queue,
    {{ crm_text('suggested_owner') }} as suggested_owner,
    {%- for field in ['first_qualified_at', 'qualified_at', 'last_ended_at', 'contact_by', 'suppressed_until'] %}
    {{ crm_date(field) }} as {{ field }},
    {%- endfor %}
    {%- for attribute in mart_attributes() %}
    {%- set field = 'current_' ~ attribute.column %}
    {{ {'text': crm_text, 'number': crm_number, 'date': crm_date}[attribute.type](field) | indent(4) }} as {{ field }},
    {%- endfor %}
    is_gone
from {{ card }}
{%- endmacro %}

{# An id of a user, but for one that is an e-mail address, unless those are asked for. #}
{% macro impersonal(user_id) -%}
{%- if crm_setting('pql_crm_email_ids') -%}
{{ user_id }}
{%- else -%}
case when {{ user_id }} not like '%@%' then {{ user_id }} end
{%- endif -%}
{%- endmacro %}

{# The card in one paragraph; what is not known is left out. #}
{% macro summary(reason, active_users, key_features, plan) -%}
{%- set known = {
    active_users: "' In the week before: ', cast(" ~ active_users ~ ' as ' ~ dbt.type_string() ~ "), ' active.'",
    key_features: "' Used most: ', " ~ key_features ~ ", '.'",
    plan: "' On the plan ', " ~ plan ~ ", '.'",
} -%}
concat({{ reason }}, '.'
    {%- for column, sentence in known.items() %},
    case when {{ column }} is not null then concat({{ sentence }}) else '' end
    {%- endfor %}
)
{%- endmacro %}

{# What a rep opens with: the description of the criterion that leads the reason. #}
{% macro talking_point(criteria, reason_code) -%}
{%- set described = criteria | selectattr('description') | list -%}
{%- if described -%}
case {{ reason_code }}
    {%- for criterion in described %}
    when {{ text_literal(criterion.name) }} then {{ text_literal(criterion.description) }}
    {%- endfor %}
end
{%- else -%}
cast(null as {{ dbt.type_string() }})
{%- endif -%}
{%- endmacro %}
