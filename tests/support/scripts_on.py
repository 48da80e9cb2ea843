"""Every script that reads the warehouse, with what it cannot do without."""

import check_precision
import discover_criteria
import explain
import forget
import preview_change
import report
import sync_crm
import verify
from harness import ROOT

SCRIPTS = {
    check_precision: [],
    discover_criteria: [],
    explain: ["--account", "acme"],
    forget: ["--user", "u_1"],
    preview_change: [str(ROOT / "vars.yml")],
    report: [],
    sync_crm: ["hubspot", "--dry-run"],
    verify: [],
}


def assert_refuses(capsys, options: list[str], *said: str) -> None:
    """Each script ends with exit code 2 and one sentence that holds all of these, and nothing else."""
    for script, arguments in SCRIPTS.items():
        assert script.main([*arguments, *options]) == 2, script
        output = capsys.readouterr()
        assert output.out == "", script
        [line] = output.err.splitlines()
        assert all(part in line for part in ("error: ", *said)), line
