{%- do note_settings(['pql_time_zone']) %}

with source as (
    {{ raw_rows('accounts') | indent(4) }}
),

-- an account listed twice counts once: as the source listed first has it, with its earliest sign-up
ranked as (
    select
        *,
        row_number() over (
            partition by account_id
            order by source_position, signed_up_at nulls last, {{ bytewise('attributes') }}
        ) as copy_rank
    from source
    where {{ is_read('accounts') }}
),

final as (
    select
        account_id,
        signed_up_at,
        account_name,
        domain,
        plan,
        trial_ends_at,
        closed_at,
        time_zone,
        case
            when time_zone in ({{ text_literals(time_zone_names()) }}) then time_zone
            else {{ text_literal(var('pql_time_zone', 'UTC')) }}
        end as local_time_zone,
        coalesce(time_zone not in ({{ text_literals(time_zone_names()) }}), false) as is_time_zone_unknown,
        attributes
    from ranked
    where copy_rank = 1
)

select * from final
