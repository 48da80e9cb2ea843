"""The pages: links lead somewhere, scripts take the options that are shown, the worked account is right."""

import ast
import re
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from shlex import split
from urllib.parse import unquote

import pytest
import yaml
from harness import CORE_MODELS, ROOT
from small_worlds import at, event, small_world

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges and the site make them."""
    text = FENCE.sub("", page.read_text())
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.M):
        words = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower().strip()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_a_heading(page):
    dead = []
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_page_is_in_the_menu_of_the_site():
    listed = re.findall(r"[\w/]+\.md", (ROOT / "mkdocs.yml").read_text())
    assert sorted(listed) == sorted(page.relative_to(ROOT / "docs").as_posix() for page in PAGES[1:])


def test_the_readme_is_short_and_begins_with_what_it_is():
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= 150
    assert lines[0].startswith("# ") and lines[2].startswith(
        "A dbt project that finds product-qualified leads"
    )
    [first] = re.findall(r"\| table \| grain \|\n\|---\|---\|\n\| `(\w+)`", "\n".join(lines))
    assert first == "pql_accounts"


@cache
def options_of(script: str) -> str:
    done = subprocess.run([sys.executable, script, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_scripts_take_the_options_that_pages_show():
    """Of every `python scripts/…` line of every page."""
    unknown = []
    for page in PAGES:
        for line in re.findall(r"python (?:\.\./pql_warehouse/)?(scripts/\w+\.py[^`\n|]*)", page.read_text()):
            words = split(line.partition("#")[0].replace("'", "").replace('"', ""))
            for word in words[1:]:
                option = word.partition("=")[0]
                if option.startswith("--") and option not in options_of(words[0]):
                    unknown.append((name(page), option, line))
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_blocks_of_yaml_and_python_are_such(page):
    for kind, block in FENCE.findall(page.read_text()):
        if kind == "yaml":
            yaml.safe_load(block)
        if kind == "python":
            ast.parse(block)


def test_pages_make_only_what_the_makefile_makes():
    made = re.findall(r"^([a-z0-9%-]+):", (ROOT / "Makefile").read_text(), re.M)
    known = re.compile("|".join(target.replace("%", r"[\w-]+") for target in made))
    asked = {
        (name(page), target)
        for page in PAGES
        for target in re.findall(r"(?:`|^ *)make ([a-z][\w-]*)", page.read_text(), re.M)
    }
    assert asked and [found for found in asked if not known.fullmatch(found[1])] == []


ANY_NAME = {"NAME", "yours", "some_model", "one_model"}  # what stands for a name of the reader's


def test_commands_select_models_tests_and_tags_that_there_are():
    """Of every `dbt …` on every page: what follows --select, -s and --exclude."""
    nodes = {
        path.stem for folder in ("models", "tests/sql", "seeds") for path in (ROOT / folder).rglob("*.*")
    }
    settings = "".join(path.read_text() for path in [ROOT / "dbt_project.yml", *ROOT.glob("**/*.sql")])
    tags = set(re.findall(r"\w+", " ".join(re.findall(r"\+?tags[=:] ?(\[[^\]]*\]|\S+)", settings))))
    unknown = []
    for page in PAGES:
        for command in re.findall(r"\bdbt (?:build|run|test|ls|seed|retry)\b([^`\n|&]*)", page.read_text()):
            for chosen in re.findall(
                r"(?:--select|--exclude|-s) ((?:[^-\s#]\S* ?)+)", command.replace("'*'", "")
            ):
                for word in chosen.split():
                    method, _, value = word.strip("+").rpartition(":")
                    known = {
                        "": nodes | ANY_NAME,
                        "tag": tags,
                        "package": {"pql_warehouse"},
                        "state": {"modified"},
                    }
                    if value not in known[method]:
                        unknown.append((name(page), word, command))
    assert unknown == []


def test_the_worked_account_is_as_the_page_draws_it(project):
    """docs/how_it_works.md, `Spans and episodes`: the criteria of the page on the logins of its drawing."""
    [block] = [
        block
        for kind, block in FENCE.findall((ROOT / "docs" / "how_it_works.md").read_text())
        if kind == "yaml" and "busy" in block
    ]
    logins = [(2, 9, "ann"), (2, 15, "ann"), (3, 11, "ann"), (4, 14, "bob"), (5, 10, "ann")]
    world = small_world([event(at(day, hour), user_id=user) for day, hour, user in logins])
    world.variables |= yaml.safe_load(block)
    built = project.build(world, command=CORE_MODELS)
    episodes = {
        row["criterion_name"]: (row["started_at"], row["ended_at"])
        for row in built.rows("fct_criterion_episodes")
    }
    assert episodes == {
        "busy": (at(3, 11), at(7)),
        "team": (at(4, 14), at(8)),
        "both": (at(4, 14), at(7)),
    }
    lead = built.row("fct_pql_episodes")
    assert (lead["qualified_at"], lead["ended_at"]) == (datetime(2026, 3, 4, 14), datetime(2026, 3, 7))
