-- noqa: disable=LT02
with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where kind in ('definition', 'stage')
),

names as (
    select criterion_name, kind
    from {{ ref('pql_warehouse', 'pql_rules') }}
    where kind in ('definition', 'stage') and has_outcomes
),

pairs as (
    select
        names.criterion_name,
        names.kind,
        others.criterion_name as other_name,
        others.kind as other_kind
    from names
    inner join names as others on names.criterion_name <> others.criterion_name
),

-- what is not known yet is judged later: the account is left out of all parts until then
judged as (
    select
        criterion_name,
        account_id,
        qualified_at,
        state = 'hit' as is_hit,
        {{ is_mature('state') }} as is_mature,
        state in ('immature', 'same_day') as is_undecided
    from outcomes
    where qualified_at is not null
),

compared as (
    select
        pairs.criterion_name,
        pairs.other_name,
        judged.is_hit,
        judged.qualified_at,
        others.qualified_at as other_qualified_at,
        coalesce(others.is_hit, false) as is_other_hit,
        coalesce(others.is_mature, false) as is_in_both,
        coalesce(others.is_undecided, false) as is_undecided
    from pairs
    inner join judged on pairs.criterion_name = judged.criterion_name
    left join judged as others
        on pairs.other_name = others.criterion_name
        and judged.account_id = others.account_id
    where judged.is_mature
),

counted as (
    select
        criterion_name,
        other_name,
        {% for name, condition in {
            'in_both': 'is_in_both',
            'in_both_hits': 'is_in_both and is_hit',
            'in_both_hits_by_other': 'is_in_both and is_other_hit',
            'this_first': 'is_in_both and qualified_at < other_qualified_at',
            'other_first': 'is_in_both and qualified_at > other_qualified_at',
            'only_this': 'not is_in_both and not is_undecided',
            'only_this_hits': 'not is_in_both and not is_undecided and is_hit',
            'undecided': 'is_undecided',
        }.items() -%}
        sum(case when {{ condition }} then 1 else 0 end) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from compared
    group by criterion_name, other_name
),

final as (
    select
        pairs.criterion_name,
        pairs.kind,
        pairs.other_name,
        pairs.other_kind,
        {%- for name in [
            'in_both', 'in_both_hits', 'in_both_hits_by_other', 'this_first', 'other_first', 'only_this', 'only_this_hits',
        ] %}
        cast(coalesce(counted.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(mirrored.only_this, 0) as bigint) as only_other,
        cast(coalesce(mirrored.only_this_hits, 0) as bigint) as only_other_hits,
        cast(coalesce(counted.undecided, 0) + coalesce(mirrored.undecided, 0) as bigint) as undecided
    from pairs
    left join counted
        on pairs.criterion_name = counted.criterion_name
        and pairs.other_name = counted.other_name
    left join counted as mirrored
        on pairs.criterion_name = mirrored.other_name
        and pairs.other_name = mirrored.criterion_name
)

select * from final
