-- From sign-up on, while neither is met.
{{ criterion_case(
    {'type': 'none_of', 'criteria': ['first', 'second']},
    members={'first': [3, 6], 'second': [5, 14]},
    met_on=[2, 14, 15],
) }}
