-- Twice as many events in two days as in the two before, which must hold one and lie after sign-up.
{{ criterion_case(
    {'type': 'growth', 'window': {'last_days': 2}, 'at_least': 2},
    events=[[2, 10, 'login'], [4, 9, 'login'], [5, 9, 'login'], [9, 9, 'login'], [11, 9, 'login'], [11, 10, 'login']],
    met_on=[5, 11, 12],
) }}
