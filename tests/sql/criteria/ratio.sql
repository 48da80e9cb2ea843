-- Six messages of two users are three each: from the sixth of them on the 4th until the window lets them go.
{{ criterion_case(
    {
        'type': 'ratio',
        'of': {'measure': 'event_count', 'events': ['message'], 'window': {'last_days': 3}},
        'per': {'measure': 'distinct_users', 'window': {'last_days': 3}},
        'at_least': 3,
    },
    events=[
        [3, 9, 'login', 'ann'], [3, 9, 'login', 'bob'],
        [4, 9, 'message', 'ann'], [4, 10, 'message', 'ann'], [4, 11, 'message', 'ann'],
        [4, 12, 'message', 'bob'], [4, 13, 'message', 'bob'], [4, 14, 'message', 'bob'],
    ],
    met_on=[4, 5, 6],
) }}
