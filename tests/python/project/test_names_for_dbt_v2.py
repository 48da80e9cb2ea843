"""dbt v2 lists no macros and knows no time zone: a file of ours tells it those that dbt-core finds. What it
reads otherwise than dbt-core, without a word, is not written.

`python tests/python/project/test_names_for_dbt_v2.py` writes that file anew.
"""

import re
import sys
import textwrap
from pathlib import Path

import pytz
from dbt_common.clients.jinja import get_environment
from jinja2 import nodes

ROOT = Path(__file__).parents[3]
NAMES = ROOT / "macros" / "portability" / "names_for_dbt_v2.sql"
FOUND_BY_NAME = re.compile(r"{%-? macro ((?:criterion|criterion_default|crm_system|[a-z_]+_source)__\w+)\(")


def names_of_macros() -> list[str]:
    files = [path for path in (ROOT / "macros").rglob("*.sql") if path != NAMES]
    return sorted({name for path in files for name in FOUND_BY_NAME.findall(path.read_text())})


def listed(macro: str, names: list[str]) -> str:
    lines = textwrap.wrap(" ".join(names), 120, break_on_hyphens=False)
    text = "\n".join(f"        {line}" for line in lines)
    return f"{{% macro {macro}() %}}\n    {{% do return('\n{text}\n    '.split()) %}}\n{{% endmacro %}}\n"


def written() -> str:
    said = (
        "{# Names that dbt-core finds. tests/python/project/test_names_for_dbt_v2.py writes this file. #}\n"
    )
    return "\n".join(
        (
            said,
            listed("our_macro_names", names_of_macros()),
            listed("known_time_zone_names", list(pytz.all_timezones)),
        )
    )


def test_names():
    assert len(names_of_macros()) > 100
    assert NAMES.read_text() == written(), f"stale: python {Path(__file__).relative_to(ROOT)}"


def trees() -> list[tuple[Path, nodes.Template]]:
    parse = get_environment(None).parse
    files = [path for folder in ("macros", "models", "tests/sql") for path in (ROOT / folder).rglob("*.sql")]
    return [(path.relative_to(ROOT), parse(path.read_text())) for path in files if path != NAMES]


def test_nothing_is_written_that_dbt_v2_reads_otherwise():
    """`a < b < c` is `(a < b) < c` there, and a list that grows in its own loop is not followed."""
    found = []
    for path, tree in trees():
        found += [(path, each.lineno) for each in tree.find_all(nodes.Compare) if len(each.ops) > 1]
        for loop in tree.find_all(nodes.For):
            calls = [call.node for part in loop.body for call in part.find_all(nodes.Call)]
            grown = [call.node for call in calls if isinstance(call, nodes.Getattr) and call.attr == "append"]
            found += [(path, loop.lineno) for each in grown if each == loop.iter]
    assert found == []


if __name__ == "__main__":
    NAMES.write_text(written())
    sys.exit(0)
