-- Half of the plan's limit: four of eight while on the small plan, four of twenty from the 8th on.
{{ criterion_case(
    {'type': 'limit_usage', 'limit': 'messages', 'at_least': 0.5},
    events=[[3, 9, 'message'], [4, 9, 'message'], [5, 9, 'message'], [5, 10, 'message']],
    plans=[['small', 2, 8], ['large', 8, 16]],
    limits=[['small', 'messages', 8], ['large', 'messages', 20], ['large', 'seats', 1]],
    met_on=[5, 6, 7],
) }}
