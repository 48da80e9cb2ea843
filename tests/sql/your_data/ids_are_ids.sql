{%- set query %}
select
    concat(
        cast(number as {{ dbt.type_string() }}), {{ text_literal(" accepted event(s) of '") }}, event_source, {{ text_literal("' have '") }}, placeholder,
        {{ text_literal("' for an id, which reads as missing. Does the front end send them before it knows who it is (pql_placeholder_ids)?") }}
    ) as message
from (
    select event_source, lower(trim(placeholder_id)) as placeholder, count(*) as number
    from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
    where
        reason is null
        and placeholder_id is not null
    group by event_source, lower(trim(placeholder_id))
) as placeholders
{%- endset %}

{{- warn_about(query) }}
