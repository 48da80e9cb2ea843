"""The first look at a folder of events, and the starter it writes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from pql_tools.first_look import catalogue, guess_source  # noqa: E402

SAMPLES = ROOT / "tests" / "samples"


def init(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "scripts/init.py", "--data-dir", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def data(tmp_path) -> Path:
    ignore = shutil.ignore_patterns("expected_events.csv")
    return Path(shutil.copytree(SAMPLES / "segment", tmp_path / "data", ignore=ignore))


def test_a_segment_export_gets_its_adapter_and_criteria_in_its_own_words(data, tmp_path):
    output = tmp_path / "vars.yml"
    done = init(data, "--output", str(output))
    assert done.returncode == 0, done.stderr
    written = YAML(typ="safe").load(output)["vars"]
    assert written["pql_event_sources"] == [{"name": "segment", "adapter": "segment"}]
    assert written["pql_account_sources"] == [{"name": "segment", "adapter": "segment"}]
    assert ["Project Created"] in [criterion.get("events") for criterion in written["pql_criteria"]]
    assert "1 row(s) will be rejected: missing event id." in done.stdout

    again = init(data, "--output", str(output))
    assert again.returncode == 2 and "--force" in again.stderr


TRACKERS = ("rudderstack", "snowplow", "posthog", "amplitude", "mixpanel", "ga4", "pendo", "heap")


@pytest.fixture(scope="module")
def adapters() -> dict:
    return catalogue()["pql_event_sources"]


@pytest.mark.parametrize("tracker", TRACKERS)
def test_every_tracker_is_recognised_by_its_columns(adapters, tracker):
    assert guess_source(SAMPLES / tracker, adapters).source["adapter"] == tracker


def test_a_folder_without_events_is_one_clear_message(tmp_path):
    (tmp_path / "prices.csv").write_text("plan,price\nfree,0\n")
    done = init(tmp_path, "--dry-run")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "No table of events found" in done.stderr and "prices: plan, price" in done.stderr
