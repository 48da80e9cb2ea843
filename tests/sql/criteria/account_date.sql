-- From two days before the end of the trial to its day.
{{ criterion_case(
    {'type': 'account_date', 'attribute': 'trial_ends_at', 'from_days': -2, 'to_days': 0},
    attributes=[['trial_ends_at', '2026-03-10', 1, 16]],
    met_on=[8, 9, 10],
) }}
