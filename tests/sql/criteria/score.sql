-- Ten points, of which the third criterion takes five away.
{{ criterion_case(
    {'type': 'score', 'points': {'first': 10, 'second': 5, 'third': -5}, 'at_least': 10},
    members={'first': [3, 9], 'second': [7, 12], 'third': [5, 16]},
    met_on=[3, 4, 7, 8],
) }}
