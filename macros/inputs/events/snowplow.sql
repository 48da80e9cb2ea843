{# snowplow: Snowplow's wide table of atomic events. #}

{% macro event_source__snowplow__spec() %}
    {% do return({
        'title': 'Snowplow',
        'reads': 'the wide table of atomic `events`',
        'tables': {'events': {
            'is': 'one row per atomic event', 'required': true, 'known_by': ['collector_tstamp', 'domain_userid', 'event_id'],
        }},
        'uncounted_events': ['page_ping'],
        'notes': 'The clock is `derived_tstamp`. A structured event is named by its `se_action`. Page pings are heartbeats, not use. Name the account in `columns`, e.g. `contexts_com_acme_account_1.0.account_id`.',
        'facts': {
            'key': {
                'is': '`event_id` agrees, the first at the collector counts; one that a robot uses again for another user, event or moment is a conflict, and is said',
                'page': 'https://docs.snowplow.io/docs/modeling-your-data/modeling-your-data-with-dbt/package-mechanics/deduplication',
            },
            'clock': {
                'is': '`derived_tstamp`: the device\'s, corrected by how wrong it was at sending; received at `collector_tstamp`',
                'page': 'https://docs.snowplow.io/docs/fundamentals/canonical-event/',
            },
            'identity': {
                'is': '`user_id`, else `domain_userid`, else `network_userid`; the account is where `columns` says',
                'page': 'https://docs.snowplow.io/docs/fundamentals/canonical-event/',
            },
            'none': {
                'is': 'page pings are heartbeats, no use',
                'page': 'https://docs.snowplow.io/docs/fundamentals/canonical-event/',
            },
        },
    }) %}
{% endmacro %}

{#
    derived_tstamp is the device's clock corrected by how wrong it was at sending; collector_tstamp is the server's.
    A self-describing event's properties are in the one column of its schema and version that is not null.
#}
{% macro event_source__snowplow(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{{ event_rows(source, [{'found': found, 'fields': {
    'event_id': ['event_id'],
    'occurred_at': ['derived_tstamp', 'dvce_created_tstamp', 'collector_tstamp'],
    'event_name': snowplow_event_name(found),
    'user_id': ['user_id'],
    'account_id': ['account_id'],
    'anonymous_id': ['domain_userid', 'network_userid'],
    'received_at': ['collector_tstamp'],
    'properties': snowplow_properties(found),
}}]) }}
{%- endmacro %}

{% macro snowplow_event_name(found) %}
    {% if not found or not column_like(found, 'event_name') and not column_like(found, 'event') %}{% do return(['event_name', 'event']) %}{% endif %}
    {% do return({'sql': 'case when ' ~ field(found, 'event') ~ " = 'struct' then " ~ field(found, 'se_action')
        ~ ' else ' ~ field(found, ['event_name', 'event']) ~ ' end'}) %}
{% endmacro %}

{% macro snowplow_properties(found) %}
    {% if not found %}{% do return([]) %}{% endif %}
    {% set candidates, columns = [], {} %}
    {% for column in found.columns if column | lower | truncate(14, true, '') == 'unstruct_event' %}{% do candidates.append(column) %}{% endfor %}
    {% for column in ['se_category', 'se_action', 'se_label', 'se_property', 'se_value', 'page_urlpath', 'page_title', 'app_id'] if column_like(found, column) %}
        {% do columns.update({column: column_like(found, column)}) %}
    {% endfor %}
    {% if columns %}{% do candidates.append({'sql': json_of_values(columns)}) %}{% endif %}
    {% do return(candidates) %}
{% endmacro %}
