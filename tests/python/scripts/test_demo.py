"""What the demo makes of what a build says, and the day that it delivers last."""

import demo

SAID = """10:09:20  [WARNING]: 2 row(s) of 'conversions' (payments) come to nothing: account_id=a
10:09:47  73 of 186 WARN 1 events_find_their_account ..... [WARN 1 in 0.48s]
10:10:45  [WARNING]: in test rows_name_known_accounts (tests/sql/your_data/rows_name_known_accounts.sql)
10:10:45  [WARNING]: Got 1 result, configured to warn if != 0
"""


def test_what_is_odd_about_the_data_is_told_from_what_dbt_adds():
    assert demo.oddities(SAID) == ["2 row(s) of 'conversions' (payments) come to nothing: account_id=a"]
    assert demo.oddities("") == []


def test_the_last_day_is_delivered_once_and_only_the_demo_s_own(tmp_path, monkeypatch):
    monkeypatch.delenv("PQL_DATA_DIR", raising=False)
    events, last_day = (tmp_path / "demo_data" / name for name in ("events", "events_last_day"))
    for folder in (events, last_day):
        folder.mkdir(parents=True)
        (folder / "part-00000.parquet").write_text(folder.name)
    waiting = demo.waiting_day(tmp_path)
    with monkeypatch.context() as context:
        context.setenv("PQL_DATA_DIR", "exports")
        assert demo.waiting_day(tmp_path) == []
    demo.deliver(waiting)
    assert demo.waiting_day(tmp_path) == []
    assert sorted(file.read_text() for file in events.iterdir()) == ["events", "events_last_day"]
