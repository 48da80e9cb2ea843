{#
    The events that a behaviour criterion counts, one row per account × user × local day × event name, or per
    event where a property, a filter or a moment is asked for. `inputs.starting_days` narrows them to those days,
    `inputs.goes_on` to those that the measure still remembers where it is measured anew.
    Columns: account_id, signed_up_on, user_id, event_name, local_date, occurred_at (of the first), events, property_value,
    counts_from and counts_until: the first local day on which it counts, and the first on which it no longer does.
#}
{% macro matches(criterion, inputs) -%}
{%- set from_events = reads_events(criterion) or inputs.starting_days -%}
{%- set rows = inputs.events if from_events else inputs.usage -%}
select
    accounts.account_id,
    accounts.signed_up_on,
    matched.user_id,
    matched.event_name,
    matched.local_date,
    {{ 'matched.occurred_at' if from_events else 'matched.first_event_at' }} as occurred_at,
    matched.events,
    {{ 'matched.' ~ property_column(criterion.reads_property) if criterion.reads_property else 'null' }} as property_value,
    {{ counts_from(criterion, 'matched.local_date') }} as counts_from,
    {{ window_end(criterion, 'matched.local_date') }} as counts_until
from {{ rows }} as matched
inner join {{ inputs.accounts }} as accounts on matched.account_id = accounts.account_id
{%- if criterion.window.billing %}
inner join {{ inputs.billing_dates }} as billing_dates
    on matched.account_id = billing_dates.account_id
    and billing_dates.attribute = {{ text_literal(criterion.window.billing) }}
{%- endif %}
{%- if inputs.starting_days %}
inner join {{ inputs.starting_days }} as starting_days
    on matched.account_id = starting_days.account_id
    and matched.local_date = starting_days.starts_on
    and starting_days.criterion_name = {{ text_literal(criterion.name) }}
{%- endif %}
where matched.local_date >= accounts.signed_up_on
{%- if inputs.goes_on and criterion.looks_back_days %}
    and {{ is_remembered('matched.local_date', criterion.looks_back_days + criterion.lapse_after_days + 1, 'accounts.changes_from', inputs.first_change) }}
{%- endif %}
{%- if criterion.window.first_days %}
    and matched.local_date < {{ add_days('accounts.signed_up_on', criterion.window.first_days) }}
{%- endif %}
{%- if criterion.window.billing %}
    and billing_dates.known_on < {{ window_end(criterion, 'matched.local_date') }}
{%- endif %}
{%- if criterion.weekdays %}
    and {{ is_listed_day(criterion, 'matched.local_date') }}
{%- endif %}
{%- if criterion.events %}
    and matched.event_name in ({{ text_literals(criterion.events) }})
{%- endif %}
{%- for property, wanted in (criterion.where or {}).items() %}
    and {{ has_value('matched.' ~ property_column(property), wanted) }}
{%- endfor %}
{%- for property, unwanted in (criterion.where_not or {}).items() %}
    and not coalesce({{ has_value('matched.' ~ property_column(property), unwanted) }}, false)
{%- endfor %}
{%- endmacro %}

{# Whether a property, as text, has one of the configured values; `"*"` stands for any. #}
{% macro has_value(property, wanted) -%}
{{ property }} {{ 'is not null' if wanted == '*' else 'in (' ~ json_literals(wanted) ~ ')' }}
{%- endmacro %}

{# Configured values as the text that a JSON property reads as. #}
{% macro json_literals(wanted) -%}
{%- for value in (wanted if is_list(wanted) else [wanted]) -%}
{{ text_literal(json_value(value)) }}{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{% macro json_value(value) %}{% do return(value | lower if value is boolean else value | string) %}{% endmacro %}

{# The first local day on which an event of `day` counts: its own, or that on which the billing date is known. #}
{% macro counts_from(criterion, day) -%}
{{ 'greatest(' ~ day ~ ', billing_dates.known_on)' if criterion.window.billing else day }}
{%- endmacro %}

{# The first local day on which an event of `day` no longer counts; null where the window never lets it go. #}
{% macro window_end(criterion, day) -%}
{%- if criterion.window.last_days -%}
{{ add_days(day, criterion.window.last_days) }}
{%- elif criterion.window.calendar -%}
{{ next_period_start(day, criterion.window.calendar) }}
{%- elif criterion.window.billing -%}
{{ next_billing_start(day, 'billing_dates.billing_day') }}
{%- else -%}
cast(null as date)
{%- endif -%}
{%- endmacro %}
