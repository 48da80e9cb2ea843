"""dbt v2 lists no macros and knows no time zone: a file of ours tells it those that dbt-core finds.

`python tests/python/project/test_names_for_dbt_v2.py` writes that file anew.
"""

import re
import sys
import textwrap
from pathlib import Path

import pytz

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


if __name__ == "__main__":
    NAMES.write_text(written())
    sys.exit(0)
