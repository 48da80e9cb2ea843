"""Text that others wrote steers no terminal, page or template; and YAML means what it means to dbt."""

import io
import json
import math
import re
from datetime import date

import forget
import preview_change
import pytest
import yaml
from dbt.config.utils import parse_cli_vars
from pql_tools.arguments import mapping
from pql_tools.config_files import as_option, flow, load_yaml
from pql_tools.console import SafeConsole
from pql_tools.discovery.written import as_yaml
from pql_tools.harmless import harmless
from pql_tools.problems import WarehouseError
from rich.table import Table
from small_worlds import at, event, small_world

FAMILY = "\U0001f469\u200d\U0001f680"  # two signs and the joiner that makes one of them
TEXTS = {
    "Søns & Co · 東京 · \n\t·": "Søns & Co · 東京 · \n\t·",
    FAMILY: FAMILY,
    "\x1b[2J\x1b]0;owned\x07": r"\u001b[2J\u001b]0;owned\u0007",
    "a\rb\x08\x7f\x9b": r"a\rb\b\u007f\u009b",
    "invoice\u202efdp.exe\u2066": r"invoice\u202efdp.exe\u2066",
    "ad\u200bmin a\u200db \ufeff\u00ad": r"ad\u200bmin a\u200db \ufeff\u00ad",
    "one\u2028two": r"one\u2028two",
}


def test_the_filter_of_scripts_and_that_of_dbt_are_one(project):
    assert {text: harmless(text) for text in TEXTS} == TEXTS
    arguments = as_option({"texts": list(TEXTS)})
    run = project.dbt("run-operation", "print_harmless", "--args", arguments, manifest=project.manifest)
    assert run.success, run.output
    [printed] = [line for line in run.output.splitlines() if line.startswith("[")]
    assert json.loads(printed) == list(TEXTS.values())
    for text in TEXTS:  # JSON stays the same JSON
        assert json.loads(harmless(json.dumps(text, ensure_ascii=False))) == text


def test_nothing_but_the_console_itself_steers_the_terminal():
    shown = io.StringIO()
    console = SafeConsole(file=shown, width=200, force_terminal=True, highlight=False)
    table = Table("account", title="\x1b[2Jtitle")
    for text in TEXTS:
        table.add_row(text)
    console.print(table)
    console.print("[bold]bold[/] \x1b]0;owned\x07", markup=True)
    left = re.sub(r"\x1b\[[0-9;]*m", "", shown.getvalue())  # the colours, which are ours
    assert "\x1b[1m" in shown.getvalue() and harmless(left) == left


# As dbt reads them: YAML 1.1, in which some words and numbers are others than they look.
WRITTEN = "{a: NO, b: on, c: 1e5, d: 1_000, e: 0o17, f: 12:30, g: 2026-06-30, h: .inf, i: 'NO', j: 017}"
ODD = [
    "NO",
    "on",
    "1e5",
    "12:30",
    "2026-06-30",
    "~",
    "",
    " a",
    "a, b",
    "a: b",
    "#",
    "\x1b",
    "\u2028",
    "é 🦆",
    "{x}",
]


def test_yaml_is_read_and_written_by_the_rules_of_dbt():
    assert load_yaml(WRITTEN) == mapping(WRITTEN) == parse_cli_vars(WRITTEN)
    assert load_yaml(WRITTEN)["a"] is False and load_yaml(WRITTEN)["c"] == "1e5"
    variables = {
        "texts": ODD,
        "day": date(2026, 6, 30),
        "rate": math.inf,
        "none": None,
        "🦆": {"a b": [1.5, True]},
    }
    assert parse_cli_vars(as_option(variables)) == mapping(as_option(variables)) == variables
    assert [yaml.safe_load(f"[{flow(text)}]") for text in ODD] == [[text] for text in ODD]
    criteria = [{"name": "found", "type": "event_count", "events": ODD, "at_least": 2}]
    text = as_yaml(criteria, {"found": "said by\n- name: evil\u2028- x"}, "of\x1b[2J\nyours")
    assert load_yaml(text) == {"vars": {"pql_criteria": criteria}} and "\x1b" not in text
    with pytest.raises(WarehouseError, match="The text is not valid YAML"):
        load_yaml("{a: [")


