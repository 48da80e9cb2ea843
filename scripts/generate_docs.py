#!/usr/bin/env python
"""Write the tables in README.md and docs/*.md from the files that define what they list.

    python scripts/generate_docs.py           # rewrites what stands between the markers
    python scripts/generate_docs.py --check   # says what is stale, undocumented or untested; changes nothing

A marker is a pair of lines such as `<!-- criterion-types:begin -->` and `<!-- criterion-types:end -->`. They
are criterion-types, common-keys, behaviour-keys, definition-keys, definitions-library, adapters,
adapter-facts, marts, main-marts and settings.

Exit codes: 0 all is well; 1 something is stale, undocumented or untested; 2 a file cannot be read.
"""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from pathlib import Path

from jinja2 import Environment
from pql_tools.config_files import read_text, read_yaml
from pql_tools.console import error, make_console
from pql_tools.documentation.adapter_table import KINDS as ADAPTER_KINDS
from pql_tools.documentation.adapter_table import adapter_table, fact_faults, fact_table
from pql_tools.documentation.vars_schema import PAGES, VARIABLES
from pql_tools.problems import WarehouseError

ROOT = Path(__file__).resolve().parent.parent
CRITERIA, TESTS, LIBRARY = Path("macros/criteria"), Path("tests/sql/criteria"), Path("definitions")
KEYS_FILE = Path("macros/config/criterion_types.sql")
FIRST = "pql_accounts"
MAIN = [
    FIRST,
    "fct_pql_episodes",
    "pql_account_criteria",
    "fct_criterion_episodes",
    "dim_accounts",
    "fct_account_usage_daily",
    "event_quality",
    "pql_criterion_precision",
    "fct_pql_events",
    "mart_pql_accounts",
]
STEPS = ("_", "base_", "stg_", "int_", "manifest_")  # files of models that are no marts
KINDS = {
    "behaviour": "what the account does",
    "interval": "what the account is",
    "combination": "made of other criteria",
}
VALUES = {
    "boolean": "`true` or `false`",
    "choice": "one of",
    "criteria": "list of criteria",
    "criterion": "a criterion",
    "days": "whole days, 1 or more",
    "horizon": "whole days, or `none`",
    "identifier": "snake_case name",
    "integer": "whole days, may be negative",
    "measure": "`{measure, events, where, where_not, property, window}`",
    "number": "number",
    "points": "mapping of criterion to points",
    "positive_integer": "whole number above 0",
    "positive_number": "number above 0",
    "property_values": "mapping of property to value or values",
    "scalars": "list of values",
    "share": "share above 0, at most 1",
    "text": "text",
    "texts": "list of texts",
    "weekdays": "list of `mon` to `sun`",
    "tiers": "list of `{name, when}`",
    "window": "window",
}
WINDOWS = {
    "lifetime": "`lifetime`",
    "last_days": "`{last_days: N}`",
    "first_days": "`{first_days: N}`",
    "calendar": "`{calendar: month}`, `{calendar: week}`",
    "billing": "`{billing: ATTRIBUTE}`",
}


class DocsError(Exception):
    """A file is not as the tables need it, in one sentence."""


class Returned(Exception):
    """What a macro returns, on its way out of it."""


def returned(source: str, macro: str, path: Path) -> dict:
    """What a macro without arguments returns; it may call others of its file."""
    macros = re.findall(r"{%-? macro (\w+)\((.*?)\) -?%}(.*?){%-? endmacro -?%}", source, re.DOTALL)
    bodies = {name: (re.findall(r"\w+", arguments), body) for name, arguments, body in macros}
    environment = Environment(extensions=["jinja2.ext.do"])

    def leave(value):
        raise Returned(value)

    def call(name: str, *values):
        arguments, body = bodies[name]
        others, given = (
            {other: partial(call, other) for other in bodies},
            dict(zip(arguments, values, strict=False)),
        )
        try:
            environment.from_string(body).render(others | given | {"return": leave})
        except Returned as result:
            return result.args[0]

    found = call(macro) if macro in bodies else None
    if not isinstance(found, dict):
        raise DocsError(f"{path}: there is no macro {macro}() that returns a mapping")
    return found


