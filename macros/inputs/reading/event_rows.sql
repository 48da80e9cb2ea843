{# The raw events of every source, one row per row delivered; what base_product__events reads. #}
{% macro raw_events() -%}
{%- for source in pql_sources('pql_event_sources') %}
{{ 'union all' if not loop.first }}
{{ context['event_source__' ~ source.adapter](source) }}
{%- endfor %}
{%- endmacro %}

{#
    The rows of one source from one or more of its tables: `parts` is a list of {'found': table or none, 'fields':
    {our column: candidates}}. Candidates are paths in the order of preference, or {'sql': expression};
    `properties: 'rest'` gathers the columns that nothing else reads, where there is no column `properties`.
#}
{% macro event_rows(source, parts) -%}
{%- set present = parts | selectattr('found') | list -%}
{%- do check_event_parts(source, present) -%}
{%- for part in present %}
{{ 'union all' if not loop.first }}
{{ one_event_select(source, part.found, chosen_fields(source, part)) }}
{%- else -%}
{{ raw_input('events', none, ['cast(null as ' ~ dbt.type_string() ~ ') as occurred_at_text', placeholder_among([]) ~ ' as placeholder_id', text_literal(source.name) ~ ' as event_source', file_of(none) ~ ' as batch_file']) }}
{%- endfor %}
{%- endmacro %}

{# An adapter's fields, with the user's `columns` in their stead where this table has them. #}
{% macro chosen_fields(source, part) %}
    {% set fields = {} %}
    {% do fields.update(part.fields) %}
    {% for column, paths in source.columns.items() %}
        {% set there = [] %}
        {% for path in ([paths] if paths is string else paths) if resolved_path(part.found, path) %}{% do there.append(path) %}{% endfor %}
        {% if there %}{% do fields.update({column: there}) %}{% endif %}
    {% endfor %}
    {% do return(fields) %}
{% endmacro %}

{# The ids are read first, by names of their own: each is asked about several times. #}
{% macro one_event_select(source, found, fields) -%}
{%- set ids, written, read = {}, [], [] -%}
{%- for name in id_columns('events') -%}
    {%- set candidates = id_candidates(found, fields[name] | default([], true)) -%}
    {%- do ids.update({name: []}) -%}
    {%- for candidate in candidates -%}
        {%- do ids[name].append(quoted_name('pql_' ~ name ~ '_' ~ loop.index)) -%}
        {%- do read.append(candidate ~ ' as ' ~ ids[name][-1]) -%}
    {%- endfor -%}
    {%- if candidates -%}{%- do written.append('coalesce(' ~ ids[name] | join(', ') ~ ')' if candidates | length > 1 else ids[name][0]) -%}{%- endif -%}
{%- endfor -%}
{%- set columns -%}
    {%- for name, column in input_columns('events').items() %}
    {{ first_of_ids(source, name, ids[name]) if name in ids else event_value(found, fields, name, column.type) }} as {{ name }},
    {%- endfor %}
    {{ field(found, fields.occurred_at_text or fields.occurred_at) }} as occurred_at_text,
    {{ placeholder_among(written) }} as placeholder_id,
    {{ text_literal(source.name) }} as event_source,
    {{ file_of(found) }} as batch_file
{%- endset -%}
select
    {{- columns }}
from (select *{{ ', ' if read }}{{ read | join(', ') }} from {{ rows_for(found, columns ~ read | join) }} {{ worked_out_once() }}) as rows_with_ids
{%- endmacro %}

{# Those of an id's candidates that a table has, each as SQL. #}
{% macro id_candidates(found, candidates) %}
    {% set there = [] %}
    {% for candidate in ([candidates] if candidates is string or candidates is mapping else candidates) %}
        {% if candidate is mapping or resolved_path(found, candidate) %}{% do there.append(field(found, candidate)) %}{% endif %}
    {% endfor %}
    {% do return(there) %}
{% endmacro %}

{# The id of a device, null where it is zeros, which devices send that are not to be told apart. #}
{% macro unless_zeros(id) %}
    {% do return('case when ' ~ id ~ " not like '00000000%' or translate(" ~ id ~ ", '0-', '') <> '' then " ~ id ~ ' end') %}
{% endmacro %}

{# The first that is an id. #}
{% macro first_of_ids(source, name, columns) %}
    {% if not columns %}{% do return('cast(null as ' ~ dbt.type_string() ~ ')') %}{% endif %}
    {% set ids = [] %}
    {% for column in columns %}
        {% do ids.append(unless_placeholder(unless_zeros(column) if name == 'anonymous_id' else column)) %}
    {% endfor %}
    {% set id = 'coalesce(' ~ ids | join(', ') ~ ')' if ids | length > 1 else ids[0] %}
    {% do return(dbt.concat([text_literal(source.id_prefix), id]) if name == 'event_id' and source.id_prefix else id) %}
{% endmacro %}

{% macro event_value(found, fields, name, type) %}
    {% set candidates = fields[name] | default([], true) %}
    {% if candidates == 'rest' and not column_like(found, 'properties') %}
        {% do return(remaining_columns_json(found, fields)) %}
    {% endif %}
    {% do return(field(found, name if candidates == 'rest' else candidates, type)) %}
{% endmacro %}

{# Every column that is not read as one of ours, as one JSON object. #}
{% macro remaining_columns_json(found, fields) %}
    {% set used = fields.known | default([]) | map('lower') | list %}
    {% for name, candidates in fields.items() if name not in ['known', 'properties'] and candidates is not mapping %}
        {% for path in ([candidates] if candidates is string else candidates) if path is string %}
            {% set resolved = resolved_path(found, path) %}
            {% if resolved and not resolved['keys'] %}{% do used.append(resolved.column | lower) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {% set rest = {} %}
    {% for column in found.columns if column | lower not in used %}{% do rest.update({written_name(column): column}) %}{% endfor %}
    {% do return(row_json(found, rest) if rest or found.lines else 'cast(null as ' ~ dbt.type_string() ~ ')') %}
{% endmacro %}

{# Stops with everything that the tables of a source lack, all at once. #}
{% macro check_event_parts(source, parts) %}
    {% set problems = [] %}
    {% for column, paths in source.columns.items() if parts %}
        {% set found_in = [] %}
        {% for part in parts %}
            {% for path in ([paths] if paths is string else paths) if resolved_path(part.found, path) %}{% do found_in.append(path) %}{% endfor %}
        {% endfor %}
        {% if not found_in %}
            {% do problems.append("'columns' says that '" ~ column ~ "' is " ~ ([paths] if paths is string else paths) | join(' or ') ~ ', which is not there') %}
        {% endif %}
    {% endfor %}
    {% for part in parts %}
        {% do problems.extend(event_part_problems(part.found, chosen_fields(source, part))) %}
    {% endfor %}
    {% if problems %}
        {% set places = [] %}
        {% for part in parts %}{% do places.append(part.found.address ~ '\n           ' ~ part.found.columns | join(', ')) %}{% endfor %}
        {% do stop(
            source_label(source) ~ ' cannot be read:\n  - ' ~ problems | join('\n  - ') ~ '\n  found:   ' ~ places | join('\n           ')
            ~ "\n  hint:    'columns: {our_column: column.or.path}' of the source says where a column stands."
        ) %}
    {% endif %}
{% endmacro %}

{% macro event_part_problems(found, fields) %}
    {% set problems = [] %}
    {% for name, column in input_columns('events').items() %}
        {% set candidates = fields[name] | default([], true) %}
        {% set there = [] %}
        {% for path in ([candidates] if candidates is string or candidates is mapping else candidates) %}
            {% set resolved = resolved_path(found, path) if path is string else {'column': none} %}
            {% if resolved %}{% do there.append(path) %}{% endif %}
            {% set type = found.columns[resolved.column] | upper if resolved and resolved.column and not resolved['keys'] else '' %}
            {% if column.type == 'timestamp' and (type == 'BOOLEAN' or type.startswith('STRUCT') or type.startswith('MAP') or type.endswith(']')) %}
                {% do problems.append("'" ~ resolved.column ~ "' of " ~ found.address ~ ' is of type ' ~ type ~ " and cannot be read as '" ~ name ~ "', a timestamp") %}
            {% endif %}
        {% endfor %}
        {% if column.required and not there %}
            {% do problems.append("'" ~ name ~ "' is missing in " ~ found.address ~ '; expected ' ~ ([candidates] if candidates is string else candidates) | join(' or ')) %}
        {% endif %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}

{# Whether an event counts: identity calls and heartbeats are accepted and listed, but are no use of the product. #}
{% macro counts_as_use(event_source, event_name) -%}
{%- set conditions = [] -%}
{%- for source in pql_sources('pql_event_sources') if source.identity_events or source.uncounted_events -%}
    {%- set names = (source.identity_events + source.uncounted_events) | unique(case_sensitive=true) | list -%}
    {%- do conditions.append('not (' ~ event_source ~ ' = ' ~ text_literal(source.name) ~ ' and ' ~ event_name ~ ' in (' ~ text_literals(names) ~ '))') -%}
{%- endfor -%}
({{ conditions | join(' and ') or 'true' }})
{%- endmacro %}

{# Every configured source of events, so that one that delivers nothing is still listed. #}
{% macro event_source_names() -%}
{%- for source in pql_sources('pql_event_sources') %}
{{ 'union distinct ' if not loop.first }}select {{ text_literal(source.name) }} as event_source
{%- endfor %}
{%- endmacro %}
