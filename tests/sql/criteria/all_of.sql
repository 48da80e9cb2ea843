-- While both are met.
{{ criterion_case(
    {'type': 'all_of', 'criteria': ['first', 'second']},
    members={'first': [3, 8], 'second': [6, 12]},
    met_on=[6, 7],
) }}