def read_types(root: Path) -> dict[str, dict]:
    """What every criterion type's file declares, by type, with its leading comment as `about`."""
    types = {}
    for path in sorted((root / CRITERIA).glob("[!_]*.sql")):
        source = read_text(path)
        spec = returned(source, f"criterion__{path.stem}__spec", path)
        comment = re.match(r"{#\s*(.*?)\s*#}", source, re.DOTALL)
        about = " ".join(comment[1].split()) if comment else ""
        spec["about"] = about.removeprefix(f"{path.stem}:").strip(" .") if about.startswith(path.stem) else ""
        types[path.stem] = spec
    return types


def faults(root: Path, types: dict[str, dict]) -> list[str]:
    """Types that nobody has described or tested, files without a title, facts that adapters owe."""
    found = fact_faults(read_adapters(root))
    for name, spec in types.items():
        if not spec["about"]:
            found.append(f"{CRITERIA / name}.sql: must begin with a comment {{# {name}: what it measures #}}")
        if not spec.get("measure"):
            found.append(f"{CRITERIA / name}.sql: its spec says no 'measure'")
        if not (root / TESTS / f"{name}.sql").exists():
            found.append(f"{TESTS / name}.sql: is missing; every criterion type has a test")
    for path in sorted((root / LIBRARY).glob("*.yml")):
        if not library_title(path):
            found.append(f"{LIBRARY / path.name}: must begin with a comment that says what it is")
    return found


def library_title(path: Path) -> str:
    """The first line of a definition's leading comment."""
    first = read_text(path).partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""


def value_words(rule: dict) -> str:
    """What a key may hold, in words."""
    if rule["is"] not in VALUES:
        raise DocsError(f"scripts/generate_docs.py: VALUES has no words for a value of kind '{rule['is']}'")
    return VALUES[rule["is"]]


def key_row(name: str, rule: dict) -> str:
    """One key as a row of a table."""
    value = value_words(rule)
    if rule["is"] == "choice":
        value += " " + ", ".join(f"`{choice}`" for choice in rule["of"])
    default = rule.get("default")
    needed = "required" if rule.get("required") else "" if default is None else f"`{str(default).lower()}`"
    return f"| `{name}` | {value} | {needed} |"


def key_table(keys: dict[str, dict]) -> str:
    """A table of keys."""
    return "\n".join(["| key | value | default |", "|---|---|---|", *[key_row(*key) for key in keys.items()]])


def type_keys(spec: dict) -> str:
    """The keys that a type has beside the common ones, in words."""
    keys = []
    for name, rule in spec.get("options", {}).items():
        notes = [value_words(rule)]
        notes += ["optional"] if not rule.get("required") and "default" not in rule else []
        notes += [f"default {str(rule['default']).lower()}"] if "default" in rule else []
        keys.append(f"`{name}` ({', '.join(notes)})")
    keys += [f"no `{name}`" for name in spec.get("without", [])]
    return "; ".join(keys)


def window_names(windows: list[str]) -> str:
    """The windows that a type allows."""
    return "all" if set(windows) == set(WINDOWS) else ", ".join(WINDOWS[window] for window in windows)


def type_table(types: dict[str, dict]) -> str:
    """The table of criterion types, those of one kind together."""
    lines = ["| type | what it asks | measure | its own keys | windows |", "|---|---|---|---|---|"]
    for kind, title in KINDS.items():
        lines.append(f"| *{title}* | | | | |")
        for name, spec in types.items():
            if spec["kind"] == kind:
                windows = window_names(spec.get("windows", []))
                lines.append(
                    f"| `{name}` | {spec['about']} | {spec['measure']} | {type_keys(spec)} | {windows} |"
                )
    return "\n".join(lines)


def read_adapters(root: Path) -> dict[str, dict[str, dict]]:
    """What every adapter's file declares, by kind of source and adapter."""
    adapters = {}
    for kind in ADAPTER_KINDS:
        paths = sorted((root / "macros" / "inputs" / kind).glob("*.sql"))
        source = "\n".join(read_text(path) for path in paths)  # an adapter may call macros of another
        adapters[kind] = {
            path.stem: returned(source, f"{kind.removesuffix('s')}_source__{path.stem}__spec", path)
            for path in paths
        }
    return adapters


