{# Rows of a source that hang together: versions of an object, elements of a list, values and sums by a key, and the rows that `where` asks for. #}

{#
    Objects of a billing system or CRM as they were last. Connectors that only append, and exports that overlap, deliver one
    anew whenever it has changed. Where no column says which is newer, all rows stay.
#}
{% macro as_they_were_last(found) %}
    {% set newest = [] %}
    {% for name in clocks_of_versions() if found and resolved_path(found, name) %}{% do newest.append(field(found, name, 'timestamp') ~ ' desc nulls last') %}{% endfor %}
    {% if not newest or not column_like(found, 'id') %}{% do return(found) %}{% endif %}
    {% set id = field(found, 'id') %}
    {% set rank = 'case when ' ~ id ~ ' is null then 1 else rank() over (partition by ' ~ id ~ ' order by ' ~ newest | join(', ') ~ ') end' %}
    {% do return(with_columns(with_columns(found, {'version_rank': rank}), {}, {}, named('[version_rank] = 1'))) %}
{% endmacro %}

{# When an object was changed, by its system, and when it was loaded, by a connector. #}
{% macro clocks_of_versions() %}
    {% do return([
        'resource_version', 'system_modstamp', 'updated_at', 'updated', 'properties.hs_lastmodifieddate', 'property_hs_lastmodifieddate',
        'last_modified_date', '_fivetran_start', '_fivetran_synced', '_airbyte_extracted_at', '_airbyte_emitted_at', '_sdc_sequence',
        '_sdc_batched_at', '_dlt_load_id',
    ]) %}
{% endmacro %}

{# Each of some rows once, though it was delivered several times: of those that agree in `keys` the first by `order`, else any. Rows without such a column all stay. #}
{% macro once_each(found, keys, order=none) %}
    {% for key in keys if found and not field_is_there(found, key) %}{% do return(found) %}{% endfor %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set parts = [] %}
    {% for key in keys %}{% do parts.append(field(found, key)) %}{% endfor %}
    {% set place = 'row_number() over (partition by ' ~ parts | join(', ') ~ ' order by ' ~ (order or parts[0]) ~ ')' %}
    {% do return(with_columns(with_columns(found, {'copy_place': place}), {}, {}, named('[copy_place] = 1'))) %}
{% endmacro %}

{#
    A table with one row for each element of a list in it, the element as text under `name`: a column or path with JSON or
    with a nested list, of objects or plain ids. Rows without elements are left out.
#}
{% macro listed_rows(found, candidates, name) %}
    {% if not found or not field_is_there(found, candidates) %}{% do return(none) %}{% endif %}
    {% set columns = {} %}
    {% do columns.update(found.columns) %}
    {% do columns.update({name: 'VARCHAR'}) %}
    {% set with_list = with_columns(found, {'list_of_rows': field(found, candidates)}) %}
    {% do return({
        'from': '(select with_list.*, ' ~ list_element() ~ ' as ' ~ quoted_name(name) ~ ' from (select * from ' ~ with_list['from'] ~ ') as with_list '
            ~ each_of_list('with_list.' ~ quoted_name('list_of_rows')) ~ ') as listed',
        'columns': columns,
        'address': found.address,
    }) %}
{% endmacro %}

{# SQL with its `[names]` as those of columns. #}
{% macro named(sql) %}
    {% do return(modules.re.sub('\\[([a-z_]+)\\]', quoted_name('NAME') | replace('NAME', '\\1'), sql)) %}
{% endmacro %}

{# The one id that a key has, where it has one: (one_key, one_value, has_several). A word in an id's place is none. #}
{% macro one_value(found, key, value, where=none) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set keyed = with_columns(found, {'one_key': field(found, key), 'a_value': field(found, value, 'id')}, {}, where) %}
    {% set from %}
(
    select
        {{ quoted_name('one_key') }},
        case when count(distinct {{ quoted_name('a_value') }}) = 1 then max({{ quoted_name('a_value') }}) end as {{ quoted_name('one_value') }},
        case when count(distinct {{ quoted_name('a_value') }}) > 1 then 'true' end as {{ quoted_name('has_several') }}
    from {{ keyed['from'] }}
    where {{ quoted_name('one_key') }} is not null
    group by {{ quoted_name('one_key') }}
) as valued
    {% endset %}
    {% do return({'from': from, 'columns': {'one_key': 'VARCHAR', 'one_value': 'VARCHAR', 'has_several': 'VARCHAR'}, 'address': found.address}) %}
{% endmacro %}

{# The texts that a key has, as one: (one_key, one_value). #}
{% macro texts_by(found, key, value, separator) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set keyed = with_columns(found, {'one_key': field(found, key), 'a_value': field(found, value)}) %}
    {% set from %}
(
    select {{ quoted_name('one_key') }}, {{ joined_text(quoted_name('a_value'), separator, quoted_name('a_value')) }} as {{ quoted_name('one_value') }}
    from {{ keyed['from'] }}
    where {{ quoted_name('one_key') }} is not null and {{ quoted_name('a_value') }} is not null
    group by {{ quoted_name('one_key') }}
) as texts
    {% endset %}
    {% do return({'from': from, 'columns': {'one_key': 'VARCHAR', 'one_value': 'VARCHAR'}, 'address': found.address}) %}
{% endmacro %}

{# The sum of a number by a key: (sum_key, sum_value). `of` names what is summed: one delivered twice is one. #}
{% macro summed_by(found, key, number, where=none, of=none) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set keyed = with_columns(found, {'sum_key': field(found, key), 'a_number': number}, {}, where) %}
    {% set keyed = once_each(keyed, ['sum_key', of], quoted_name('a_number') ~ ' desc nulls last') if of else keyed %}
    {% set from %}
(
    select {{ quoted_name('sum_key') }}, sum({{ quoted_name('a_number') }}) as {{ quoted_name('sum_value') }}
    from {{ keyed['from'] }}
    where {{ quoted_name('sum_key') }} is not null
    group by {{ quoted_name('sum_key') }}
) as summed
    {% endset %}
    {% do return({'from': from, 'columns': {'sum_key': 'VARCHAR', 'sum_value': 'VARCHAR'}, 'address': found.address}) %}
{% endmacro %}

{# Stops where `where` of a source names what none of its tables has. #}
{% macro check_where(source, tables) %}
    {% set present = tables | select | list %}
    {% for path in (source.where or {}) if execute and present %}
        {% set there = [] %}
        {% for found in present if resolved_path(found, path) %}{% do there.append(path) %}{% endfor %}
        {% if not there %}
            {% do exceptions.raise_compiler_error(
                source_label(source) ~ " cannot be read:\n  - 'where' asks for '" ~ path ~ "', which is not there\n  found:   "
                ~ present | map(attribute='columns') | map('join', ', ') | join('\n           ')
                ~ '\n  hint:    it names a column, or a path into a nested one such as properties.pipeline.'
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{# The rows of a table that `where` of its source asks for; a column that is not there fits nothing. #}
{% macro wanted_rows(source, found) %}
    {% if not found or not source.where %}{% do return(found) %}{% endif %}
    {% set conditions = [] %}
    {% for path, wanted in source.where.items() %}
        {% do conditions.append(has_wanted_value(source, field(found, path), wanted)) %}
    {% endfor %}
    {% do return(with_columns(found, {}, {}, conditions | join(' and '))) %}
{% endmacro %}

{# Where ids have several spellings, `source.spec.same_id` names the macro that makes them one. #}
{% macro has_wanted_value(source, text, wanted) %}
    {% if wanted == '*' or not source.spec.same_id %}{% do return(has_value(text, wanted)) %}{% endif %}
    {% set values = [] %}
    {% for value in (wanted if is_list(wanted) else [wanted]) %}
        {% do values.append(context[source.spec.same_id](text_literal(json_value(value)))) %}
    {% endfor %}
    {% do return(context[source.spec.same_id](text) ~ ' in (' ~ values | join(', ') ~ ')') %}
{% endmacro %}
