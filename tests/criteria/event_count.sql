-- Two logins within three days: from the second until the first is three days old.
{{ criterion_case(
    {'type': 'event_count', 'events': ['login'], 'window': {'last_days': 3}, 'at_least': 2},
    events=[[3, 9, 'login'], [5, 9, 'login'], [5, 10, 'search'], [6, 9, 'search']],
    met_on=[5],
) }}
