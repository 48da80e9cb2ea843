-- Four uses on the 3rd fade by one each day: worth 4, 3, 2, 1. Another on the 5th brings the 2 of that day to 3.
{{ criterion_case(
    {'type': 'decayed_sum', 'fades_over_days': 4, 'at_least': 3},
    events=[[3, 9, 'login'], [3, 10, 'login'], [3, 11, 'login'], [3, 12, 'login'], [5, 9, 'login']],
    met_on=[3, 4, 5],
) }}
