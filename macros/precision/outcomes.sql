{# Whether an outcome is known: a state of fct_criterion_outcomes among hit and the three kinds of miss. #}
{% macro is_mature(state) %}{{ state }} in ('hit', 'miss', 'miss_late', 'miss_closed'){% endmacro %}

{#
    What the precision check needs to know of every criterion and definition, one row each. horizon_days is null
    where any later conversion is a hit; recall_days is the longest window of any criterion plus the horizon.
#}
{% macro check_rules(config) -%}
{%- set windows = [0] -%}
{%- for criterion in config.criteria %}{% do windows.append(window_days(criterion)) %}{% endfor -%}
{%- for kind, entries in [('criterion', config.criteria), ('definition', config.definitions)] -%}
{%- set last_kind = loop.last -%}
{%- for entry in entries -%}
{%- set horizon = entry.horizon_days | default(config.settings.pql_horizon_days) -%}
{%- set has_horizon = horizon != 'none' %}
select
    {{ text_literal(entry.name) }} as criterion_name,
    {{ text_literal(kind) }} as kind,
    {{ entry.position }} as position,
    {{ text_literal(entry.type or 'definition') }} as type,
    {{ optional_text(entry.description) }} as description,
    {{ optional_text(criterion_members(entry) | join(';') or entry.qualifies_when) }} as members,
    {{ 'false' if entry.audience == 'converted' else 'true' }} as has_outcomes,
    cast({{ horizon if has_horizon else 'null' }} as integer) as horizon_days,
    cast({{ windows | max + horizon if has_horizon else 'null' }} as integer) as recall_days,
    {{ windows | max }} as longest_window_days,
    {{ optional_number(entry.min_precision) }} as min_precision,
    {{ optional_number(entry.min_lift) }} as min_lift,
    cast({{ entry.min_n | default('null') }} as integer) as min_n,
    {{ optional_text(entry.on_inconclusive) }} as on_inconclusive,
    {{ text_literal(entry.status or 'active') }} as status
{{ 'union all' if not (loop.last and last_kind) }}
{%- endfor -%}
{%- endfor %}
{%- endmacro %}

{# The same of each stage of leads in a table (criterion_name, place): at the horizon of the project, nothing required. #}
{% macro stage_rules(config, stages) -%}
{%- set horizon = config.settings.pql_horizon_days -%}
{%- set has_horizon = horizon != 'none' -%}
{%- set windows = [0] -%}
{%- for criterion in config.criteria %}{% do windows.append(window_days(criterion)) %}{% endfor -%}
select
    criterion_name,
    'stage' as kind,
    place as position,
    'stage' as type,
    {{ optional_text(none) }} as description,
    {{ optional_text(none) }} as members,
    true as has_outcomes,
    cast({{ horizon if has_horizon else 'null' }} as integer) as horizon_days,
    cast({{ windows | max + horizon if has_horizon else 'null' }} as integer) as recall_days,
    {{ windows | max }} as longest_window_days,
    {{ optional_number(none) }} as min_precision,
    {{ optional_number(none) }} as min_lift,
    cast(null as integer) as min_n,
    {{ optional_text(none) }} as on_inconclusive,
    'active' as status
from {{ stages }}
{%- endmacro %}

{# As many stages of leads as are judged: those that most accounts entered. #}
{% macro most_stages() -%} 40 {%- endmacro %}

{% macro optional_text(value) -%}
cast({{ text_literal(value) if value else 'null' }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro optional_number(value) -%}
cast({{ number_literal(value) if value else 'null' }} as {{ type_measure() }})
{%- endmacro %}

{# How many days a criterion looks at; 0 where it has no window. #}
{% macro window_days(criterion) %}
    {% do return(criterion.looks_back_days or criterion.window.first_days or 0) %}
{% endmacro %}

{#
    The attributes that each criterion and definition rests on, itself or through its parts, as rows
    (criterion_name, attribute). The sign-up is none, as it happens before any conversion, nor is what
    `pql_fixed_attributes` names: a payment does not change it.
#}
{% macro rule_attributes(config) -%}
{%- set read, fixed = {}, ['signed_up_at'] + pql_raw_config().pql_fixed_attributes -%}
{%- for criterion in config.criteria | sort(attribute='level') -%}
    {%- set attributes = attributes_of(criterion) | reject('in', fixed) | list -%}
    {%- for member in criterion_members(criterion) %}{% do attributes.extend(read[member]) %}{% endfor -%}
    {%- do read.update({criterion.name: attributes | unique(case_sensitive=true) | list}) -%}
{%- endfor -%}
{%- for definition in config.definitions -%}
    {%- set attributes = [] -%}
    {%- for part in [definition.qualifies_when] + definition.excluded_when %}{% do attributes.extend(read[part]) %}{% endfor -%}
    {%- do read.update({definition.name: attributes | unique(case_sensitive=true) | list}) -%}
{%- endfor -%}
select cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as attribute
{{ no_rows() }}
{%- for name, attributes in read.items() %}{% for attribute in attributes %}
union all
select {{ text_literal(name) }}, {{ text_literal(attribute) }}
{%- endfor %}{% endfor %}
{%- endmacro %}

{#
    The first moment at which each definition's criterion is met and nothing excludes it, whatever its audience:
    (criterion_name, account_id, qualified_at).
#}
{% macro first_qualifications(definitions, episodes) -%}
with changes as (
    {{ qualification_changes(definitions, episodes) | indent(4) }}
),
totals as (
    {{ running_totals('changes', ['support', 'excluded']) | indent(4) }}
)
select definition_name as criterion_name, account_id, min(changed_at) as qualified_at
from totals
where support > 0 and excluded = 0
group by definition_name, account_id
{%- endmacro %}

{# A moment some days after another; without a number of days, `otherwise`. #}
{% macro horizon_after(moment, days, otherwise) -%}
case when {{ days }} is null then {{ otherwise }} else {{ add_time('day', days, moment) }} end
{%- endmacro %}

{# An exact length of time. #}
{% macro microseconds_between(earlier, later) %}
    {{- return(adapter.dispatch('microseconds_between', 'pql_warehouse')(earlier, later)) -}}
{% endmacro %}

{% macro default__microseconds_between(earlier, later) -%}
cast({{ dbt.datediff(earlier, later, 'microsecond') }} as bigint)
{%- endmacro %}

{% macro days_elapsed(earlier, later) -%}
{{ microseconds_between(earlier, later) }} / {{ microseconds_per_day() }}.0
{%- endmacro %}

{% macro microseconds_per_day() -%} 86400000000 {%- endmacro %}

{# Shares and rates; dbt's own float has seven digits on some engines. #}
{% macro type_double() %}
    {{- return(adapter.dispatch('type_double', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__type_double() -%} double precision {%- endmacro %}

{# The moment at which outcomes are judged: the as-of, or that of the conversions where it is earlier. #}
{% macro conversions_as_of(as_of) -%}
{%- set given = pql_config().settings.pql_conversions_as_of -%}
{{ 'least(' ~ as_of ~ ', ' ~ text_to_timestamp(text_literal(given)) ~ ')' if given is not none else as_of }}
{%- endmacro %}
