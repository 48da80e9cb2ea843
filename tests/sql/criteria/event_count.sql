-- Two logins within three days: from the second until the first is three days old. A login by staff is none of them,
-- and a blank says that it was not. A row that stands for two is two.
{{ criterion_case(
    {
        'type': 'event_count', 'events': ['login'], 'where': {'device': '*'}, 'where_not': {'by': 'staff', 'bot': [true]},
        'window': {'last_days': 3}, 'at_least': 2,
    },
    events=[
        [3, 9, 'login', 'ann', {'device': ''}], [4, 9, 'login', 'ann', {'device': 'web', 'by': 'staff'}],
        [4, 10, 'login', 'ann', {'device': 'web', 'bot': true}], [4, 11, 'login', 'ann', {'device': none}],
        [5, 9, 'login', 'ann', {'device': {'kind': 'phone'}, 'by': none, 'bot': false}], [5, 10, 'search'], [6, 9, 'search'],
        [9, 9, 'login', 'ann', {'device': 'web'}, 2],
    ],
    met_on=[5, 9, 10, 11],
) }}
