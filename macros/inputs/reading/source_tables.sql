{#
    A table of a source: {'from': SQL, 'columns': {name: type}, 'address': where}, or none where it is missing.
    It is a model of the project (`models`), a table of a schema (`schema`), or, on an embedded engine, files.
#}
{% macro source_table(source, table, required=false) %}
    {% set place, other = source_place(source, table), (source.spec.tables[table] or {}).else_called %}
    {% if not execute %}{% do return(none) %}{% endif %}
    {% set found = table_at(place) %}
    {% if not found and other and not source.tables[table] and not source.models[table] %}
        {% set found = table_at(source_place(source, other)) %}
    {% endif %}
    {% if not found and required %}{% do missing_tables(source, [place.address]) %}{% endif %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set named = {} %}
    {% do named.update(found) %}
    {% do named.update({'address': table ~ ' = ' ~ (found.address or found['from'])}) %}
    {% do return(named) %}
{% endmacro %}

{% macro table_at(place) %}
    {% set find = default__find_input if place.is_relation else adapter.dispatch('find_input', 'pql_warehouse') %}
    {% do return(find(place.path, place.relation)) %}
{% endmacro %}

{# Where a table of a source is expected, on every engine; `address` says so in words. #}
{% macro source_place(source, table) %}
    {% set name = source.tables[table] or table %}
    {% set path = source.folder ~ '/' ~ name if source.folder else name %}
    {% set relation = model_named(source.models[table]) if source.models[table] else raw_relation(name, source) %}
    {% set is_relation = source.models[table] or source.schema or source.database %}
    {% set of_tables, of_inputs = default__input_address, adapter.dispatch('input_address', 'pql_warehouse') %}
    {% set address = (of_tables if is_relation else of_inputs)(path, relation) %}
    {% do return({'path': path, 'relation': relation, 'is_relation': is_relation, 'address': address}) %}
{% endmacro %}

{# Where a table of raw rows is, unless its source says that it is elsewhere. #}
{% macro raw_relation(name, source={}) %}
    {% do return(api.Relation.create(
        database=source.database or target.database,
        schema=source.schema or var('pql_source_schema', target.schema),
        identifier=name,
    )) %}
{% endmacro %}

{# Every table that may hold raw rows; they are the user's. #}
{% macro raw_relations() %}
    {% set found = [] %}
    {% for input in ['events', 'forgotten'] + judged_inputs() %}{% do found.append(raw_relation(input)) %}{% endfor %}
    {% for variable in source_kinds() %}
        {% for source in pql_sources(variable) %}
            {% for table, about in source.spec.tables.items() %}
                {% do found.append(raw_relation(source.tables[table] or table, source)) %}
                {% if about.else_called %}{% do found.append(raw_relation(about.else_called, source)) %}{% endif %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{# The tables of a source that are there, by name; at least one of `needed` must be. Of objects of a billing system each is as it was last. #}
{% macro source_tables(source, needed) %}
    {% set found, present = {}, [] %}
    {% for table in source.spec.tables %}
        {% do found.update({table: source_table(source, table)}) %}
        {% if source.variable in ['pql_conversion_sources', 'pql_subscription_end_sources'] and not source.spec.tables[table].id_repeats %}
            {% do found.update({table: as_they_were_last(found[table])}) %}
        {% endif %}
        {% if found[table] and table in needed %}{% do present.append(table) %}{% endif %}
    {% endfor %}
    {% if execute and not present %}{% do missing_tables(source, needed) %}{% endif %}
    {% do return(found) %}
{% endmacro %}

{% macro missing_tables(source, places) %}
    {% do stop(
        source_label(source) ~ ': nothing to read.\n  expected: ' ~ places | join(' or ')
        ~ '\n  where:    ' ~ ('the schema ' ~ source.schema if source.schema else 'the folder ' ~ data_dir() ~ ('/' ~ source.folder if source.folder else ''))
        ~ "\n  hint:     'folder' (files), 'schema' (tables), 'models' (dbt models) and 'tables' (other names) say where it is."
    ) %}
{% endmacro %}

{% macro source_label(source) %}
    {% do return(source.variable ~ " '" ~ source.name ~ "' (" ~ source.adapter ~ ')') %}
{% endmacro %}

{# The source's own spelling of a column: exact, else whatever the case, else whatever the underscores as well. #}
{% macro column_like(found, name) %}
    {% if name in found.columns %}{% do return(name) %}{% endif %}
    {% for column in found.columns if column | lower == name | lower %}{% do return(column) %}{% endfor %}
    {% set plain = name | lower | replace('_', '') %}
    {% for column in found.columns if column | lower | replace('_', '') == plain %}{% do return(column) %}{% endfor %}
    {% do return(none) %}
{% endmacro %}

{# A path as {'column': top-level column, 'keys': [path inside it]}, none where the column is missing. #}
{% macro resolved_path(found, path) %}
    {% set column = column_like(found, path) %}
    {% if column %}{% do return({'column': column, 'keys': []}) %}{% endif %}
    {% set parts = path.split('.') %}
    {% set column = column_like(found, parts[0]) if parts | length > 1 else none %}
    {% do return({'column': column, 'keys': parts[1:]} if column else none) %}
{% endmacro %}

{# The value at a path as text, blank as null. #}
{% macro path_text(found, resolved) %}
    {% set text = adapter.dispatch('column_text', 'pql_warehouse')(quoted_name(resolved.column), found.columns[resolved.column] | upper) %}
    {% set text = json_path_text(text, resolved['keys']) if resolved['keys'] else text %}
    {% do return(unless_blank(text)) %}
{% endmacro %}

{# The value at a path as a UTC moment: a timestamp, text with or without an offset, or an epoch of any unit. #}
{% macro path_moment(found, resolved) %}
    {% set type = found.columns[resolved.column] | upper %}
    {% set column = quoted_name(resolved.column) %}
    {% if not resolved['keys'] and (type.startswith('TIMESTAMP') or type == 'DATE') %}
        {% set text = adapter.dispatch('column_text', 'pql_warehouse')(column, type) %}
        {% do return(adapter.dispatch('column_timestamp', 'pql_warehouse')(column, type, text)) %}
    {% endif %}
    {% do return(text_to_moment(path_text(found, resolved))) %}
{% endmacro %}

{# The first value of several candidates (paths, or {'sql': expression}), read as its type; null where none is there. #}
{% macro field(found, candidates, type='text') %}
    {% set values = [] %}
    {% for candidate in ([candidates] if candidates is string or candidates is mapping else candidates) %}
        {% set resolved = resolved_path(found, candidate) if candidate is string else none %}
        {% if candidate is mapping %}
            {% do values.append(candidate.sql) %}
        {% elif resolved and type == 'timestamp' %}
            {% do values.append(path_moment(found, resolved)) %}
        {% elif resolved and type == 'number' %}
            {% do values.append(text_to_number(path_text(found, resolved))) %}
        {% elif resolved %}
            {% do values.append(path_text(found, resolved)) %}
        {% endif %}
        {% if type == 'id' and (resolved or candidate is mapping) %}{% do values.append(unless_placeholder(values.pop())) %}{% endif %}
    {% endfor %}
    {% if not values %}{% do return('cast(null as ' ~ declared_type(type) ~ ')') %}{% endif %}
    {% do return(values[0] if values | length == 1 else 'coalesce(' ~ values | join(', ') ~ ')') %}
{% endmacro %}

{# The first candidate that is an id, else the word in its place, which the reader of the input takes for none and lists. #}
{% macro first_id(found, candidates) %}
    {% set written = field(found, candidates) %}
    {% do return('coalesce(' ~ field(found, candidates, 'id') ~ ', ' ~ written ~ ')' if candidates | length > 1 else written) %}
{% endmacro %}

{# A table with columns replaced or added, {name: SQL over its columns}, and perhaps only some of its rows. #}
{% macro with_columns(found, added, types={}, where=none) %}
    {% if not found %}{% do return(found) %}{% endif %}
    {% set columns, selected, names = {}, [], added | map('lower') | list %}
    {% for column, type in found.columns.items() if column | lower not in names %}
        {% do columns.update({column: type}) %}
        {% do selected.append(quoted_name(column)) %}
    {% endfor %}
    {% for name, sql in added.items() %}
        {% do columns.update({name: types[name] or 'VARCHAR'}) %}
        {% do selected.append(sql ~ ' as ' ~ quoted_name(name)) %}
    {% endfor %}
    {% do return({
        'from': '(select ' ~ selected | join(', ') ~ ' from ' ~ found['from'] ~ (' where ' ~ where if where else '') ~ ' ' ~ worked_out_once() ~ ') as mapped',
        'columns': columns,
        'address': found.address,
    }) %}
{% endmacro %}

{#
    A table of a source as one of our inputs: its columns under our names, `fields` being {our column: candidates}
    and the source's `columns` standing in their stead. A date stays a date and an epoch becomes a moment.
#}
{% macro mapped_input(source, input, found, fields, where=none) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set added, types, problems = {}, {}, [] %}
    {% for name, column in input_columns(input).items() %}
        {% set written = source.columns[name] %}
        {% set candidates = written or fields[name] | default([name], true) %}
        {% set there = [] %}
        {% for path in ([candidates] if candidates is string or candidates is mapping else candidates) %}
            {% if path is mapping or resolved_path(found, path) %}{% do there.append(path) %}{% endif %}
        {% endfor %}
        {% if there %}
            {% set resolved = resolved_path(found, there[0]) if there | length == 1 and there[0] is string else none %}
            {% set type = found.columns[resolved.column] | upper if resolved and not resolved['keys'] else 'VARCHAR' %}
            {% set is_moment = column.type == 'timestamp' and (type.startswith('TIMESTAMP') or type == 'DATE') %}
            {% do types.update({name: found.columns[resolved.column] if is_moment else 'VARCHAR'}) %}
            {% do added.update({name: quoted_name(resolved.column) if is_moment
                else clock_text(field(found, there)) if column.type == 'timestamp' else first_id(found, there) if column.type == 'id'
                else field(found, there)}) %}
        {% elif written or (column.required and not (column.or_by and field_is_there(found, source.columns[column.or_by] or fields[column.or_by] or column.or_by))) %}
            {% do problems.append("'" ~ name ~ "' is missing; expected " ~ (([candidates] if candidates is string else candidates) + ([column.or_by] if column.or_by else [])) | join(' or ')) %}
        {% endif %}
    {% endfor %}
    {% for name, path in (source.attributes or {}).items() %}
        {% if resolved_path(found, path) %}
            {% do added.update({name: field(found, path)}) %}
        {% else %}
            {% do problems.append("'attributes' says that '" ~ name ~ "' is " ~ path ~ ', which is not there') %}
        {% endif %}
    {% endfor %}
    {% if problems %}
        {% do stop(
            source_label(source) ~ ' cannot be read:\n  - ' ~ problems | join('\n  - ') ~ '\n  found:   ' ~ found.address
            ~ '\n           ' ~ found.columns | join(', ')
            ~ "\n  hint:    'columns: {our_column: column.or.path}' of the source says where a column stands."
        ) %}
    {% endif %}
    {% do return(with_columns(found, added, types, where)) %}
{% endmacro %}

{# An epoch as the text of its moment, other text as it is, so that a bare date stays one. #}
{% macro clock_text(text) -%}
case
    when {{ is_epoch(text) }} then cast({{ epoch_to_timestamp(epoch_seconds(text)) }} as {{ dbt.type_string() }})
    else {{ text }}
end
{%- endmacro %}

{# Two tables of a source as one: every column of `found`, and columns of `other` under new names, {name: candidates}. #}
{% macro joined_tables(found, key, other, other_key, wanted) %}
    {% if not found or not other or not field_is_there(found, key) or not field_is_there(other, other_key) %}{% do return(found) %}{% endif %}
    {% set keyed = with_columns(found, {'join_key': field(found, key)}) %}
    {% set columns = {} %}
    {% do columns.update(found.columns) %}
    {% for name in wanted %}{% do columns.update({name: 'VARCHAR'}) %}{% endfor %}
    {% set from %}
(
    select keyed.*{% for name in wanted %}, looked_up.{{ quoted_name(name) }}{% endfor %}
    from (select * from {{ keyed['from'] }}) as keyed
    left join (
        select
            {{ field(other, other_key) }} as other_key
            {%- for name, candidates in wanted.items() %},
            max({{ field(other, candidates) }}) as {{ quoted_name(name) }}
            {%- endfor %}
        from {{ other['from'] }}
        group by {{ field(other, other_key) }}
    ) as looked_up on keyed.{{ quoted_name('join_key') }} = looked_up.other_key
) as joined
    {% endset %}
    {% do return({'from': from, 'columns': columns, 'address': found.address}) %}
{% endmacro %}

{% macro field_is_there(found, candidates) %}
    {% if candidates is mapping %}{% do return(true) %}{% endif %}
    {% for path in ([candidates] if candidates is string else candidates) if resolved_path(found, path) %}{% do return(true) %}{% endfor %}
    {% do return(false) %}
{% endmacro %}
