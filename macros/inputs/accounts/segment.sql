{# segment: the accounts that group calls name, with the last traits that were said of each. #}

{% macro account_source__segment__spec() %}
    {% do return({
        'title': 'Segment',
        'reads': 'the group calls (`groups`): of each account the last traits that were said',
        'tables': {'groups': {'is': 'one row per group call', 'required': true}},
        'notes': 'The sign-up is the trait `created_at`; without it, the first event.',
    }) %}
{% endmacro %}

{% macro account_source__segment(source) %}
    {% do return(latest_group_calls(source)) %}
{% endmacro %}

{#
    The accounts that group calls name. A call says only what it was given, often nothing but the group: of each trait the
    last that was said holds. What else a call carries is that of the last one.
#}
{% macro latest_group_calls(source) %}
    {% set groups = source_table(source, 'groups', required=true) %}
    {% if not groups %}{% do return(none) %}{% endif %}
    {% set calls = mapped_input(source, 'accounts', groups, {
        'account_id': ['group_id'],
        'signed_up_at': ['created_at', 'traits.created_at', 'traits.createdAt'],
        'account_name': ['name', 'traits.name'],
        'domain': {'sql': host_of(field(groups, ['domain', 'website', 'traits.domain', 'traits.website']))},
        'plan': ['plan', 'traits.plan'],
        'trial_ends_at': ['trial_ends_at', 'traits.trial_ends_at'],
        'closed_at': ['closed_at', 'traits.closed_at'],
        'time_zone': ['time_zone', 'traits.time_zone', 'traits.timezone'],
    }) %}
    {% set newest = field(calls, ['received_at', 'timestamp'], 'timestamp') ~ ' desc nulls last, ' ~ field(calls, ['id', 'message_id']) ~ ' desc nulls last' %}
    {% set last, of_account = {}, 'partition by ' ~ field(calls, 'account_id') ~ ' order by ' %}
    {% for column in calls.columns if column != 'account_id' and not is_of_the_call(column) %}
        {% do last.update({column: 'first_value(' ~ quoted_name(column) ~ ') over (' ~ of_account
            ~ 'case when ' ~ field(calls, column) ~ ' is null then 1 else 0 end, ' ~ newest ~ ')'}) %}
    {% endfor %}
    {% do last.update({'call_rank': 'row_number() over (' ~ of_account ~ newest ~ ')'}) %}
    {% do return(with_columns(with_columns(calls, last, calls.columns), {}, {}, named('[call_rank] = 1'))) %}
{% endmacro %}

{# Whether a column tells of a call rather than of its group. #}
{% macro is_of_the_call(column) %}
    {% set name = column | lower %}
    {% do return(name.startswith('context') or name in call_fields([]).known + ['id', 'message_id', 'user_id', 'anonymous_id', 'timestamp', 'received_at']) %}
{% endmacro %}
