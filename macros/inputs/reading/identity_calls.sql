{#
    The accepted calls that say who somebody is, of the sources whose adapters know such; `key` says which:
    identity_events, all of them; alias_events, those whose anonymous_id is an id that the user had before; leaving_events,
    by which a user leaves an account.
#}
{% macro identity_calls(key) -%}
{%- set events, sources = ref('pql_warehouse', 'stg_product__events'), pql_sources('pql_event_sources') | selectattr(key) | list -%}
{%- if sources -%}
select event_id, event_source, event_name, occurred_at, user_id, account_id, anonymous_id
from {{ events }}
where
    user_id is not null
    and (
        {%- for source in sources %}
        {{ 'or ' if not loop.first }}(event_source = {{ text_literal(source.name) }} and event_name in ({{ text_literals(source[key]) }}))
        {%- endfor %}
    )
{%- endif -%}
{%- endmacro %}

{#
    Which user's id is another one from a call on. The previous id has been a user's where an event, a user or a stay has
    it; else it is a device's, and there is nothing to rename.
#}
{% macro called_aliases() -%}
{%- set calls, users, memberships = identity_calls('alias_events'), ref('pql_warehouse', 'stg_product__users'), ref('pql_warehouse', 'stg_product__memberships') -%}
{%- if calls -%}
union all
select
    calls.anonymous_id as old_user_id,
    calls.user_id,
    calls.occurred_at as aliased_at,
    calls.event_source as source_name,
    concat('event_id=', calls.event_id) as row_key
from (
    {{ calls | indent(4) }}
) as calls
where
    calls.anonymous_id <> calls.user_id
    and calls.anonymous_id in (
        select user_id from {{ ref('pql_warehouse', 'stg_product__events') }}
        where user_id is not null
        union all
        select user_id from {{ users }}
        union all
        select user_id from {{ memberships }}
    )
{%- endif -%}
{%- endmacro %}
