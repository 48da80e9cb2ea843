"""Files as exports leave them: what stands in them is read as it is written, or said with file and cause."""

import gzip
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import MODELS_ONLY, Project, Warehouse

CRITERIA = [
    {"name": "seats", "type": "event_sum", "property": "seats", "at_least": 1},
    {"name": "trial", "type": "account_date", "attribute": "trial_ends_at", "to_days": 3},
]
VARIABLES = {
    "pql_criteria": CRITERIA,
    "pql_definitions": [{"name": "pql", "qualifies_when": "seats"}],
    "pql_event_sources": [{"name": "log", "adapter": "table"}],
}
STAGED = (*MODELS_ONLY, "--select", "+event_quality", "stg_product__accounts")
ACCOUNTS = (*MODELS_ONLY, "--select", "+stg_product__accounts")
DAY = datetime(2026, 3, 1)


@pytest.fixture
def folder(tmp_path) -> Path:
    """An account and one event."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "accounts.csv").write_text("account_id,signed_up_at\nacme,2026-03-01\n")
    (data / "events.csv").write_text("event_id,occurred_at,event_name,account_id\ne,2026-03-02,a,acme\n")
    return data


def run(project: Project, folder: Path, command=STAGED, **variables) -> Warehouse:
    return project.run_in(folder.parent / "home", folder, VARIABLES | variables, command)


def build(project: Project, folder: Path, command=STAGED, **variables) -> Warehouse:
    built = run(project, folder, command, **variables)
    assert built.run.success, built.run.output
    return built


def attributes(built: Warehouse) -> dict[str, dict]:
    rows = built.rows("stg_product__accounts", "account_id, attributes")
    return {row["account_id"]: json.loads(row["attributes"]) for row in rows}


def events(built: Warehouse, *columns: str) -> dict[str, tuple]:
    rows = built.rows("stg_product__events")
    return {row["event_id"]: tuple(row[column] for column in columns) for row in rows}


def properties(built: Warehouse) -> dict[str, dict]:
    return {event_id: json.loads(text) for event_id, (text,) in events(built, "properties").items()}


def lines(path: Path, rows: Iterable[dict]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def parquet(path: Path, **options) -> None:
    path.parent.mkdir(exist_ok=True)
    int96 = options.pop("int96", False)
    pq.write_table(pa.table(options), path, use_deprecated_int96_timestamps=int96)


def event(event_id, **columns) -> dict:
    return {"event_id": event_id, "occurred_at": "2026-03-02 10:00:00", "event_name": "a"} | columns


def test_the_name_of_a_column_never_runs_as_sql(project, folder):
    secret = folder.parent / "secret.txt"
    secret.write_text("secret")
    injected = f"x\" || (select content from read_text('{secret}')) || \"x"
    names = ['Screen 5"', injected, "it's", "{{ 7 * 7 }}", "--"]
    expected = {"account_id": "acme", "x": "1"} | dict(zip(names, "abcde", strict=True))
    header = ",".join('"' + name.replace('"', '""') + '"' for name in expected)
    (folder / "accounts.csv").write_text(f"{header}\nacme,1,a,b,c,d,e\n")
    lines(folder / "events" / "1.ndjson", [event("e", account_id="acme", **{injected: 1})])
    (folder / "events.csv").unlink()
    built = build(project, folder)
    assert attributes(built) == {"acme": expected}
    assert properties(built) == {"e": {injected: 1}}


def test_every_key_of_every_line_is_read(project, folder):
    """However late it comes, however many there are; no number or id becomes another."""
    (folder / "events.csv").unlink()
    (folder / "accounts.csv").unlink()
    early = [event(f"v{n}", anonymous_id="d") for n in range(20_480)]
    late = {"account_id": "007", "user_id": 12345678901234567891234, "deep": {"id": 9007199254740993}}
    lines(folder / "events" / "1.ndjson", [*early, event("late", **late)])
    lines(folder / "events" / "2.ndjson", [event(f"r{n}", **{f"rare {n}": n}) for n in range(2_000)])
    lines(
        folder / "accounts.ndjson",
        [{"account_id": "007"}] * 20_480 + [{"account_id": "b", "closed_at": "2026-03-05"}],
    )
    built = build(project, folder)
    assert events(built, "account_id", "user_id")["late"] == ("007", "12345678901234567891234")
    read = properties(built)
    assert read["late"] == {"deep": {"id": 9007199254740993}}
    assert read["r1999"] == {"rare 1999": 1999} and read["v0"] == {}
    closed = built.rows("stg_product__accounts where account_id = 'b'", "closed_at")
    assert closed == [{"closed_at": datetime(2026, 3, 5)}]


def test_spellings_of_a_name_are_one_column(project, folder):
    """Of several in a row ours counts, also that of the configuration; then the bytewise first."""
    (folder / "events.csv").unlink()
    odd = {"Event_Name": "zz", "Account_ID": "acme"}
    rows = [
        event("1", Seats=1, seats=2, Colour="red"),
        event("2", Seats=1, colour="blue", COLOUR="green"),
        event("3", **odd),
    ]
    lines(folder / "events" / "1.ndjson", rows)
    (folder / "accounts.csv").write_text("Plan,ACCOUNT_ID,plan,Size,size\na,acme,b,1,\nc,beta,,,2\n")
    built = build(project, folder, pql_as_of=date(2026, 3, 31))
    assert properties(built) == {
        "1": {"seats": 2, "COLOUR": "red"},
        "2": {"seats": 1, "COLOUR": "green"},
        "3": {},
    }
    assert events(built, "event_name", "account_id")["3"] == ("a", "acme")
    assert attributes(built) == {
        "acme": {"plan": "b", "account_id": "acme", "Size": "1"},
        "beta": {"plan": "c", "account_id": "beta", "Size": "2"},
    }


def test_a_file_that_comes_later_reads_as_in_a_full_refresh(project, folder):
    """Its columns, spellings and types are new; what was built before is as if it had been there."""
    (folder / "events.csv").unlink()
    lines(folder / "events" / "1.ndjson", [event("1", account_id="acme", Seats=1, n=None, old=True)])
    build(project, folder)
    lines(folder / "events" / "2.ndjson", [event("2", account_id="acme", seats="2.50", new=[1])])
    kept = build(project, folder)
    assert properties(kept) == {"1": {"seats": 1, "old": True}, "2": {"seats": "2.50", "new": [1]}}
    anew = project.run_in(folder.parent / "anew", folder, VARIABLES, STAGED)
    assert kept.values("stg_product__events", "properties") == anew.values(
        "stg_product__events", "properties"
    )


def test_a_csv_is_read_as_its_header_says(project, folder):
    """Whatever parts the cells, in one file of a folder or another, and however quotes and nulls are put."""
    (folder / "events.csv").unlink()
    (folder / "events").mkdir()
    texts = [
        'sep=;\r\nevent_id;"occurred_at";event_name; note ;\r\n1;2026-03-02;a;1,5;\r\n',
        'event_id,occurred_at,event_name,"the\nnote"\n2,2026-03-02,"line\nbreak","5"" wide"\n',
        'event_name\tevent_id\toccurred_at\tScreen 5"\na\t3\t2026-03-02\t0042\n',
        '\ufeffevent_id|occurred_at|event_name|note\n4|2026-03-02|a|"say \\"no\\""\n5|2026-03-02|a|1e5\n'
        "7|2026-03-02|a|\\N\n",
        "event_id,occurred_at,event_name,note\n6,2026-03-02,a,\\N\n",
    ]
    for number, text in enumerate(texts):
        (folder / "events" / f"{number}.csv").write_text(text, newline="")
    built = build(project, folder)
    assert properties(built) == {
        "1": {"note": "1,5"},
        "2": {"the note": '5" wide'},
        "3": {'Screen 5"': "0042"},
        "4": {"note": 'say "no"'},
        "5": {"note": "1e5"},
        "6": {},
        "7": {},
    }
    assert events(built, "event_name")["2"] == ("line\nbreak",)


def test_a_csv_that_is_not_utf8_is_read_when_it_is_said_to_be(project, folder):
    """Also what DuckDB itself does not read; so are other files of the folder, and a second build."""
    (folder / "accounts.csv").unlink()
    names = {
        "latin-1": "Café Müller",
        "cp1252": "Café „Žofín“\n– € 5",
        "utf-16": "Café 🦄",
        "utf-16-be": "Ÿ–🦄",
    }
    said = {"latin-1": "latin-1", "cp1252": "Windows-1252", "utf-16": "utf-16", "utf-16-be": "utf-16"}
    for encoding, name in names.items():
        text = f'account_id;account_name\r\nacme;"{name}"\r\n'
        (folder / "accounts").mkdir(exist_ok=True)
        (folder / "accounts" / "1.csv").write_bytes(text.encode(encoding))
        (folder / "accounts" / "2.csv").write_text("account_id,account_name\nbeta,é\n")
        for _ in range(2 if encoding == "cp1252" else 1):
            built = build(project, folder, ACCOUNTS, pql_file_encoding=said[encoding])
            assert built.values("stg_product__accounts", "account_name") == sorted([name, "é"])


FAULTS = {
    "utf-8": {
        "a,b\r\nacme,Café\r\n".encode("latin-1"): "is not UTF-8 (line 2); say what it is with the variable "
        "pql_file_encoding, one of latin-1, iso-8859-1, windows-1252, utf-16, or convert it",
        "a,b\nx,y\n".encode("utf-16"): "is not UTF-8",
        b"account_id,b,c\n"
        + b"x,1,2\n" * 25_000
        + b"acme,1\n": "line 25002 has 2 cells where the header has 3",
        b"account_id,b\nacme,1,5\n": "line 2 has 3 cells where the header has 2 (`acme,1,5`)",
        b'account_id,b\nacme,"1\n': "line 2 has a quote that is not closed",
        b"account_id,b\nacme": "line 2 has 1 cells where the header has 2 (`acme`)",
    },
    "windows-1252": {b"a,b\nx,\xe9\x81\n": "holds the byte 81"},
    "utf-16": {"a,b\nx,é\n".encode("latin-1"): "is neither UTF-8 nor UTF-16"},
}
NO_JSON = {
    '{"account_id": "a"}\n\n{"account_id": 2,\n': 'has a line that is no JSON: line 3 (`{"account_id": 2,`)',
    '{"account_id": "a"}\n{"account_id": "é"}\n'.encode("latin-1"): "is not UTF-8 (line 2), as JSON must be",
    "<html></html>": "is no JSON: it begins with `<html></html>`",
    '[{"account_id": "a"},\n{"account_id"': "is no JSON: it begins with `[`, but is no list",
    '{"account_id": "a"}\n'.encode("utf-16"): "is not UTF-8 (line 1)",
}


@pytest.mark.parametrize("encoding", FAULTS)
def test_files_that_cannot_be_read_are_all_said_at_once(project, folder, encoding):
    (folder / "accounts.csv").unlink()
    (folder / "accounts").mkdir()
    for number, content in enumerate(FAULTS[encoding]):
        (folder / "accounts" / f"{number}.csv").write_bytes(content)
    command = ("run", "--select", "stg_product__accounts")
    output = run(project, folder, command, pql_file_encoding=encoding).run.output
    assert "'accounts' cannot be read:" in output
    assert "ignore_errors" not in output and "Traceback" not in output
    for number, message in enumerate(FAULTS[encoding].values()):
        [said] = [line for line in output.splitlines() if f"accounts/{number}.csv" in line]
        assert message in said


def test_json_that_is_none_is_said_with_its_line(project, folder):
    (folder / "accounts.csv").unlink()
    (folder / "accounts").mkdir()
    for number, content in enumerate(NO_JSON):
        written = content if isinstance(content, bytes) else content.encode()
        (folder / "accounts" / f"{number}.ndjson").write_bytes(written)
    output = run(project, folder, ("run", "--select", "stg_product__accounts")).run.output
    assert "'accounts' cannot be read:" in output and "Malformed" not in output
    for number, message in enumerate(NO_JSON.values()):
        [said] = [line for line in output.splitlines() if f"accounts/{number}.ndjson" in line]
        assert message in said


def test_json_is_read_as_lines_as_a_list_or_over_several_lines(project, folder):
    (folder / "accounts.csv").unlink()
    (folder / "accounts").mkdir()
    forms = ['{"account_id": 1}\n \n{"account_id": 2, "n": NaN}', '[\n{"account_id": 3},\n{"account_id": 4}]',
             '{\n "account_id": 5\n}\n{\n "account_id": 6\n}\n',
             '\ufeff{"account_id": 7, "signed_up_at": 1772323200000}\n']  # fmt: skip
    for number, text in enumerate(forms):
        (folder / "accounts" / f"{number}.json").write_text(text)
    lines(folder / "accounts" / "later.ndjson", [{"account_id": 8, "signed_up_at": 1772323200}])
    (folder / "accounts" / "last.jsonl.gz").write_bytes(gzip.compress(b'{"account_id": 9}'))
    built = build(project, folder, ACCOUNTS)
    assert built.values("stg_product__accounts", "account_id") == list("123456789")
    signed_up = built.values("stg_product__accounts where account_id in ('7', '8')", "signed_up_at")
    assert signed_up == [DAY, DAY]


def test_a_key_twice_in_a_line_is_said(project, folder):
    (folder / "accounts.csv").unlink()
    (folder / "accounts.ndjson").write_text('{"account_id": 1, "plan": 2, "plan": 3}\n')
    output = run(project, folder, ACCOUNTS).run.output
    assert f'{folder}/accounts.ndjson has the key "plan" twice in one line' in output


def test_parquet_files_of_one_input_may_differ(project, folder):
    """Also as Spark leaves them: in a folder named like a file, with files of its own beside."""
    (folder / "events.csv").unlink()
    events_at = folder / "events.parquet"
    moments = pa.array([DAY, DAY])
    big = 9007199254740993
    parquet(events_at / "1.parquet", event_id=["1a", "1b"], event_name=["a", "a"], occurred_at=moments,
            account_id=[big, 7], seats=[3, 4], at=[{"x": 1}, None])  # fmt: skip
    parquet(events_at / "2.parquet", event_id=pa.array(["2a", "2b"]).dictionary_encode(),
            event_name=[b"caf\xc3\xa9", b"a"], occurred_at=moments.cast(pa.timestamp("us", "Europe/Berlin")),
            account_id=[7.0, None], seats=[2.5, None], at=[{"y": "z"}, None])  # fmt: skip
    parquet(events_at / "3.parquet", event_id=[3], event_name=["a"], Occurred_At=["2026-03-01T01:00+01:00"],
            Account_id=["007"], account_id=["7"], seats=[Decimal("1.10")])  # fmt: skip
    parquet(events_at / "4.parquet", event_id=["4"], event_name=["a"], account_id=pa.array([7], pa.uint64()),
            occurred_at=moments[:1], int96=True)  # fmt: skip
    # a warehouse unloads its whole numbers as decimals without places
    parquet(events_at / "5.parquet", event_id=["5"], event_name=["a"], account_id=[Decimal("7")],
            occurred_at=moments[:1], seats=[Decimal("12345678901234567890")])  # fmt: skip
    # a gap makes fractions of whole numbers, long ones as well
    parquet(events_at / "6.parquet", event_id=[1234567890123456.0], event_name=["a"], account_id=[7.0],
            occurred_at=[1772323200000000.0], seats=pa.array([None], pa.float64()))  # fmt: skip
    for name in ("_SUCCESS", ".1.parquet.crc", "_temporary/0/5.parquet"):
        (events_at / name).parent.mkdir(parents=True, exist_ok=True)
        (events_at / name).write_text("")
    built = build(project, folder)
    assert "left unread" not in built.run.output
    read = events(built, "occurred_at", "account_id", "event_name")
    names = dict.fromkeys(read, "a") | {"2a": "café"}
    ids = dict.fromkeys(read, "7") | {"1a": str(big), "2b": None}
    assert read == {event_id: (DAY, ids[event_id], names[event_id]) for event_id in read}
    assert properties(built) == {
        "1a": {"seats": 3, "at": {"x": 1}},
        "1b": {"seats": 4},
        "2a": {"seats": 2.5, "at": {"y": "z"}},
        "2b": {},
        "3": {"seats": 1.1},
        "4": {},
        "5": {"seats": 12345678901234567890},
        "1234567890123456": {},
    }


def test_what_no_clock_shows_is_no_moment(project, folder):
    odd = ["epoch", "infinity", "-infinity", "now", "2026-03-02T00:00:00+99:99", "2026-03-02 00:00+15:00",
           "2026-03-02 00:00:00-12:30", "2026-03-02 00:00+05:60"]  # fmt: skip
    edges = {
        "2026-03-02 00:00+14:00": datetime(2026, 3, 1, 10),
        "2026-03-02T00:00:00-1200": datetime(2026, 3, 2, 12),
    }
    rows = [f"{number},{moment},a,acme" for number, moment in enumerate([*edges, *odd])]
    (folder / "events.csv").write_text(
        "event_id,occurred_at,event_name,account_id\n" + "\n".join(rows) + "\n"
    )
    parquet(folder / "users.parquet", user_id=["u"], account_id=["acme"])
    accounts = "account_id,signed_up_at,closed_at,trial_ends_at\nacme,2026-03-01,infinity,infinity\n"
    (folder / "accounts.csv").write_text(accounts)
    built = build(project, folder, (*STAGED, "+pql_account_criteria"), pql_as_of="2026-03-05")
    assert events(built, "occurred_at") == {str(n): (moment,) for n, moment in enumerate(edges.values())}
    assert built.values("event_quality", "rejected_missing_occurred_at") == [len(odd)]
    account = built.row("stg_product__accounts", "closed_at, trial_ends_at")
    assert account == {"closed_at": None, "trial_ends_at": None}
    trial = built.rows("pql_account_criteria where criterion_name = 'trial'", "is_met")
    assert trial == [{"is_met": False}]


def test_what_is_there_as_a_file_and_as_a_folder_is_said(project, folder):
    """So are files of several kinds in one folder."""
    parquet(folder / "accounts.parquet" / "1.parquet", account_id=["acme"])
    lines(folder / "events" / "1.ndjson", [event("e")])
    (folder / "events.csv").rename(folder / "events" / "2.csv")
    output = run(project, folder).run.output
    assert f"{folder}/accounts.csv, {folder}/accounts.parquet/*.parquet. Keep one of them" in output
    assert f"'events' is there more than once: {folder}/events/*.csv, {folder}/events/*.ndjson" in output
