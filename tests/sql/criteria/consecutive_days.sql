-- Three days in a row: from the third until the first day without.
{{ criterion_case(
    {'type': 'consecutive_days', 'at_least': 3},
    events=[[3, 9, 'login'], [5, 9, 'login'], [6, 9, 'login'], [7, 9, 'login'], [8, 9, 'login'], [10, 9, 'login']],
    met_on=[7, 8],
) }}
