{%- set query %}
select
    case
        when log.pql_account_id is null
            then concat({{ text_literal("The answer '") }}, answers.feedback_id, {{ text_literal("' of sales is about '") }}, answers.pql_account_id, {{ text_literal("', which was never a PQL.") }})
        else concat({{ text_literal("The answer '") }}, answers.feedback_id, {{ text_literal("' of sales names an event that the account '") }}, answers.pql_account_id, {{ text_literal("' does not have.") }})
    end as message
from {{ ref('pql_warehouse', 'stg_crm__feedback') }} as answers
left join (select distinct pql_account_id from {{ ref('pql_warehouse', 'fct_pql_events') }}) as log
    on answers.pql_account_id = log.pql_account_id
left join {{ ref('pql_warehouse', 'fct_pql_events') }} as named
    on answers.pql_account_id = named.pql_account_id
    and answers.pql_event_id = named.pql_event_id
where
    log.pql_account_id is null
    or (answers.pql_event_id is not null and named.pql_event_id is null)
{%- endset %}

{{- warn_about(query) }}
