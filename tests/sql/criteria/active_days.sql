-- Active on three of the first five days, which the 7th is not among; a Thursday counts for nothing, two events are one day.
{{ criterion_case(
    {'type': 'active_days', 'weekdays': ['mon', 'wed', 'fri', 'sat'], 'window': {'first_days': 5}, 'at_least': 3},
    events=[[2, 10, 'login'], [2, 11, 'login'], [4, 9, 'login'], [5, 9, 'login'], [6, 9, 'login'], [7, 9, 'login']],
    met_on=[6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
) }}
