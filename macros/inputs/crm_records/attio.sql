{# attio: companies, whose every attribute is a list of values with the time for which each holds. #}

{% macro crm_record_source__attio__spec() %}
    {% set page = 'https://docs.attio.com/rest-api/endpoint-reference/companies/get-a-company-record' %}
    {% do return({
        'title': 'Attio',
        'reads': '`companies`, as the API delivers them: `id` and `values`',
        'tables': {'companies': {'is': 'one row per company', 'required': true, 'known_by': ['id', 'values']}},
        'options': {'product_account_id': {'is': 'text', 'default': 'pql_account_id'}},
        'notes': '`product_account_id` is the slug of an attribute. A value with `active_until` is history and counts for nothing. A record that is deleted or merged is not delivered any more.',
        'facts': {
            'key': {'is': '`record_id` in `id`', 'page': page},
            'clock': {'is': 'none: a record is as it was delivered', 'page': page},
            'identity': {'is': '`product_account_id`, else the host of the first of `domains`, else of another', 'page': 'https://docs.attio.com/docs/attribute-types/attribute-types-domain'},
            'none': {'is': 'values with `active_until`; domains of free mail link nothing', 'page': 'https://docs.attio.com/rest-api/endpoint-reference/records/list-record-attribute-values'},
        },
    }) %}
{% endmacro %}

{% macro crm_record_source__attio(source) %}
    {% set found = source_table(source, 'companies', required=true) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set found = with_columns(found, {'record_id': field(found, ['id.record_id', 'record_id', 'id'])}) %}
    {% set accounts, hashes = attio_values(found, source.product_account_id, 'value'), attio_values(found, 'pql_row_hash', 'value') %}
    {% set domains = attio_values(found, 'domains', 'domain') %}
    {% set found = joined_tables(found, 'record_id', one_value(accounts, 'record_id', 'held'), 'one_key', {'own_account_id': 'one_value'}) %}
    {% set found = joined_tables(found, 'record_id', one_value(hashes, 'record_id', 'held'), 'one_key', {'row_hash': 'one_value'}) %}
    {% set found = joined_tables(found, 'record_id', texts_by(domains, 'record_id', 'held', ';'), 'one_key', {'held_domains': 'one_value'}) %}
    {% do return(mapped_input(source, 'crm_records', found, {
        'crm_system': {'sql': text_literal('attio')},
        'crm_record_id': ['record_id'],
        'pql_account_id': ['own_account_id'],
        'domain': {'sql': 'case when ' ~ field(found, ['values.domains.0.active_until', 'domains.0.active_until']) ~ ' is null then '
            ~ field(found, ['values.domains.0.domain', 'domains.0.domain']) ~ ' end'},
        'other_domains': ['held_domains'],
        'pql_row_hash': ['row_hash'],
    })) %}
{% endmacro %}

{# The values of an attribute that hold now, one row each as `held`; `key` says where in the value what it says stands. #}
{% macro attio_values(found, slug, key) %}
    {% set listed = listed_rows(found, ['values.' ~ slug, slug], 'listed') %}
    {% if not listed %}{% do return(none) %}{% endif %}
    {% do return(with_columns(listed, {'held': field(listed, 'listed.' ~ key)}, {}, field(listed, 'listed.active_until') ~ ' is null')) %}
{% endmacro %}
