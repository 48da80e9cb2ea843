{# table: any table of answers, with `columns` saying which of its columns is which of ours. #}

{% macro feedback_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of answers; `columns` says which of its columns is which of ours, `dispositions` which of its words is which',
        'tables': {'crm_pql_feedback': {'is': 'one row per answer', 'required': true}},
    }) %}
{% endmacro %}

{% macro feedback_source__table(source) %}
    {% set found = source_table(source, 'crm_pql_feedback', required=true) %}
    {% do return(in_our_words(source, mapped_input(source, 'crm_pql_feedback', found, {}))) %}
{% endmacro %}

{# Answers with their dispositions in our words, `dispositions` of the source; what means `none` is no answer. #}
{% macro in_our_words(source, found) %}
    {% if not found or not source.dispositions %}{% do return(found) %}{% endif %}
    {% set word = 'lower(' ~ field(found, 'disposition') ~ ')' %}
    {% set whens, without = [], [] %}
    {% for theirs, ours in source.dispositions.items() %}
        {% do (without.append(theirs) if ours == 'none' else whens.append('when ' ~ text_literal(theirs) ~ ' then ' ~ text_literal(ours))) %}
    {% endfor %}
    {% set sql = 'case ' ~ word ~ ' ' ~ whens | join(' ') ~ ' else ' ~ word ~ ' end' if whens else word %}
    {% do return(with_columns(found, {'disposition': sql}, {},
        'coalesce(' ~ word ~ " not in (" ~ text_literals(without) ~ '), true)' if without else none)) %}
{% endmacro %}

{# Several tables of a source as one input; those that are not there are left out. #}
{% macro united_inputs(input, tables) %}
    {% set selects, columns = [], {} %}
    {% for found in tables if found %}{% do selects.append(raw_input(input, found, fault_columns(input, found))) %}{% endfor %}
    {% if not selects %}{% do return(none) %}{% endif %}
    {% for name, column in input_columns(input).items() %}{% do columns.update({name: declared_type(column.type)}) %}{% endfor %}
    {% if input in inputs_with_faults() %}{% do columns.update({'adapter_fault': dbt.type_string()}) %}{% endif %}
    {% do return({'from': '(' ~ selects | join(' union all ') ~ ') as united', 'columns': columns, 'address': input}) %}
{% endmacro %}
