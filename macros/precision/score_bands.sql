{#
    How scores are judged, as lists are worked: at the start of each week (Monday, 00:00 UTC) every account that was open
    and unpaid stands at its score, and either pays within the horizon or does not. Weeks are numbered; no row is made for
    each account and week, so that this stays linear in how often scores change.
#}

{# The points of every score, as rows (score_name, criterion_name, points). #}
{% macro score_points(config) -%}
select cast(null as {{ dbt.type_string() }}) as score_name, cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ type_measure() }}) as points
{{ no_rows() }}
{%- for criterion in scores_in(config) %}{% for member, points in criterion.points.items() %}
union all
select {{ text_literal(criterion.name) }}, {{ text_literal(member) }}, {{ number_literal(points) }}
{%- endfor %}{% endfor %}
{%- endmacro %}

{% macro scores_in(config) %}{% do return(config.criteria | selectattr('points', 'defined') | list) %}{% endmacro %}

{# The number of the first week that starts at a moment or later, and of the last that had started by it, some days earlier. #}
{% macro first_week_from(moment, days_earlier=0) -%}
cast(ceil({{ weeks_since_1970(moment, days_earlier) }}) as bigint)
{%- endmacro %}

{% macro last_week_by(moment, days_earlier=0) -%}
cast(floor({{ weeks_since_1970(moment, days_earlier) }}) as bigint)
{%- endmacro %}

{% macro weeks_since_1970(moment, days_earlier) -%}
cast({{ microseconds_between(first_monday(), moment) }} - {{ days_earlier }} * {{ microseconds_per_day() }} as {{ type_double() }})
/ (7 * {{ microseconds_per_day() }})
{%- endmacro %}

{% macro first_monday() -%} cast('1970-01-05' as {{ dbt.type_timestamp() }}) {%- endmacro %}

{#
    At most eight bands of equal width up to the points that a score can give, and one for no points or fewer: what an
    account's band is depends on its points alone. As rows (score_name, band, place, from_points, below_points).
#}
{% macro score_bands(config) -%}
select
    cast(null as {{ dbt.type_string() }}) as score_name,
    cast(null as {{ dbt.type_string() }}) as band,
    0 as place,
    cast(null as {{ type_measure() }}) as from_points,
    cast(null as {{ type_measure() }}) as below_points
{{ no_rows() }}
{%- for criterion in scores_in(config) %}{% for band in bands_of(criterion) %}
union all
select {{ text_literal(criterion.name) }}, {{ text_literal(band.name) }}, {{ loop.index }}, {{ number_literal(band.from) }}, {{ number_literal(band.below) }}
{%- endfor %}{% endfor %}
{%- endmacro %}

{% macro bands_of(criterion) %}
    {% set points, highest = criterion.points.values(), 1000000000000 %}
    {% set most, is_whole = points | select('gt', 0) | sum, not (points | reject('integer') | list) %}
    {% set step = band_width(most / 8, is_whole) %}
    {% set count = [(most / step) | round(0, 'ceil') | int, 1] | max %}
    {% set bands = [{'name': '0 or less' if points | select('lt', 0) | list else '0', 'from': -highest, 'below': 0.000001}] %}
    {% for number in range(1 if is_whole and step == 1 and count > 1 else 0, count) %}
        {% set from, below = number * step, (number + 1) * step %}
        {% do bands.append({
            'name': band_name(from or ('1' if is_whole else 'more than 0'), below, is_whole, loop.last),
            'from': from or 0.000001, 'below': highest if loop.last else below,
        }) %}
    {% endfor %}
    {% do return(bands) %}
{% endmacro %}

{# The smallest round width that is enough. #}
{% macro band_width(least, is_whole) %}
    {% set widths = [] %}
    {% for power in range(0 if is_whole else -6, 10) %}{% for digit in [1, 2, 5] %}{% do widths.append(digit * 10 ** power) %}{% endfor %}{% endfor %}
    {% do return(widths | select('ge', least) | first | default(widths | last)) %}
{% endmacro %}

{# `20 to 39`, `20 to below 20.5`, `80 or more`, `3`. #}
{% macro band_name(from, below, is_whole, is_last) %}
    {% if is_last %}{% do return(from ~ ('' if from is string and not is_whole else ' or more')) %}{% endif %}
    {% if not is_whole %}{% do return(from ~ ' to below ' ~ below) %}{% endif %}
    {% do return(from if from | int == below - 1 else from ~ ' to ' ~ (below - 1)) %}
{% endmacro %}

{# What changes an account's standing in a score: (score_name, account_id, changed_at, change, qualified_at). #}
{% macro score_changes() -%}
{%- for moment, sign in [('started_at', ''), ('ended_at', '-')] -%}
select
    points.score_name,
    episodes.account_id,
    episodes.{{ moment }} as changed_at,
    {{ sign }}points.points as change,
    cast(null as {{ dbt.type_timestamp() }}) as qualified_at
from episodes
inner join points on episodes.criterion_name = points.criterion_name
where episodes.{{ moment }} is not null
union all
{% endfor -%}
select scores.score_name, leads.account_id, leads.qualified_at as changed_at, 0 as change, leads.qualified_at
from leads
cross join scores
union all
select
    scores.score_name,
    accounts.account_id,
    accounts.signed_up_at as changed_at,
    0 as change,
    cast(null as {{ dbt.type_timestamp() }}) as qualified_at
from accounts
cross join scores
{%- endmacro %}

{# Fewer accounts say too little about how often those with so many points pay. #}
{% macro accounts_for_a_rate() -%} 20 {%- endmacro %}
