-- one row per threshold: what became of the accounts whose points first reached it while nothing excluded them
{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}

with rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
    where kind = 'definition' and criterion_name = {{ text_literal(primary.name) }}
),

-- accounts with what is known of them at the as-of of the outcomes, and until when a conversion counts for the recall
accounts as (
    select
        accounts.account_id,
        accounts.signed_up_at,
        case when accounts.converted_at <= rules.outcomes_as_of then accounts.converted_at end as converted_at,
        accounts.closed_at,
        rules.outcomes_as_of,
        rules.horizon_days,
        case
            when rules.recall_days is null then rules.outcomes_as_of
            else {{ add_time('day', 'rules.recall_days', 'accounts.signed_up_at') }}
        end as counted_until
    from {{ ref('pql_warehouse', 'int_accounts') }} as accounts
    cross join rules
    where accounts.signed_up_at <= accounts.as_of
),

points as (
    {{ curve_points(config) | indent(4) }}
),

thresholds as (
    {% for threshold in curve_thresholds(config) -%}
    select cast({{ number_literal(threshold) }} as {{ type_measure() }}) as threshold
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

episodes as (
    select
        episodes.account_id,
        episodes.started_at,
        episodes.ended_at,
        coalesce(points.points, 0) as points,
        case when episodes.criterion_name in ({{ text_literals(primary.excluded_when or ['']) }}) then 1 else 0 end as excluded
    from {{ ref('pql_warehouse', 'fct_criterion_episodes') }} as episodes
    left join points on episodes.criterion_name = points.criterion_name
),

changes as (
    select account_id, started_at as changed_at, points, excluded from episodes
    union all
    select account_id, ended_at as changed_at, -points as points, -excluded as excluded from episodes
    where ended_at is not null
),

net_changes as (
    select account_id, changed_at, sum(points) as points, sum(excluded) as excluded
    from changes
    group by account_id, changed_at
),

totals as (
    select
        account_id,
        changed_at,
        sum(points) over (partition by account_id order by changed_at rows unbounded preceding) as score,
        sum(excluded) over (partition by account_id order by changed_at rows unbounded preceding) as excluded
    from net_changes
),

scores as (
    select
        account_id,
        changed_at,
        score,
        coalesce(
            max(score) over (
                partition by account_id order by changed_at rows between unbounded preceding and 1 preceding
            ),
            0
        ) as best_before
    from totals
    where excluded = 0
),

-- each account once per threshold, at its first moment there
qualified as (
    select
        thresholds.threshold,
        accounts.*,
        scores.changed_at as qualified_at,
        case
            when accounts.horizon_days is null then accounts.outcomes_as_of
            else {{ add_time('day', 'accounts.horizon_days', 'scores.changed_at') }}
        end as due_at
    from scores
    inner join thresholds
        on scores.score >= thresholds.threshold
        and scores.best_before < thresholds.threshold
    inner join accounts on scores.account_id = accounts.account_id
),

judged as (
    select
        threshold,
        case
            when
                coalesce(converted_at, {{ end_of_time() }}) > qualified_at
                and coalesce(closed_at, {{ end_of_time() }}) > qualified_at then 1
            else 0
        end as at_risk,
        case when due_at <= outcomes_as_of then 1 else 0 end as mature,
        case when converted_at > qualified_at and converted_at <= due_at then 1 else 0 end as hit,
        case when counted_until <= outcomes_as_of and converted_at <= counted_until then 1 else 0 end as in_frame,
        case when qualified_at >= {{ add_time('day', -84, 'outcomes_as_of') }} then 1 else 0 end as is_recent
    from qualified
),

counted as (
    select
        threshold,
        count(*) as qualified,
        sum(at_risk * mature) as mature,
        sum(at_risk * mature * hit) as hits,
        sum(in_frame * hit) as caught,
        sum(at_risk * is_recent) as recent
    from judged
    group by threshold
),

-- all conversions that any threshold could have caught, and how long there was anything to see
frame as (
    select
        sum(case when counted_until <= outcomes_as_of and converted_at <= counted_until then 1 else 0 end) as converters,
        min(signed_up_at) as first_signed_up_at,
        min(outcomes_as_of) as outcomes_as_of
    from accounts
),

final as (
    select
        thresholds.threshold,
        coalesce(counted.qualified, 0) as qualified,
        coalesce(counted.mature, 0) as mature,
        coalesce(counted.hits, 0) as hits,
        coalesce(counted.caught, 0) as caught,
        coalesce(frame.converters, 0) as converters,
        coalesce(counted.recent, 0) as recent,
        least(84, {{ days_between('cast(frame.first_signed_up_at as date)', 'cast(frame.outcomes_as_of as date)') }})
            as recent_days
    from thresholds
    cross join frame
    left join counted on thresholds.threshold = counted.threshold
)

select * from final
order by threshold
