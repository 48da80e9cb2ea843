"""Links to the pages of others: each is there. `make links` asks them, which needs the network."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from harness import ROOT

SOURCES = ("README.md", "docs/**/*.md", "tests/samples/README.md")
LINK = re.compile(r"\]\((https?://[^\s)]+)\)")
ASKED_BY_A_PERSON_ONLY = (401, 403, 405, 429, 999)  # what sites answer to whom they take for a robot


def links() -> dict[str, str]:
    """Every link with the first file that has it."""
    found: dict[str, str] = {}
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            for link in LINK.findall(path.read_text()):
                found.setdefault(link, path.relative_to(ROOT).as_posix())
    return found


def fault(link: str) -> str:
    """What is wrong with a link, empty where its page is there."""
    try:
        with requests.get(link, timeout=20, stream=True, headers={"User-Agent": "Mozilla/5.0"}) as answer:
            is_there = answer.ok or answer.status_code in ASKED_BY_A_PERSON_ONLY
            return "" if is_there else str(answer.status_code)
    except requests.RequestException as problem:
        return type(problem).__name__


def test_links_are_whole_and_encrypted():
    odd = [
        f"{name}: {link}"
        for link, name in links().items()
        if not link.startswith("https://") or "." not in urlsplit(link).netloc
    ]
    assert odd == [] and len(links()) > 50


@pytest.mark.skipif("PQL_ASK_LINKS" not in os.environ, reason="`make links` asks the pages of others")
def test_every_page_of_others_that_is_linked_is_there():
    found = links()
    with ThreadPoolExecutor(8) as threads:
        faults = dict(zip(found, threads.map(fault, found), strict=True))
    dead = {f"{found[link]}: {link}: {said}" for link, said in faults.items() if said}
    if all(said and not said.isdigit() for said in faults.values()):
        pytest.skip(f"no network: {len(found)} links were not asked")
    assert sorted(dead) == []
