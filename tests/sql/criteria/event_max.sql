-- One upload of 50 within two days; two of 30 do not make one of 60.
{{ criterion_case(
    {'type': 'event_max', 'property': 'size', 'window': {'last_days': 2}, 'at_least': 50},
    events=[
        [3, 9, 'upload', 'ann', {'size': 30}], [3, 10, 'upload', 'ann', {'size': 30}],
        [5, 9, 'upload', 'ann', {'size': 50}],
    ],
    met_on=[5, 6],
) }}