def test_a_file_that_is_not_utf_8_ends_in_one_sentence(project, tmp_path, capsys):
    proposed = tmp_path / "proposed.yml"
    proposed.write_bytes("vars:\n  # Größe\n  pql_horizon_days: 30\n".encode("latin-1"))
    assert preview_change.main([str(proposed), "--project-dir", str(project.folder)]) == 2
    said = f"error: {proposed} is not UTF-8: byte 0xf6 in line 2. Save it as UTF-8, then run this again."
    assert capsys.readouterr().err.strip() == said
    (tmp_path / "forgotten.csv").write_bytes("kind,id_hash,forgotten_at\nuser,ü,\n".encode("latin-1"))
    with pytest.raises(WarehouseError, match="is not UTF-8: byte 0xfc in line 2"):
        forget.note_in_file(tmp_path / "forgotten.csv", [])


def test_names_and_values_stand_in_a_reason_as_they_are(project):
    """Braces and bars of names are no forms of the reason, whatever the measure is put in for."""
    criteria = [
        {"name": "pages", "type": "event_count", "events": ["{{ page }} viewed"], "at_least": 2},
        {
            "name": "one",
            "type": "event_count",
            "events": ["{value}"],
            "where": {"{x}": "{a|b}"},
            "at_least": 1,
        },
        {
            "name": "sum",
            "type": "event_sum",
            "events": ["tab|opened"],
            "property": "{value|x}",
            "at_least": 1,
        },
        {"name": "steps", "type": "milestones", "steps": ["{value}", "tab|opened"]},
        {"name": "plan", "type": "account_attribute", "attribute": "plan", "in": ["{value}|{percent}"]},
    ]
    members = [criterion["name"] for criterion in criteria]
    every = {"name": "every", "type": "all_of", "criteria": members}
    events = [event(at(3, hour), "{{ page }} viewed") for hour in range(4)]
    events += [event(at(4, hour), "tab|opened", properties='{"{value|x}": 1.5}') for hour in range(2)]
    events += [event(at(5), "{value}", properties='{"{x}": "{a|b}"}')]
    world = small_world(events, [every, *criteria], account={"plan": "{value}|{percent}"})
    warehouse = project.build(world, command=("build", "--select", "+pql_accounts", "--exclude", "tag:logic"))
    said = [
        "4 {{ page }}s viewed",
        "1 {value} ({x} {a|b})",
        "3 {value|x} from tabs opened",
        "2 of 2 steps done ({value}, tab|opened)",
        "plan is {value}|{percent}",
    ]
    assert warehouse.row("pql_accounts", "reason")["reason"] == ", ".join(said)


def test_the_parts_of_a_definition_are_looked_at_in_sql_that_grows_as_they_do(project):
    """A definition of 80 parts takes twice the text of one of 40, not four times; and its rows are right."""
    sizes = {}
    for parts in (40, 80):
        criteria = [
            {"name": f"c{n}", "type": "event_count", "events": [f"e{n}"], "at_least": 1} for n in range(parts)
        ]
        any_of = {"name": "any", "type": "any_of", "criteria": [f"c{n}" for n in range(parts)]}
        world = small_world([event(at(3), "e0"), event(at(4), "e1")], [any_of, *criteria])
        small, whole = (
            ("compile", "--select"),
            ("build", "--exclude-resource-types", "test unit_test", "--select"),
        )
        command = (*small, "pql_definition_parts") if parts == 40 else (*whole, "+pql_definition_parts")
        warehouse = project.build(world, command=command)
        sizes[parts] = max(
            len(run.node.compiled_code or "")
            for run in warehouse.run.result.results
            if run.node.name == "pql_definition_parts"
        )
    assert sizes[80] < 2.2 * sizes[40]
    found = {
        (row["part_name"], row["variant"]): row["qualified_at"]
        for row in warehouse.rows("pql_definition_parts")
    }
    without = {(f"c{n}", "without"): at(4) if n == 0 else at(3) for n in range(80)}
    assert found == without | {("c0", "alone"): at(3), ("c1", "alone"): at(4)}
