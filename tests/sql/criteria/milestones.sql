-- Invited after having created: the invite that came first does not count.
{{ criterion_case(
    {'type': 'milestones', 'steps': ['created', 'invited'], 'ordered': true},
    events=[[3, 9, 'invited'], [4, 9, 'created'], [13, 9, 'invited']],
    met_on=[13, 14, 15],
) }}
