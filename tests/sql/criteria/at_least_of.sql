-- While two of three are met.
{{ criterion_case(
    {'type': 'at_least_of', 'at_least': 2, 'criteria': ['first', 'second', 'third']},
    members={'first': [3, 8], 'second': [6, 12], 'third': [11, 14]},
    met_on=[6, 7, 11],
) }}
