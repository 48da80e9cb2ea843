"""A small world that goes on: a warehouse built again and again while its data change, synced to a CRM."""

import copy
import json
import shutil
from pathlib import Path

import duckdb
import sync_crm
from fake_crm import FakeCrm
from harness import Project, Run, environment

CRITERIA = [
    {
        "name": "logins",
        "type": "event_count",
        "window": {"last_days": 3},
        "at_least": 2,
        "description": "Ask how the team logs in",
    },
    {"name": "points", "type": "score", "points": {"logins": 40}, "at_least": 1},
]
DEFINITION = {
    "name": "pql",
    "qualifies_when": "logins",
    "tiers": [{"name": "hot", "when": "logins"}],
    "score": "points",
}
VARIABLES = {"pql_criteria": CRITERIA, "pql_definitions": [DEFINITION]}
FOLDERS = ("sales", "bi", "crm")
MODELS = [f"+tag:{folder}" for folder in FOLDERS]
EVERYTHING = (*MODELS, "+path:models/manifest", "path:tests/sql/sales")
SECRET = "secret-token"


def on(day: int, hour: int = 12) -> str:
    """A moment of March 2026."""
    return f"2026-03-{day:02d} {hour:02d}:00:00"


def declared_fields(project: Project, variables: dict) -> list[dict]:
    """The fields of an account in the CRM as the project declares them."""
    return declaration(project, variables)["fields"]


def declaration(project: Project, variables: dict) -> dict:
    """All that the project declares of CRMs."""
    run = project.dbt("run-operation", "print_crm_fields", variables=variables, manifest=project.manifest)
    [printed] = [line for line in run.output.splitlines() if line.startswith('{"fields"')]
    return json.loads(printed)


class World:
    """A warehouse of its own, and the data it is built from; accounts sign up on 1 March 2026."""

    def __init__(self, project: Project, folder: Path, **variables):
        self.project, self.home, self.data = project, folder, folder / "data"
        self.data.mkdir()
        self.tables: dict[str, list[dict]] = {"events": [], "accounts": []}
        self.variables = VARIABLES | variables
        self.path = folder / "pql.duckdb"
        self.event("nobody", on(1), "tick")

    def copy(self, folder: Path) -> "World":
        """The same world, to go on with differently."""
        shutil.copytree(self.home, folder, dirs_exist_ok=True)
        other = copy.copy(self)
        other.home, other.data, other.path = folder, folder / "data", folder / "pql.duckdb"
        other.tables = copy.deepcopy(self.tables)
        return other

    def account(self, *names: str, **columns) -> None:
        for name in names:
            row = {"account_id": name, "signed_up_at": on(1), "account_name": name.title()}
            self.tables["accounts"].append(row | {"domain": f"{name}.test"} | columns)

    def event(self, account: str, moment: str, name: str = "login") -> dict:
        number = len(self.tables["events"])
        row = {"event_id": f"e{number}", "occurred_at": moment, "event_name": name, "account_id": account}
        self.tables["events"].append(row | {"user_id": f"user-of-{account}"})
        return self.tables["events"][-1]

    def logins(self, day: int, *accounts: str) -> None:
        """Two logins, with which an account qualifies at ten and ceases to be a PQL four midnights later."""
        for account in accounts:
            self.event(account, on(day, 9))
            self.event(account, on(day, 10))

    def table(self, name: str, *rows: dict) -> None:
        self.tables.setdefault(name, []).extend(rows)

    def link(self, system: str, *accounts: str) -> None:
        """Records of a CRM that carry the accounts' domains."""
        records = [{"crm_record_id": f"id-{name}", "domain": f"{name}.test"} for name in accounts]
        self.table("crm_records", *[{"crm_system": system} | record for record in records])

    def attempt(self, as_of: str, *options: str, select=EVERYTHING, **variables) -> Run:
        """Build as of a moment; it may fail."""
        for name, rows in self.tables.items():
            (self.data / f"{name}.json").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
        given = self.variables | {"pql_as_of": as_of} | variables
        command = ("build", "--select", *select, "--indirect-selection", "empty", *options)
        return self.project.run_in(self.home, self.data, given, command).run

    def build(self, as_of: str, *options: str, select=EVERYTHING, **variables) -> None:
        run = self.attempt(as_of, *options, select=select, **variables)
        assert run.success, run.output

    def rows(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.path)) as connection:
            return connection.execute(sql).fetchall()

    def dictionaries(self, sql: str) -> list[dict]:
        """The same, by the names of the columns."""
        with duckdb.connect(str(self.path)) as connection:
            result = connection.execute(sql)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def log(self, *accounts: str) -> list[tuple[str, str]]:
        """What the log says of accounts: what happened and why sales was not told."""
        names = ", ".join(f"'{name}'" for name in accounts)
        sql = f"select event_type, silent_because from fct_pql_events where pql_account_id in ({names})"
        return self.rows(f"{sql} order by pql_account_id, event_seq")

    def command(self, crm: str, *options: str) -> list[str]:
        """The arguments of sync_crm.py."""
        folder = str(self.project.folder)
        quick = ["--pause", "0.01", "--poll", "0.01", "--vars", json.dumps(self.variables)]
        return [crm, "--project-dir", folder, "--profiles-dir", folder, *quick, *options]

    def surroundings(self, crm: FakeCrm) -> dict[str, str]:
        """The environment of sync_crm.py."""
        return {
            "PQL_DUCKDB_PATH": str(self.path),
            "PQL_DATA_DIR": str(self.data),
            "HUBSPOT_ACCESS_TOKEN": SECRET,
            "HUBSPOT_API_URL": crm.url,
            "SALESFORCE_INSTANCE_URL": crm.url,
            "SALESFORCE_ACCESS_TOKEN": SECRET,
            "ATTIO_API_URL": crm.url,
            "ATTIO_ACCESS_TOKEN": SECRET,
        }

    def sync(self, crm: FakeCrm, name: str = "hubspot", *options: str) -> int:
        with environment(**self.surroundings(crm)):
            return sync_crm.main(self.command(name, *options))
