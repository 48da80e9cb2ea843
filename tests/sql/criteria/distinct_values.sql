-- Two different apps, ever; an event without the property has no app.
{{ criterion_case(
    {'type': 'distinct_values', 'property': 'app', 'at_least': 2},
    events=[
        [3, 9, 'connected', 'ann', {'app': 'crm'}], [4, 9, 'connected', 'ann', {'app': 'crm'}], [5, 9, 'connected'],
        [12, 9, 'connected', 'bob', {'app': 'chat'}],
    ],
    met_on=[12, 13, 14, 15],
) }}
