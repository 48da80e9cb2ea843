-- Two people within three days; an event of nobody is of no person.
{{ criterion_case(
    {'type': 'distinct_users', 'window': {'last_days': 3}, 'at_least': 2},
    events=[[3, 9, 'login', 'ann'], [3, 10, 'login', ''], [4, 9, 'login', 'bob'], [5, 9, 'login', 'ann']],
    met_on=[4, 5, 6],
) }}
