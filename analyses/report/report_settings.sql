-- one row: what the report says about the configuration it was made with
{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}
{%- set score = config.criteria | selectattr('name', 'equalto', primary.score or '') | list %}
{%- set milestones = config.criteria | selectattr('type', 'equalto', 'milestones') | map(attribute='name') | list %}

select
    {{ text_literal(primary.name) }} as definition_name,
    {{ text_literal(primary.audience) }} as audience,
    {{ text_literal(milestones[0] if milestones else '') }} as activated_when,
    {{ text_literal(primary.score or '') }} as score_name,
    {{ number_literal(score[0].threshold) if score else 'null' }} as score_threshold,
    {{ text_literal(primary.tiers | map(attribute='name') | join(';')) }} as tiers,
    {{ text_literal(tojson(config.settings.pql_criteria)) }} as criteria,
    {{ text_literal(tojson(config.settings.pql_definitions)) }} as definitions,
    {{ text_literal(pql_rules_version()) }} as rules_version
