"""What every test may ask for: a scratch copy of the project, and Hypothesis with a fixed course."""

import os
import re

import pytest
from harness import FIXTURES, ROOT, SHARED, Project
from hypothesis import HealthCheck, settings

# The same examples in every run, so that CI is stable; PQL_EXAMPLES asks for more, and for new ones.
asked_for = int(os.environ.get("PQL_EXAMPLES", 0))
settings.register_profile(
    "pql",
    derandomize=not asked_for,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("pql")


def examples(few: int) -> int:
    """How many examples a property is tried on: a few, or as many as the environment asks for."""
    return asked_for or few


def shared_by(nodeid: str) -> str:
    """What a test shares with others: an engine, or what its file builds once; else it stands alone."""
    file, _, test = nodeid.partition("::")
    if file.startswith("tests/python/engines/"):
        return re.search(r"\[(\w+)|$", test)[1] or file
    return file if 'scope="module"' in (ROOT / file).read_text() else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests that share something run in one worker, so that it is made once.

    The mark `xdist_group` of pytest-xdist 3.8 is lost without a word under pytest 9.2 (its issue 1386).
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return shared_by(nodeid)

    return Together(config, log)


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Project:
    """One scratch copy per process; builds do not disturb one another."""
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def fixtures():
    """The inputs with known answers."""
    return FIXTURES


@pytest.fixture(scope="session")
def third_party_data():
    """Usage data published by others."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return folder
