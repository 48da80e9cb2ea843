{#
    The moments at which anything that decides about a definition changes: (definition_name, account_id, changed_at,
    support, converted, closed, excluded). Support is whole at 2: the criterion is met and the account is in the
    audience.
#}
{% macro definition_changes(definitions, episodes, accounts) -%}
{{ qualification_changes(definitions, episodes) }}
{%- for definition in definitions %}
{%- set name = text_literal(definition.name) %}
union all
select {{ name }}, account_id, {{ 'converted_at' if definition.audience == 'converted' else beginning_of_time() }}, 1, 0, 0, 0
from {{ accounts }}
{{ 'where converted_at is not null' if definition.audience == 'converted' }}
union all
select {{ name }}, account_id, closed_at, 0, 0, 1, 0 from {{ accounts }} where closed_at is not null
{%- if definition.audience == 'unconverted' %}
union all
select {{ name }}, account_id, converted_at, 0, 1, 0, 0 from {{ accounts }} where converted_at is not null
{%- endif %}
{%- endfor %}
{%- endmacro %}

{#
    When each definition's criterion starts or ends and its exclusions do: (definition_name, account_id, changed_at,
    support, converted, closed, excluded).
#}
{% macro qualification_changes(definitions, episodes) -%}
select
    cast(null as {{ dbt.type_string() }}) as definition_name,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_timestamp() }}) as changed_at,
    0 as support,
    0 as converted,
    0 as closed,
    0 as excluded
{{ no_rows() }}
{%- for definition in definitions %}
union all
{{ episode_changes(text_literal(definition.name), episodes, [definition.qualifies_when], 'support') }}
{%- if definition.excluded_when %}
union all
{{ episode_changes(text_literal(definition.name), episodes, definition.excluded_when, 'excluded') }}
{%- endif %}
{%- endfor %}
{%- endmacro %}

{# The starts and ends of some criteria's episodes, in the column of what they decide. #}
{% macro episode_changes(name, episodes, criteria, column) -%}
{%- for moment, change in [('started_at', 1), ('ended_at', -1)] -%}
select
    {{ name }} as definition_name,
    account_id,
    {{ moment }} as changed_at,
    {{ change if column == 'support' else 0 }} as support,
    0 as converted,
    0 as closed,
    {{ change if column == 'excluded' else 0 }} as excluded
from {{ episodes }}
where criterion_name in ({{ text_literals(criteria) }})
    and {{ moment }} is not null
{{ 'union all' if loop.first }}
{% endfor %}
{%- endmacro %}

{# What such changes have come to at each moment of a definition and an account. #}
{% macro running_totals(changes, columns) -%}
select
    definition_name,
    account_id,
    changed_at
    {%- for column in columns %},
    sum(sum({{ column }})) over (
        partition by definition_name, account_id order by changed_at rows unbounded preceding
    ) as {{ column }}
    {%- endfor %}
from {{ changes }}
group by definition_name, account_id, changed_at
{%- endmacro %}

{# When an episode expires: the midnight that closes the N-th local day after the one it started on. #}
{% macro expiry(definitions, held, accounts) -%}
{%- set expiring = definitions | selectattr('expires_after_days', 'defined') | list -%}
{%- if not expiring %}{{ return('cast(null as ' ~ dbt.type_timestamp() ~ ')') }}{% endif -%}
case {{ held }}.definition_name
    {%- for definition in expiring %}
    when {{ text_literal(definition.name) }} then {{ local_midnight(
        add_days(local_date(held ~ '.changed_at', accounts ~ '.local_time_zone'), definition.expires_after_days + 1),
        accounts ~ '.local_time_zone'
    ) | indent(4) }}
    {%- endfor %}
    else null
end
{%- endmacro %}

{# The points of every definition's score, as rows (definition_name, criterion_name, points). #}
{% macro definition_points(config) -%}
{%- set by_name = criteria_by_name(config) -%}
select cast(null as {{ dbt.type_string() }}) as definition_name, cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ type_measure() }}) as points
{{ no_rows() }}
{%- for definition in config.definitions if definition.score %}
{%- for member, points in by_name[definition.score].points.items() %}
union all
select {{ text_literal(definition.name) }}, {{ text_literal(member) }}, {{ number_literal(points) }}
{%- endfor %}
{%- endfor %}
{%- endmacro %}

{# The tiers of every definition in their order, as rows (definition_name, criterion_name, tier, tier_rank). #}
{% macro definition_tiers(config) -%}
select cast(null as {{ dbt.type_string() }}) as definition_name, cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as tier, 0 as tier_rank
{{ no_rows() }}
{%- for definition in config.definitions %}
{%- for tier in definition.tiers %}
union all
select {{ text_literal(definition.name) }}, {{ text_literal(tier.when) }}, {{ text_literal(tier.name) }}, {{ loop.index }}
{%- endfor %}
{%- endfor %}
{%- endmacro %}
