{# heap: Heap Connect. #}

{% macro event_source__heap__spec() %}
    {% set schema = 'https://help.heap.io/hc/en-us/articles/18700033317020-Heap-Connect-Data-Schema' %}
    {% do return({
        'title': 'Heap',
        'reads': 'Heap Connect: `all_events`, `users`, `user_migrations`',
        'tables': {
            'all_events': {'is': 'one row per event', 'required': true, 'known_by': ['event_id', 'user_id', 'event_table_name']},
            'users': {'is': 'one row per user of Heap, with its identity'},
            'user_migrations': {'is': 'one row per user merged into another'},
        },
        'options': {'account_property': {'is': 'text', 'default': 'account_id'}},
        'identity_events': ['$identify', '$alias'],
        'alias_events': ['$alias'],
        'notes': 'A user is its `identity`; one without is anonymous. The account is the property `account_property` of the user. Heap rewrites identities, so what it delivers today may differ from yesterday\'s.',
        'facts': {
            'key': {
                'is': '`user_id`, `event_id` and `event_table_name` agree: a click that fits two definitions is an event of each',
                'page': 'https://help.heap.io/hc/en-us/articles/37271929896977-Why-are-there-duplicate-event-IDs-in-the-All-Events-view-in-my-data-warehouse',
            },
            'clock': {'is': '`time`', 'page': schema},
            'identity': {
                'is': 'the `identity` of the user, else the device `user_id`; `user_migrations` says which device became whom, when',
                'page': 'https://help.heap.io/heap-connect/heap-connect-guide/identity-resolution',
            },
            'none': {'is': 'a user without `identity` is nobody known', 'page': schema},
        },
    }) %}
{% endmacro %}

{% macro event_source__heap(source) -%}
{%- set tables = source_tables(source, ['all_events']) -%}
{%- set events = with_heap_identity(source, tables.all_events, tables.users, 'user_id') -%}
{%- set migrations = with_heap_identity(source, tables.user_migrations, tables.users, 'to_user_id') -%}
{%- set fields = {
    'occurred_at': ['time'],
    'event_name': ['event_table_name', 'event_name'],
    'user_id': ['heap_identity'],
    'account_id': ['account_id', 'heap_account_id'],
    'anonymous_id': ['user_id'],
    'received_at': ['received_at'],
    'properties': 'rest',
    'known': ['session_id', 'heap_identity', 'heap_account_id'],
} -%}
{%- do fields.update({'event_id': [id_with(source, events, fields, ['event_id'], ['anonymous_id', 'event_name'])]}) -%}
{%- set migrated = {
    'occurred_at': ['time'],
    'event_name': {'sql': text_literal('$identify')},
    'user_id': ['heap_identity'],
    'account_id': ['heap_account_id'],
    'anonymous_id': ['from_user_id'],
} -%}
{%- set renamed = renamed_in_heap(source, migrations, tables.users) -%}
{%- set renaming = dict(migrated, event_name={'sql': text_literal('$alias')}, anonymous_id=['heap_old_identity']) -%}
{%- do renaming.update({'event_id': [made_id(source, renamed, renaming, ['event_name', 'anonymous_id', 'to_user_id', 'occurred_at'])]}) -%}
{%- do migrated.update({'event_id': [made_id(source, migrations, migrated, ['anonymous_id', 'to_user_id', 'occurred_at'])]}) -%}
{{ event_rows(source, [{'found': events, 'fields': fields}, {'found': migrations, 'fields': migrated}, {'found': renamed, 'fields': renaming}]) }}
{%- endmacro %}

{# The migrations of users who had another identity before. #}
{% macro renamed_in_heap(source, migrations, users) %}
    {% if not migrations or not users %}{% do return(none) %}{% endif %}
    {% set found = joined_tables(migrations, 'from_user_id', users, 'user_id', {'heap_old_identity': 'identity'}) %}
    {% do return(with_columns(found, {}, where='heap_old_identity <> heap_identity')) %}
{% endmacro %}

{# A table of Heap with the identity and the account of the user that a column names. #}
{% macro with_heap_identity(source, found, users, key) %}
    {% do return(joined_tables(found, key, users, 'user_id', {'heap_identity': 'identity', 'heap_account_id': source.account_property})) %}
{% endmacro %}
