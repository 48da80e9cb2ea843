{%- set query %}
select
    concat(
        cast(count(*) as {{ dbt.type_string() }}), {{ text_literal(" accepted event(s) of '") }}, event_source, {{ text_literal("' have '") }}, lower(trim(placeholder_id)),
        {{ text_literal("' for an id, which reads as missing. Does the front end send them before it knows who it is (pql_placeholder_ids)?") }}
    ) as message
from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
where
    reason is null
    and placeholder_id is not null
group by event_source, lower(trim(placeholder_id))
{%- endset %}

{{- warn_about(query) }}
