{%- set config = pql_config() %}

with weeks as (
    select * from {{ ref('pql_warehouse', 'int_score_weeks') }}
),

bands as (
    {{ score_bands(config) | indent(4) }}
),

-- an account counts in as many weeks as it stood there
accounts as (
    select
        bands.score_name,
        bands.place,
        weeks.account_id,
        sum(weeks.until_week - weeks.from_week) as account_weeks,
        sum(coalesce(weeks.until_week - weeks.pays_from_week, 0)) as paid_weeks
    from weeks
    inner join bands
        on weeks.score_name = bands.score_name
        and weeks.score >= bands.from_points
        and weeks.score < bands.below_points
    group by bands.score_name, bands.place, weeks.account_id
),

counted as (
    select
        bands.score_name,
        bands.place,
        bands.band,
        bands.from_points,
        bands.below_points,
        count(accounts.account_id) as accounts,
        count(case when accounts.paid_weeks > 0 then 1 end) as paying_accounts,
        coalesce(sum(accounts.account_weeks), 0) as account_weeks,
        coalesce(sum(accounts.paid_weeks), 0) as paid_weeks
    from bands
    left join accounts
        on bands.score_name = accounts.score_name
        and bands.place = accounts.place
    group by bands.score_name, bands.place, bands.band, bands.from_points, bands.below_points
),

-- each band with some of those below it
together as (
    select
        counted.score_name,
        counted.place,
        lower_ones.place as down_to,
        sum(lower_ones.accounts) over (
            partition by counted.score_name, counted.place order by lower_ones.place desc rows unbounded preceding
        ) as accounts,
        sum(lower_ones.account_weeks) over (
            partition by counted.score_name, counted.place order by lower_ones.place desc rows unbounded preceding
        ) as account_weeks,
        sum(lower_ones.paid_weeks) over (
            partition by counted.score_name, counted.place order by lower_ones.place desc rows unbounded preceding
        ) as paid_weeks
    from counted
    inner join counted as lower_ones
        on counted.score_name = lower_ones.score_name
        and counted.place >= lower_ones.place
),

-- as few as have enough accounts for a rate, or all
nearest as (
    select
        *,
        row_number() over (
            partition by score_name, place
            order by
                case when accounts >= {{ accounts_for_a_rate() }} then 0 else 1 end,
                case when accounts >= {{ accounts_for_a_rate() }} then -down_to else down_to end
        ) as nearness
    from together
),

final as (
    select
        counted.score_name,
        counted.band,
        cast(counted.place as integer) as place,
        cast(counted.from_points as {{ type_measure() }}) as from_points,
        cast(counted.below_points as {{ type_measure() }}) as below_points,
        cast(counted.accounts as bigint) as accounts,
        cast(counted.paying_accounts as bigint) as paying_accounts,
        cast(counted.account_weeks as bigint) as account_weeks,
        cast(counted.paid_weeks as bigint) as paid_weeks,
        cast(counted.paid_weeks as {{ type_double() }}) / nullif(counted.account_weeks, 0) as paid_rate,
        cast(nearest.paid_weeks as {{ type_double() }}) / nullif(nearest.account_weeks, 0) as score_rate
    from counted
    inner join nearest
        on counted.score_name = nearest.score_name
        and counted.place = nearest.place
        and nearest.nearness = 1
)

select * from final
