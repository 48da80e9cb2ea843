{# table: any table of stages, with `columns` saying which of its columns is which of ours. #}

{% macro lead_stage_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of stages that leads entered; `columns` says which of its columns is which of ours (`account_id` or `domain`), `stages` what its words are called here',
        'tables': {'lead_stages': {'is': 'one row per account and stage that it entered', 'required': true}},
        'facts': own_stage_facts(),
    }) %}
{% endmacro %}

{% macro lead_stage_source__table(source) %}
    {% set found = source_table(source, 'lead_stages', required=true) %}
    {% do return(in_our_stages(source, mapped_input(source, 'lead_stages', found, {}))) %}
{% endmacro %}

{# Several tables of a source as one, as text, so that a date stays one; those that are not there are left out. #}
{% macro united_stages(tables) %}
    {% set selects, columns = [], {} %}
    {% for name in ['account_id', 'domain', 'stage', 'entered_at', 'adapter_fault'] %}{% do columns.update({name: 'VARCHAR'}) %}{% endfor %}
    {% for found in tables if found %}
        {% set values = [] %}
        {% for name in columns %}{% do values.append(field(found, name) ~ ' as ' ~ quoted_name(name)) %}{% endfor %}
        {% do selects.append('select ' ~ values | join(', ') ~ ' from ' ~ found['from']) %}
    {% endfor %}
    {% if not selects %}{% do return(none) %}{% endif %}
    {% do return({'from': '(' ~ selects | join(' union all ') ~ ') as united', 'columns': columns, 'address': 'lead_stages'}) %}
{% endmacro %}

{# Stages by the names that `stages` of the source gives them; what it calls `none` is left out. #}
{% macro in_our_stages(source, found) %}
    {% if not found or not source.stages or not input_column(found, 'stage') %}{% do return(found) %}{% endif %}
    {% set stage = field(found, input_column(found, 'stage')) %}
    {% set whens, without = [], [] %}
    {% for theirs, ours in source.stages.items() %}
        {% do (without.append(theirs) if ours == 'none' else whens.append('when ' ~ text_literal(theirs) ~ ' then ' ~ text_literal(ours))) %}
    {% endfor %}
    {% set named = 'case lower(' ~ stage ~ ') ' ~ whens | join(' ') ~ ' else ' ~ stage ~ ' end' if whens else stage %}
    {% do return(with_columns(found, {'stage': named}, {},
        'coalesce(lower(' ~ stage ~ ') not in (' ~ text_literals(without) ~ '), true)' if without else none)) %}
{% endmacro %}
