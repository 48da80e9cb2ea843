-- While either is met.
{{ criterion_case(
    {'type': 'any_of', 'criteria': ['first', 'second']},
    members={'first': [3, 5], 'second': [7, 9]},
    met_on=[3, 4, 7, 8],
) }}
