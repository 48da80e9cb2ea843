{# heap: Heap Connect. #}

{% macro event_source__heap__spec() %}
    {% do return({
        'title': 'Heap',
        'reads': 'Heap Connect: `all_events`, `users`, `user_migrations`',
        'tables': {
            'all_events': {'is': 'one row per event', 'required': true, 'known_by': ['event_id', 'user_id', 'event_table_name']},
            'users': {'is': 'one row per user of Heap, with its identity'},
            'user_migrations': {'is': 'one row per user merged into another'},
        },
        'options': {'account_property': {'is': 'text', 'default': 'account_id'}},
        'identity_events': ['$identify'],
        'notes': 'A user is its `identity`; one without is anonymous. The account is the property `account_property` of the user. Heap rewrites identities, so what it delivers today may differ from yesterday\'s.',
    }) %}
{% endmacro %}

{% macro event_source__heap(source) -%}
{%- set tables = source_tables(source, ['all_events']) -%}
{%- set events = with_heap_identity(source, tables.all_events, tables.users, 'user_id') -%}
{%- set migrations = with_heap_identity(source, tables.user_migrations, tables.users, 'to_user_id') -%}
{{ event_rows(source, [
    {'found': events, 'fields': {
        'event_id': ['event_id'],
        'occurred_at': ['time'],
        'event_name': ['event_table_name', 'event_name'],
        'user_id': ['heap_identity'],
        'account_id': ['account_id', 'heap_account_id'],
        'anonymous_id': ['user_id'],
        'received_at': ['received_at'],
        'properties': 'rest',
        'known': ['session_id', 'heap_identity', 'heap_account_id'],
    }},
    {'found': migrations, 'fields': {
        'event_id': hash_of_fields(migrations, ['from_user_id', 'to_user_id', 'time']),
        'occurred_at': ['time'],
        'event_name': {'sql': text_literal('$identify')},
        'user_id': ['heap_identity'],
        'account_id': ['heap_account_id'],
        'anonymous_id': ['from_user_id'],
    }},
]) }}
{%- endmacro %}

{# A table of Heap with the identity and the account of the user that a column names. #}
{% macro with_heap_identity(source, found, users, key) %}
    {% do return(joined_tables(found, key, users, 'user_id', {'heap_identity': 'identity', 'heap_account_id': source.account_property})) %}
{% endmacro %}
