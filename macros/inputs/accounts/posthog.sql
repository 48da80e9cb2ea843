{# posthog: the groups of one type. #}

{% macro account_source__posthog__spec() %}
    {% do return({
        'title': 'PostHog',
        'reads': 'the table of `groups`, those of one `group_type_index`',
        'tables': {'groups': {'is': 'one row per group', 'required': true}},
        'options': {'group_type_index': {'is': 'index', 'default': 0}},
        'notes': 'Group properties are named with `attributes: {industry: group_properties.industry}`.',
    }) %}
{% endmacro %}

{% macro account_source__posthog(source) %}
    {% set groups = source_table(source, 'groups', required=true) %}
    {% if not groups %}{% do return(none) %}{% endif %}
    {% set properties = 'group_properties.' if column_like(groups, 'group_properties') else 'properties.' %}
    {% set where = field(groups, 'group_type_index') ~ ' = ' ~ text_literal(source.group_type_index) if column_like(groups, 'group_type_index') %}
    {% do return(mapped_input(source, 'accounts', groups, {
        'account_id': ['group_key', 'key'],
        'signed_up_at': [properties ~ 'created_at', 'created_at'],
        'account_name': [properties ~ 'name'],
        'domain': {'sql': host_of(field(groups, [properties ~ 'domain', properties ~ 'website']))},
        'plan': [properties ~ 'plan'],
        'trial_ends_at': [properties ~ 'trial_ends_at'],
        'closed_at': [properties ~ 'closed_at'],
        'time_zone': [properties ~ 'time_zone', properties ~ 'timezone'],
    }, where)) %}
{% endmacro %}
