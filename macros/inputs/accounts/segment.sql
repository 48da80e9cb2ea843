{# segment: the accounts that group calls name, with the traits of each account's latest call. #}

{% macro account_source__segment__spec() %}
    {% do return({
        'title': 'Segment',
        'reads': 'the group calls (`groups`): the traits of the latest call of each account',
        'tables': {'groups': {'is': 'one row per group call', 'required': true}},
        'notes': 'The sign-up is the trait `created_at`; without it, the first event.',
    }) %}
{% endmacro %}

{% macro account_source__segment(source) %}
    {% do return(latest_group_calls(source)) %}
{% endmacro %}

{# A group call per account: the latest received. Its columns are the traits. #}
{% macro latest_group_calls(source) %}
    {% set groups = source_table(source, 'groups', required=true) %}
    {% if not groups %}{% do return(none) %}{% endif %}
    {% set ranked = {
        'from': '(select ranked_groups.* from (select *, row_number() over (partition by ' ~ field(groups, 'group_id') ~ ' order by '
            ~ field(groups, ['received_at', 'timestamp'], 'timestamp') ~ ' desc, ' ~ field(groups, ['id', 'message_id'])
            ~ ' desc) as call_rank from ' ~ groups['from'] ~ ') as ranked_groups where ranked_groups.call_rank = 1) as latest_groups',
        'columns': groups.columns,
        'address': groups.address,
    } %}
    {% do return(mapped_input(source, 'accounts', ranked, {
        'account_id': ['group_id'],
        'signed_up_at': ['created_at', 'traits.created_at', 'traits.createdAt'],
        'account_name': ['name', 'traits.name'],
        'domain': {'sql': host_of(field(ranked, ['domain', 'website', 'traits.domain', 'traits.website']))},
        'plan': ['plan', 'traits.plan'],
        'trial_ends_at': ['trial_ends_at', 'traits.trial_ends_at'],
        'closed_at': ['closed_at', 'traits.closed_at'],
        'time_zone': ['time_zone', 'traits.time_zone', 'traits.timezone'],
    })) %}
{% endmacro %}
