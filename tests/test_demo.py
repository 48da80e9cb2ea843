"""What the demo makes of what a build says."""

import demo

SAID = """10:09:20  [WARNING]: 2 row(s) of 'conversions' (payments) come to nothing: account_id=a
10:09:47  73 of 186 WARN 1 events_find_their_account ..... [WARN 1 in 0.48s]
10:10:45  [WARNING]: in test rows_name_known_accounts (tests/your_data/rows_name_known_accounts.sql)
10:10:45  [WARNING]: Got 1 result, configured to warn if != 0
"""


def test_what_is_odd_about_the_data_is_told_from_what_dbt_adds():
    assert demo.oddities(SAID) == ["2 row(s) of 'conversions' (payments) come to nothing: account_id=a"]
    assert demo.oddities("") == []
