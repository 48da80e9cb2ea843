{# segment: Segment in a warehouse (tracks, pages, screens, identifies, groups, aliases), or its raw messages. #}

{% macro event_source__segment__spec() %}
    {% do return({
        'title': 'Segment',
        'reads': 'a warehouse or Parquet export (`tracks`, `pages`, `screens`, `identifies`, `groups`, `aliases`), or raw `messages`',
        'tables': call_tables(),
        'options': {'event_tables': {'is': 'texts'}},
        'identity_events': ['$identify', '$group', '$alias'],
        'alias_events': ['$alias'],
        'leaving_events': ['Account Removed User'],
        'notes': 'Pages are the event `page`, screens `screen`. A group call says which account its user belongs to from then on, the track call `Account Removed User` until when. An alias call whose previous id has been a user\'s renames that user. `event_tables` lists the tables of single events whose columns become properties.',
        'facts': segment_facts(
            'https://www.twilio.com/docs/segment/guides/duplicate-data',
            'https://www.twilio.com/docs/segment/connections/storage/warehouses/schema',
        ),
    }) %}
{% endmacro %}

{# What both go by: RudderStack's calls are Segment's. #}
{% macro segment_facts(duplicates, schema) %}
    {% do return({
        'key': {'is': 'the message id agrees: `id` of a table, `messageId` of a raw message', 'page': duplicates},
        'clock': {
            'is': '`timestamp`: the client\'s, corrected by how wrong it was when it sent the call; received at `received_at`',
            'page': schema,
        },
        'identity': {
            'is': '`user_id`, else `anonymous_id`; the account is the `group_id` of a group call, of the context or of the properties',
            'page': schema,
        },
        'none': {'is': 'identify, group and alias calls are no use: they say who somebody is', 'page': schema},
    }) %}
{% endmacro %}

{% macro event_source__segment(source) -%}
{{ tracker_calls(source) }}
{%- endmacro %}

{# The tables of Segment's calls, which RudderStack shares. #}
{% macro call_tables() %}
    {% do return({
        'tracks': {'is': 'one row per track call', 'known_by': ['event', 'event_text|original_timestamp|sent_at', 'anonymous_id']},
        'pages': {'is': 'one row per page call'},
        'screens': {'is': 'one row per screen call'},
        'identifies': {'is': 'one row per identify call'},
        'groups': {'is': 'one row per group call'},
        'aliases': {'is': 'one row per alias call'},
        'messages': {'is': 'every call as it was sent, with its `type`', 'known_by': ['type', 'messageId', 'anonymousId|userId']},
    }) %}
{% endmacro %}

{#
    Segment's `timestamp` is the moment by the client's clock, corrected by how wrong that clock was when it sent
    the call (sent_at against received_at); original_timestamp is the clock uncorrected.
#}
{% macro tracker_calls(source) -%}
{%- set tables = source_tables(source, ['tracks', 'messages', 'pages', 'screens']) -%}
{%- set parts = [
    {'found': with_event_properties(source, tables.tracks), 'fields': call_fields(['event_text', 'event'])},
    {'found': tables.pages, 'fields': call_fields({'sql': text_literal('page')})},
    {'found': tables.screens, 'fields': call_fields({'sql': text_literal('screen')})},
    {'found': tables.identifies, 'fields': call_fields({'sql': text_literal('$identify')})},
    {'found': tables.groups, 'fields': call_fields({'sql': text_literal('$group')})},
    {'found': tables.aliases, 'fields': call_fields({'sql': text_literal('$alias')}, ['previous_id'])},
    {'found': tables.messages, 'fields': message_fields(tables.messages)},
] -%}
{{ event_rows(source, parts) }}
{%- endmacro %}

{% macro call_fields(event_name, anonymous_id=['anonymous_id']) %}
    {% do return({
        'event_id': ['id', 'message_id'],
        'occurred_at': ['timestamp', 'original_timestamp', 'sent_at'],
        'event_name': event_name,
        'user_id': ['user_id'],
        'account_id': [
            'group_id', 'context_group_id', 'context.groupId', 'context.group_id',
            'properties.groupId', 'properties.group_id', 'account_id', 'properties.accountId', 'properties.account_id',
        ],
        'anonymous_id': anonymous_id,
        'received_at': ['received_at'],
        'properties': 'rest',
        'known': ['event', 'event_text', 'original_timestamp', 'sent_at', 'uuid_ts', 'uuid', 'loaded_at', 'context', 'previous_id', 'type', 'version'],
    }) %}
{% endmacro %}

{#
    A raw message names its event only where it is a track call. Dumps of several tools spell `messageId`, `message_id` or
    `messageid`; where a folder holds several of them, each row is read by its own.
#}
{% macro message_fields(found) %}
    {% if not found %}{% do return({}) %}{% endif %}
    {% set type, previous_id = field(found, 'type'), field(found, all_spellings(found, ['previous_id'])) %}
    {% set fields = call_fields({'sql': 'case ' ~ type ~ " when 'track' then " ~ field(found, 'event')
        ~ " when 'page' then 'page' when 'screen' then 'screen' when 'identify' then '$identify'"
        ~ " when 'group' then '$group' when 'alias' then '$alias' end"}, [
        {'sql': 'case when ' ~ type ~ " = 'alias' then " ~ previous_id ~ ' end'}, 'anonymous_id', 'previous_id',
    ]) %}
    {% for name in id_columns('events') + ['occurred_at', 'received_at'] %}
        {% do fields.update({name: all_spellings(found, fields[name])}) %}
    {% endfor %}
    {% do fields.update({'properties': ['properties', 'traits']}) %}
    {% do return(fields) %}
{% endmacro %}

{# Paths, each followed by the columns that differ from it in case and underscores only. #}
{% macro all_spellings(found, paths) %}
    {% set spellings = [] %}
    {% for path in paths %}
        {% do spellings.append(path) %}
        {% for column in found.columns if path is string and column | lower | replace('_', '') == path | lower | replace('_', '') %}
            {% if path in found.columns and column != path %}{% do spellings.append(column) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(spellings) %}
{% endmacro %}

{#
    A warehouse keeps the properties of a track call in a table of its event: `event_tables` lists them. Joined by id,
    each id once, so that no row of `tracks` doubles. Where the calls come whole, they carry `properties` themselves.
#}
{% macro with_event_properties(source, tracks) %}
    {% if not tracks or not source.event_tables %}{% do return(tracks) %}{% endif %}
    {% set from %}
(
    {%- for table in source.event_tables %}
    {%- set event_table = source_table(source, table, required=true) %}
    {{ 'union all' if not loop.first }}
    select
        {{ field(event_table, ['id', 'message_id']) }} as id,
        {{ remaining_columns_json(event_table, call_fields([])) }} as properties
    from {{ event_table['from'] }}
    {%- endfor %}
) as event_rows
    {% endset %}
    {% set properties = {'from': from, 'columns': {'id': 'VARCHAR', 'properties': 'VARCHAR'}} %}
    {% do return(joined_tables(tracks, ['id', 'message_id'], properties, 'id', {'properties': 'properties'})) %}
{% endmacro %}
