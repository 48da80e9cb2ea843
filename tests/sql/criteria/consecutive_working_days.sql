-- Three working days in a row, over a weekend with a day of use that counts for nothing, until a Tuesday without.
{{ criterion_case(
    {'type': 'consecutive_days', 'weekdays': ['mon', 'tue', 'wed', 'thu', 'fri'], 'at_least': 3},
    events=[
        [4, 9, 'login'], [5, 9, 'login'], [6, 9, 'login'], [7, 9, 'login'], [9, 9, 'login'], [11, 9, 'login'], [12, 9, 'login'],
    ],
    met_on=[6, 7, 8, 9],
) }}
