-- At least 20 employees, as a number (100 is more than 20) and while the value stands.
{{ criterion_case(
    {'type': 'account_attribute', 'attribute': 'employees', 'at_least': 20},
    attributes=[['employees', '9', 1, 4], ['employees', '100', 4, 8], ['employees', 'many', 8, 16], ['seats', '50', 1, 16]],
    met_on=[4, 5, 6, 7],
) }}