def mart_table(root: Path, wanted: list[str] | None = None) -> str:
    """Tables with their grains, the first sentences of descriptions: those wanted, or all, `FIRST` on top."""
    grains = {}
    for path in sorted(root.glob("models/**/*.yml"), key=lambda path: path.name):
        for model in read_yaml(path).get("models", []) if not path.name.startswith(STEPS) else []:
            grain = " ".join(model["description"].split()).split(". ")[0].rstrip(".")
            grains[model["name"]] = grain.replace("|", "\\|")
    if missing := [name for name in wanted or [] if name not in grains]:
        raise DocsError(f"models: there is no {', '.join(missing)}, which the README names")
    names = wanted or sorted(grains, key=lambda name: name != FIRST)
    return "\n".join(
        ["| table | grain |", "|---|---|", *[f"| `{name}` | {grains[name]} |" for name in names]]
    )


def settings_table() -> str:
    """The variables of dbt, with the page that says more."""
    lines = ["| variable | |", "|---|---|"]
    for name, words in VARIABLES.items():
        more = f" [More]({PAGES[name]})." if name in PAGES else ""
        lines.append(f"| `{name}` | {words}{more} |")
    return "\n".join(lines)


def library_table(root: Path) -> str:
    """The table of the definitions that are ready to copy."""
    lines = ["| file | definition |", "|---|---|"]
    for path in sorted((root / LIBRARY).glob("*.yml")):
        link = f"[`{path.stem}`](../{LIBRARY.as_posix()}/{path.name})"
        lines.append(f"| {link} | {library_title(path)} |")
    return "\n".join(lines)


def tables(root: Path, types: dict[str, dict]) -> dict[str, str]:
    """Every table by the name of its marker."""
    source = read_text(root / KEYS_FILE)
    return {
        "criterion-types": type_table(types),
        "common-keys": key_table(returned(source, "common_keys", KEYS_FILE)),
        "behaviour-keys": key_table(returned(source, "behaviour_keys", KEYS_FILE)),
        "definition-keys": key_table(returned(source, "definition_keys", KEYS_FILE)),
        "definitions-library": library_table(root),
        "adapters": adapter_table(read_adapters(root)),
        "adapter-facts": fact_table(read_adapters(root)),
        "marts": mart_table(root),
        "main-marts": mart_table(root, MAIN),
        "settings": settings_table(),
    }


def filled(page: Path, text: str, contents: dict[str, str]) -> str:
    """The text of a page with what stands between its markers replaced."""
    for name, table in contents.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        before, opened, rest = text.partition(begin)
        if not opened:
            continue
        _, closed, after = rest.partition(end)
        if not closed:
            raise DocsError(f"{page}: {begin} has no {end} after it")
        text = f"{before}{begin}\n{table}\n{end}{after}"
    return text


def main(argv: list[str] | None = None) -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing; say what is stale")
    parser.add_argument(
        "--project-dir", type=Path, default=ROOT, metavar="DIR", help="folder of dbt_project.yml"
    )
    options = parser.parse_args(argv)
    root = options.project_dir
    pages = [Path("README.md"), *(path.relative_to(root) for path in sorted(root.glob("docs/**/*.md")))]
    try:
        types = read_types(root)
        found = faults(root, types)
        texts = {page: read_text(root / page) for page in pages}
        wanted = {page: filled(page, text, tables(root, types)) for page, text in texts.items()}
    except (DocsError, WarehouseError, OSError) as problem:
        error(str(problem))
        return 2
    if not any("<!-- criterion-types:begin -->" in text for text in texts.values()):
        found.append("README.md: has no line <!-- criterion-types:begin -->")
    stale = [page for page in pages if wanted[page] != texts[page]]
    if options.check:
        found += [f"{page}: its tables are stale; run `python scripts/generate_docs.py`" for page in stale]
    for fault in found:
        error(fault)
    for page in [] if options.check else stale:
        (root / page).write_text(wanted[page], encoding="utf-8")
        make_console().print(f"{page}: tables written")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
