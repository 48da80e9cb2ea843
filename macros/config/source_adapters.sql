{#
    Adapters are found by the names of their macros, as criterion types are: event_source__<adapter>__spec() and
    event_source__<adapter>(source), likewise account_source__… and conversion_source__…. A spec is
    {'reads': what it reads, 'tables': {name: {'is', 'required', 'known_by': [columns],
    'else_called': another name that it has, 'id_repeats': whether its `id` is not the row's}}, 'options': {key: rule},
    'identity_events': [names], 'alias_events': [names], 'leaving_events': [names],
    'uncounted_events': [names], 'dispositions': {word: ours}, 'stages': {word: ours},
    'negative_amounts': whether a payment may be below 0,
    'same_id': the macro that makes spellings of an id one, 'without': [common options it has not], 'notes': text,
    'facts': {fact: {'is': text, 'page': address}}}. The facts are `key`, `clock`, `identity` and `none`, for the table in the
    documentation. The macro yields the rows of events, or where those of another input are.
#}
{% macro source_kinds() %}
    {% do return({
        'pql_event_sources': {'prefix': 'event_source', 'input': 'events'},
        'pql_account_sources': {'prefix': 'account_source', 'input': 'accounts'},
        'pql_conversion_sources': {'prefix': 'conversion_source', 'input': 'conversions'},
        'pql_subscription_end_sources': {'prefix': 'subscription_end_source', 'input': 'subscription_ends'},
        'pql_lead_stage_sources': {'prefix': 'lead_stage_source', 'input': 'lead_stages'},
        'pql_feedback_sources': {'prefix': 'feedback_source', 'input': 'crm_pql_feedback'},
        'pql_crm_record_sources': {'prefix': 'crm_record_source', 'input': 'crm_records'},
    }) %}
{% endmacro %}

{% macro adapters(variable) %}
    {% set start = source_kinds()[variable].prefix ~ '__' %}
    {% set names = [] %}
    {% for name in macro_names() if name.startswith(start) and name.endswith('__spec') %}
        {% do names.append(name[start | length:-6]) %}
    {% endfor %}
    {% do return(names | sort) %}
{% endmacro %}

{% macro adapter_spec(variable, adapter) %}
    {% do return(context[source_kinds()[variable].prefix ~ '__' ~ adapter ~ '__spec']()) %}
{% endmacro %}

{# Every option that an adapter takes: its own and those that all of its kind share. #}
{% macro adapter_options(variable, spec) %}
    {% set kind = source_kinds()[variable] %}
    {% set options = {
        'name': {'is': 'identifier', 'required': true},
        'adapter': {'is': 'text', 'required': true},
        'description': {'is': 'text'},
        'folder': {'is': 'place'},
        'database': {'is': 'place'},
        'schema': {'is': 'place'},
        'tables': {'is': 'places', 'of': spec.tables | list},
        'models': {'is': 'models', 'of': spec.tables | list, 'key': 'table'},
        'columns': {'is': 'column_paths', 'of': input_columns(kind.input) | list},
    } %}
    {% if kind.input == 'events' %}
        {% do options.update({
            'id_prefix': {'is': 'text'}, 'identity_events': {'is': 'texts'}, 'uncounted_events': {'is': 'texts'}
        }) %}
    {% endif %}
    {% if kind.input in ['conversions', 'subscription_ends'] %}{% do options.update({'where': {'is': 'property_values'}}) %}{% endif %}
    {% if kind.input == 'crm_pql_feedback' %}{% do options.update({'dispositions': {'is': 'dispositions'}}) %}{% endif %}
    {% if kind.input == 'lead_stages' %}{% do options.update({'stages': {'is': 'stage_names'}}) %}{% endif %}
    {% if kind.input == 'accounts' %}{% do options.update({'attributes': {'is': 'paths'}}) %}{% endif %}
    {% for key in spec.without | default([]) %}{% do options.pop(key) %}{% endfor %}
    {% do options.update(spec.options | default({})) %}
    {% do return(options) %}
{% endmacro %}

{# An adapter's words in lower case, with the user's in their stead. #}
{% macro merged_words(known, written) %}
    {% set words = {} %}
    {% for mapping in [known or {}, written or {}] %}
        {% for word, meaning in mapping.items() %}{% do words.update({word | lower: meaning}) %}{% endfor %}
    {% endfor %}
    {% do return(words) %}
{% endmacro %}

{# A checked list of sources with the defaults of their adapters filled in. #}
{% macro checked_sources(variable, written) %}
    {% set sources = [] %}
    {% for entry in written %}
        {% set spec = adapter_spec(variable, entry.adapter) %}
        {% set source = {'position': loop.index, 'columns': {}, 'tables': {}, 'models': {}} %}
        {% for key, rule in adapter_options(variable, spec).items() if 'default' in rule %}
            {% do source.update({key: rule.default}) %}
        {% endfor %}
        {% do source.update(entry) %}
        {% do source.update({
            'variable': variable,
            'spec': spec,
            'dispositions': merged_words(spec.dispositions, entry.dispositions),
            'stages': merged_words(spec.stages, entry.stages),
            'identity_events': (spec.identity_events | default([])) + (entry.identity_events | default([])),
            'alias_events': spec.alias_events | default([]),
            'leaving_events': spec.leaving_events | default([]),
            'uncounted_events': (spec.uncounted_events | default([])) + (entry.uncounted_events | default([])),
        }) %}
        {% do sources.append(source) %}
    {% endfor %}
    {% do return(sources) %}
{% endmacro %}

{# What every adapter declares, for scripts: {variable: {adapter: spec}}. #}
{% macro adapter_catalogue() %}
    {% set catalogue = {} %}
    {% for variable in source_kinds() %}
        {% set specs = {} %}
        {% for adapter in adapters(variable) %}{% do specs.update({adapter: adapter_spec(variable, adapter)}) %}{% endfor %}
        {% do catalogue.update({variable: specs}) %}
    {% endfor %}
    {% do return(catalogue) %}
{% endmacro %}
