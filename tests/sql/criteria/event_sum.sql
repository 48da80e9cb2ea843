-- Ten seats bought this week (which begins on a Monday); text that is a number counts, a negative number does not.
{{ criterion_case(
    {'type': 'event_sum', 'events': ['seats_bought'], 'property': 'seats', 'window': {'calendar': 'week'}, 'at_least': 10},
    events=[
        [3, 9, 'seats_bought', 'ann', {'seats': 7.5}], [4, 9, 'seats_bought', 'ann', {'seats': '2.5'}],
        [5, 9, 'seats_bought', 'ann', {'seats': -9}], [9, 9, 'seats_bought', 'ann', {'seats': 'many'}],
    ],
    met_on=[4, 5, 6, 7, 8],
) }}
