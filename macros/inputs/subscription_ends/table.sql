{# table: any table of ends, with `columns` saying which of its columns is which of ours. #}

{% macro subscription_end_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of ends, one for each account that stopped paying; `columns` says which of its columns is which of ours',
        'tables': {'subscription_ends': {'is': 'one row per end', 'required': true}},
        'facts': own_end_facts(),
    }) %}
{% endmacro %}

{% macro subscription_end_source__table(source) %}
    {% set found = source_table(source, 'subscription_ends', required=true) %}
    {% do check_where(source, [found]) %}
    {% do return(mapped_input(source, 'subscription_ends', wanted_rows(source, found), {})) %}
{% endmacro %}

{#
    Subscriptions that ended, as one of our inputs: of stretches in which one at least was paid for, the last. `fields`
    says where `id`, `account`, `began`, `ended`, `trial_ended` and `price` stand; `is_kept` is SQL: whether a row is a
    subscription that was ever paid for. One that ended with its trial never was, nor one without a price.
#}
{% macro ended_subscriptions(source, found, fields, is_kept) %}
    {% set periods = with_columns(found, {
        'period_id': field(found, fields.id),
        'period_account': first_id(found, fields.account),
        'began_at': 'coalesce(' ~ field(found, fields.began, 'timestamp') ~ ', ' ~ beginning_of_time() ~ ')',
        'ends_at': 'coalesce(' ~ field(found, fields.ended, 'timestamp') ~ ', ' ~ end_of_time() ~ ')',
        'trial_ended_at': field(found, fields.trial_ended, 'timestamp'),
        'period_price': field(found, fields.price, 'number'),
    }, {}, is_kept) %}
    {% set paid = with_columns(periods, {}, {}, named('coalesce([ends_at] > [trial_ended_at], true) and coalesce([period_price] > 0, true)')) %}
    {% set stretch = named('partition by coalesce([period_account], [period_id]) order by [began_at], [period_id] rows between unbounded preceding and') %}
    {% set stretches %}
(
    select
        *,
        row_number() over ({{ named('partition by coalesce([period_account], [period_id]), [stretch] order by [ends_at] desc, [period_id]') }}) as {{ quoted_name('place') }}
    from (
        select *, sum({{ quoted_name('is_new') }}) over ({{ stretch }} current row) as {{ quoted_name('stretch') }}
        from (
            select
                *,
                case when {{ quoted_name('began_at') }} > max({{ quoted_name('ends_at') }}) over ({{ stretch }} 1 preceding) then 1 else 0 end as {{ quoted_name('is_new') }}
            from {{ paid['from'] }}
        ) as begun
    ) as joined_up
) as stretches
    {% endset %}
    {% set columns = {} %}
    {% do columns.update(paid.columns) %}
    {% do return(mapped_input(source, 'subscription_ends', {'from': stretches, 'columns': columns, 'address': found.address}, {
        'account_id': ['period_account'],
        'ended_at': {'sql': named('cast([ends_at] as ') ~ dbt.type_string() ~ ')'},
        'subscription_id': ['period_id'],
    }, named('[place] = 1 and [ends_at] < ') ~ end_of_time())) %}
{% endmacro %}
