{# The rows about people: contacts and nudges. Each has a log of its versions, so that no key ever disappears. #}

{#
    The criteria by which use is judged: those that use can meet on the way to the primary definition, each as the first
    thing that it asks of events. What comes after that is what a measure is divided by.
#}
{% macro criteria_of_use() %}
    {% set found = [] %}
    {% for criterion in primary_goals(pql_config()).uses %}{% do found.append((criterion.asks or [criterion]) | first) %}{% endfor %}
    {% do return(found) %}
{% endmacro %}

{# Whether one of some criteria is in a `;` list. #}
{% macro list_holds_one_of(list, criteria) -%}
({% for criterion in criteria %}{{ list_holds(list, text_literal(criterion.name)) }} or {% endfor %}false)
{%- endmacro %}

{# The four weeks that cards, contacts and nudges look at, up to a day. #}
{% macro is_in_four_weeks(day, last_day) -%}
{{ day }} between {{ add_days(last_day, -27) }} and {{ last_day }}
{%- endmacro %}

{# The events that criteria name, where they name several: (criterion_name, event_name, place). #}
{% macro events_of_several(criteria) -%}
{%- for criterion in criteria if (criterion.events or []) | length > 1 %}
{%- for event_name in criterion.events %}
select {{ text_literal(criterion.name) }} as criterion_name, {{ text_literal(event_name) }} as event_name, {{ loop.index }} as place
union all
{%- endfor %}
{%- endfor %}
select cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as event_name, 0 as place
{{ no_rows() }}
{%- endmacro %}

{# Who did what the criteria that a lead meets ask for: (criterion_name, account_id, user_id, local_date, event_name, events). #}
{% macro asked_use(criteria, inputs) -%}
{%- for criterion in criteria %}
select
    {{ text_literal(criterion.name) }} as criterion_name,
    account_id,
    user_id,
    local_date,
    event_name,
    {{ 'sum(events) as events' if reads_events(criterion) else 'events' }}
from (
    {{ matches(criterion, dict(inputs, accounts=leads_that_meet(criterion, inputs.accounts))) | indent(4) }}
) as matched
{{ 'group by account_id, user_id, local_date, event_name' if reads_events(criterion) }}
union all
{%- endfor %}
select
    cast(null as {{ dbt.type_string() }}) as criterion_name,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as user_id,
    cast(null as date) as local_date,
    cast(null as {{ dbt.type_string() }}) as event_name,
    0 as events
{{ no_rows() }}
{%- endmacro %}

{# Those that meet a criterion; where it counts every event, only those that meet none which names some: it tells nothing beside it. #}
{% macro leads_that_meet(criterion, leads) -%}
(
    select * from {{ leads }}
    where {{ list_holds('criteria_met', text_literal(criterion.name)) }}
    {{ 'and is_narrowed = 0' if not is_narrowed(criterion) }}
)
{%- endmacro %}

{# The last version of every row of a log, without people and accounts who asked to be forgotten. #}
{% macro last_versions(log, rows, key, kept=none) -%}
{%- set remembered = not_forgotten({'user_id': 'user', 'pql_account_id': 'account'}) -%}
select
    {%- for field in crm_fields(rows) %}
    {{ field.name if kept is none or field.name in kept else crm_nothing(field) ~ ' as ' ~ field.name }}{{ ',' if not loop.last }}
    {%- endfor %}
from (
    select *, row_number() over (partition by {{ key }} order by row_changed_at desc) as recency
    from {{ log }}
    where {{ remembered }}
) as versions
where recency = 1
{%- endmacro %}

{# What a field is before anything is known of it. #}
{% macro crm_nothing(field) -%}
{{ {'text': "''", 'date': 'cast(null as date)', 'moment': 'cast(null as ' ~ dbt.type_timestamp() ~ ')', 'flag': 'false'}.get(field.type, '0') }}
{%- endmacro %}

{# The last versions in a log that a model adds to; no rows before there is one. #}
{% macro versions_so_far(log, rows, key) -%}
{%- set kept = adapter.get_columns_in_relation(log) | map(attribute='name') | map('lower') | list if is_incremental() else [] -%}
{%- set versions = last_versions(log, rows, key, kept) -%}
{%- if is_incremental() -%}
{{ versions }}
{%- else -%}
select
    {%- for field in crm_fields(rows) %}
    cast({{ crm_nothing(field) }} as {{ crm_type(field) }}) as {{ field.name }}{{ ',' if not loop.last }}
    {%- endfor %}
{{ no_rows() }}
{%- endif -%}
{%- endmacro %}

{# The type of a field's column. #}
{% macro crm_type(field) %}
    {% do return({
        'text': dbt.type_string(), 'flag': dbt.type_boolean(), 'measure': type_measure(), 'moment': dbt.type_timestamp(),
        'bigint': dbt.type_bigint(),
    }.get(field.type, field.type)) %}
{% endmacro %}

{# The rows of `current` that differ from their last version in `latest`, as new versions. #}
{% macro new_versions(current, latest, rows, key) -%}
{%- set fields = crm_fields(rows) | rejectattr('name', 'in', ['row_hash', 'row_changed_at']) | list -%}
select
    {%- for field in fields %}
    hashed.{{ field.name }},
    {%- endfor %}
    hashed.row_hash,
    {{ log_moment('row_changed_at') }} as row_changed_at
from (select *, {{ crm_row_hash(fields) }} as row_hash from {{ current }}) as hashed
left join {{ latest }} on hashed.{{ key }} = {{ latest }}.{{ key }}
where {{ latest }}.row_hash is null or {{ latest }}.row_hash <> hashed.row_hash
{%- endmacro %}

{# A row of `latest` with other values in some columns, {name: SQL}. #}
{% macro version_with(latest, rows, values) -%}
{%- for field in crm_fields(rows) if field.name not in ['row_hash', 'row_changed_at'] -%}
{{ values.get(field.name, latest ~ '.' ~ field.name) }} as {{ field.name }}{{ ',\n' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# The names of the fields of a row, in their order, but for those that follow from it. #}
{% macro payload_columns(rows) %}
    {% do return(crm_fields(rows) | map(attribute='name') | reject('in', ['row_hash', 'row_changed_at']) | list) %}
{% endmacro %}

{# Takes out of a log what is personal and no longer switched on: addresses, and people whose id is one. #}
{% macro forget_what_is_switched_off(log) %}
    {% if not execute or not load_relation(log) %}{% do return('') %}{% endif %}
    {% if not crm_setting('pql_crm_contact_emails') %}{% do put_right(log, 'email', "''", "email <> ''") %}{% endif %}
    {% if not crm_setting('pql_crm_email_ids') and values_of(log, 'user_id', "user_id like '%@%'") %}
        {% do remove_rows(log, "user_id like '%@%'") %}
    {% endif %}
    {% do return('') %}
{% endmacro %}

{# Users who are no longer of an account by the memberships of both: (user_id, account_id). #}
{% macro users_who_left(memberships, as_of) -%}
select memberships.user_id, memberships.account_id
from {{ memberships }} as memberships
cross join {{ as_of }} as as_of
group by memberships.user_id, memberships.account_id
having max(case when memberships.left_at > as_of.as_of then 1 else 0 end) = 0
{%- endmacro %}
