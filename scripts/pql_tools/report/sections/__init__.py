"""The sections of the report: the small tables of analyses/report in, words, tables and charts out."""

from __future__ import annotations

from pql_tools.report.page import Page, Section, count
from pql_tools.report.sections.common import Facts
from pql_tools.report.sections.current_pqls import current_pqls
from pql_tools.report.sections.definitions import definitions
from pql_tools.report.sections.drift import drift
from pql_tools.report.sections.funnel import funnel
from pql_tools.report.sections.headlines import headlines
from pql_tools.report.sections.naive import naive
from pql_tools.report.sections.near_misses import near_misses
from pql_tools.report.sections.precision import precision
from pql_tools.report.sections.quality import quality
from pql_tools.report.sections.ranking import ranking
from pql_tools.report.sections.retention import retention
from pql_tools.report.sections.scorecard import scorecard
from pql_tools.report.sections.speed_to_lead import speed_to_lead
from pql_tools.report.sections.stages import stages
from pql_tools.report.sections.thresholds import thresholds
from pql_tools.report.sections.to_contact import to_contact
from pql_tools.report.sections.waiting import waiting
from pql_tools.report.sections.weekly import weekly


def make_page(facts: Facts, capacity: float | None = None) -> Page:
    """The whole report."""
    build, settings = facts["build"][0], facts["settings"][0]
    subtitle = (
        f"As of {build['as_of']:%A %Y-%m-%d %H:%M} UTC. Definition “{settings['definition_name']}”, "
        f"rules {build['rules_version'][:8]}, {count(build['accounts'], 'account')}."
    )
    sections = [
        *for_sales(to_contact(facts), current_pqls(facts), near_misses(facts), speed_to_lead(facts)),
        headlines(facts),
        funnel(facts),
        weekly(facts, capacity),
        scorecard(facts),
        precision(facts),
        stages(facts),
        ranking(facts),
        thresholds(facts, capacity),
        waiting(facts),
        drift(facts),
        retention(facts),
        quality(facts),
        naive(facts),
        definitions(facts),
    ]
    return Page("Product-qualified leads", subtitle, [section for section in sections if section])


def for_sales(*sections: Section) -> list[Section]:
    """Sections of the page that sales reads."""
    return [section._replace(reader="sales") for section in sections]
