"""Faulty configurations are refused with their address, fault and a way out; odd but valid ones are not."""

import json
import re
from datetime import date, datetime

import pytest
import yaml
from comparison import disagreements
from harness import CORE_MODELS, MODELS_ONLY, ROOT
from reference.oracle import evaluate
from reference.world import World

# A sound configuration to spoil. `a`, `b` and `points` are criteria, `lead` is a definition.
SOUND = {
    "pql_criteria": [
        {"name": "a", "type": "event_count", "at_least": 1},
        {"name": "b", "type": "event_count", "events": ["login"], "window": {"last_days": 7}, "at_least": 2},
        {"name": "points", "type": "score", "points": {"a": 1}, "at_least": 1},
    ],
    "pql_definitions": [{"name": "lead", "qualifies_when": "a"}],
}

# A criterion that is added as pql_criteria[3], and words that the one problem must hold.
FAULTY_CRITERIA = [
    ("{name: x, type: event_counts, at_least: 1}", "unknown type 'event_counts'", "event_count,"),
    ("{name: x, at_least: 1}", "'type' is missing", "event_count,"),
    ("{name: x, type: [event_count], at_least: 1}", "unknown type", "event_count,"),
    ("{type: event_count, at_least: 1}", "'name' is missing"),
    ("{name: Three Logins, type: event_count, at_least: 1}", "'name' must be snake_case", '"Three Logins"'),
    ("{name: 3_logins, type: event_count, at_least: 1}", "'name' must be snake_case", '"3_logins"'),
    ("{name: 'x; drop table y', type: event_count, at_least: 1}", "'name' must be snake_case"),
    ('{name: "x\\n", type: event_count, at_least: 1}', "'name' must be snake_case"),
    ("{name: 7, type: event_count, at_least: 1}", "'name' must be snake_case", "got 7"),
    (f"{{name: {'x' * 61}, type: event_count, at_least: 1}}", "'name' must be snake_case", "at most 60"),
    ("{name: a, type: event_count, at_least: 1}", "the name is taken"),
    ("{name: lead, type: event_count, at_least: 1}", "the name is taken"),
    ("just a text", "must be a mapping", '"just a text"'),
    ("null", "must be a mapping", "got nothing"),
    ("{name: x, type: event_count, atleast: 1, at_least: 1}", "unknown key 'atleast'", "at_least"),
    ("{name: x, type: event_count}", "'at_least' is missing"),
    ("{name: x, type: event_count, at_least: 2026-01-01}", "'at_least' must be a whole", "got 2026-01-01"),
    (
        "{name: x, type: event_count, at_least: 1, where: {day: 2026-01-01 12:00:00}}",
        "item 1 must be text, a number",
    ),
    ("{name: x, type: event_count, at_least: 1, events: [2026-01-01]}", "'events' item 1 must be text"),
    ("{name: x, type: event_count, at_least: 0}", "'at_least' must be a whole number above 0", "got 0"),
    ("{name: x, type: event_count, at_least: -3}", "'at_least' must be a whole number above 0", "got -3"),
    ("{name: x, type: event_count, at_least: 2.5}", "'at_least' must be a whole number above 0", "got 2.5"),
    ("{name: x, type: event_count, at_least: '3'}", "'at_least' must be a whole number", "remove the quotes"),
    ("{name: x, type: event_count, at_least: true}", "'at_least' must be a whole number above 0", "got true"),
    ("{name: x, type: event_count, at_least: null}", "'at_least' must be a whole number", "got nothing"),
    ("{name: x, type: event_count, at_least: .nan}", "'at_least' must be a whole number above 0"),
    ("{name: x, type: event_count, at_least: .inf}", "'at_least' must be a whole number above 0"),
    ("{name: x, type: event_count, at_least: 1e300}", "'at_least' must be a whole number above 0"),
    ("{name: x, type: event_count, at_least: [3]}", "'at_least' must be a whole number above 0", "[3]"),
    ("{name: x, type: event_count, at_least: 1, description: 5}", "'description' must be text", "got 5"),
    ("{name: x, type: event_count, at_least: 1, events: login}", "'events' must be a list", '"login"'),
    ("{name: x, type: event_count, at_least: 1, events: []}", "'events' must be a list of at least one"),
    ("{name: x, type: event_count, at_least: 1, events: [1]}", "'events' item 1 must be text", "got 1"),
    ("{name: x, type: event_count, at_least: 1, events: [' ']}", "'events' item 1 must be text"),
    ("{name: x, type: event_count, at_least: 1, events: [l, l]}", "'events' must not repeat"),
    ("{name: x, type: event_count, at_least: 1, where: plan}", "'where' must be a mapping"),
    ("{name: x, type: event_count, at_least: 1, where: {}}", "'where' must be a mapping"),
    (
        "{name: x, type: event_count, at_least: 1, where: {plan: []}}",
        "'plan': must be a list of at least one",
    ),
    (
        "{name: x, type: event_count, at_least: 1, where: {plan: null}}",
        "'plan': item 1 must be text, a number",
    ),
    ("{name: x, type: event_count, at_least: 1, where: {plan: {in: [a]}}}", "'plan': item 1 must be text"),
    ("{name: x, type: event_count, at_least: 1, where: {1: a}}", "a property must be text"),
    ("{name: x, type: event_count, at_least: 1, where_not: plan}", "'where_not' must be a mapping"),
    (
        "{name: x, type: event_count, at_least: 1, where_not: {plan: null}}",
        "'where_not' 'plan': item 1 must be text, a number",
        "got nothing (YAML reads an unquoted null",
    ),
    ("{name: x, type: event_count, at_least: 1, where: {plan: ['*', null]}}", "'plan': item 2 must be text"),
    # what YAML has read as something else than what is written
    (
        "{name: x, type: event_count, at_least: 1, where: {on: web}}",
        "a property must be text, got true",
        "in quotes",
    ),
    (
        "{name: x, type: event_count, at_least: 1, where: {country: [SE, NO]}}",
        "'country': item 2 must be of one kind with the others, got false",
        "in quotes",
    ),
    (
        "{name: x, type: event_count, at_least: 1, where_not: {version: [1.10, '1.9']}}",
        "'version': item 1 must be of one kind with the others, got 1.1 (YAML reads it as a number",
    ),
    (
        "{name: x, type: account_attribute, attribute: since, in: [2026-01-01, soon]}",
        "'in' item 1 must be text",
        "got 2026-01-01 (YAML reads it as a date; put a text in quotes)",
    ),
    (
        "{name: x, type: account_attribute, attribute: country, not_in: [SE, NO, DK]}",
        "'not_in' item 2",
        "quotes",
    ),
    ("{name: x, type: event_count, at_least: 1, events: [off]}", "'events' item 1 must be text", "in quotes"),
    (
        "{name: x, type: milestones, steps: [start, 1_000]}",
        "'steps' item 2 must be text, got 1000",
        "in quotes",
    ),
    (
        "{name: x, type: event_sum, at_least: 1, property: yes}",
        "'property' must be text, got true",
        "in quotes",
    ),
    ("{name: x, type: event_count, at_least: 1, window: 7}", "'window' must be", "{last_days: N}", "got 7"),
    ("{name: x, type: event_count, at_least: 1, window: last_days}", "'window' must be", "{last_days: N}"),
    ("{name: x, type: event_count, at_least: 1, window: {lifetime: 1}}", "'window' must be", "lifetime"),
    ("{name: x, type: event_count, at_least: 1, window: {last_weeks: 2}}", "'window' must be"),
    ("{name: x, type: event_count, at_least: 1, window: {last_days: 7, first_days: 7}}", "'window' must be"),
    ("{name: x, type: event_count, at_least: 1, window: {last_days: 0}}", "'window' must be a whole number"),
    ("{name: x, type: event_count, at_least: 1, window: {last_days: -7}}", "'window' must be a whole number"),
    ("{name: x, type: event_count, at_least: 1, window: {last_days: '7'}}", "'window' must be", "the quotes"),
    ("{name: x, type: event_count, at_least: 1, window: {calendar: year}}", "'window' must be one of month"),
    ("{name: x, type: event_count, at_least: 1, window: []}", "'window' must be"),
    ("{name: x, type: event_count, at_least: 1, lapse_after_days: 0}", "'lapse_after_days' must be a whole"),
    (
        "{name: x, type: event_count, at_least: 1, min_precision: 25}",
        "'min_precision' must be",
        "0.25 for 25%",
    ),
    ("{name: x, type: event_count, at_least: 1, min_precision: 0}", "'min_precision' must be"),
    ("{name: x, type: event_count, at_least: 1, horizon_days: never}", "'horizon_days' must be", "'none'"),
    ("{name: x, type: event_count, at_least: 1, horizon_days: 1.5}", "'horizon_days' must be"),
    ("{name: x, type: event_sum, at_least: 1}", "'property' is missing"),
    ("{name: x, type: event_sum, at_least: 0.0000001, property: mb}", "'at_least' must be a number above 0"),
    ("{name: x, type: event_max, at_least: 1, property: 5}", "'property' must be text"),
    ("{name: x, type: consecutive_days, at_least: 3, window: {last_days: 7}}", "'window' must be lifetime"),
    (
        "{name: x, type: active_days, at_least: 1, weekdays: weekend}",
        "'weekdays' must be a list",
        '"weekend"',
    ),
    (
        "{name: x, type: active_days, at_least: 1, weekdays: [sun, Mon]}",
        "'weekdays' must be among mon",
        '"Mon"',
    ),
    ("{name: x, type: consecutive_days, at_least: 1, weekdays: [mon, mon]}", "'weekdays' must not repeat"),
    ("{name: x, type: event_count, at_least: 1, weekdays: [mon]}", "unknown key 'weekdays'"),
    ("{name: x, type: growth, at_least: 1.5}", "'window' is missing"),
    ("{name: x, type: growth, at_least: 1.5, window: lifetime}", "'window' must be {last_days: N}"),
    ("{name: x, type: growth, at_least: 2, window: {last_days: 7}, min_base: 0}", "'min_base' must be"),
    ("{name: x, type: limit_usage, at_least: 0.8}", "needs one of 'limit'", "'limit_attribute'", "got none"),
    (
        "{name: x, type: limit_usage, limit: m, limit_attribute: seats, at_least: 1}",
        "needs one of",
        "got both",
    ),
    (
        "{name: x, type: limit_usage, limit: m, measure: distinct_values, at_least: 1}",
        "'property' is missing: 'measure: distinct_values' reads one",
    ),
    (
        "{name: x, type: limit_usage, limit_attribute: seats, measure: distinct_users, "
        "property: p, at_least: 1}",
        "'measure: distinct_users' reads no 'property'",
    ),
    (
        "{name: x, type: limit_usage, limit: m, measure: growth, at_least: 1}",
        "'measure' must be one of event_c",
    ),
    ("{name: x, type: event_count, at_least: 1, window: {billing: 5}}", "'window' must be text, got 5"),
    ("{name: x, type: growth, at_least: 1, window: {billing: renews_on}}", "'window' must be {last_days: N}"),
    ("{name: x, type: decayed_sum, at_least: 1}", "'fades_over_days' is missing"),
    (
        "{name: x, type: decayed_sum, at_least: 1, fades_over_days: 367}",
        "'fades_over_days' must be",
        "1 to 366",
    ),
    (
        "{name: x, type: decayed_sum, at_least: 1, fades_over_days: 9, window: {last_days: 9}}",
        "unknown key 'window'",
    ),
    ("{name: x, type: ratio, at_least: 1, of: {measure: event_count}}", "'per' is missing"),
    (
        "{name: x, type: ratio, at_least: 1, of: messages, per: users}",
        "'of' must be a mapping {measure, events",
    ),
    (
        "{name: x, type: ratio, at_least: 1, of: {measure: growth}, per: {measure: active_days}}",
        "'of' must be a mapping",
        "one of active_days, distinct_users, distinct_values, event_count, event_sum",
    ),
    (
        "{name: x, type: ratio, at_least: 1, of: {measure: event_sum}, per: {measure: active_days}}",
        "'of' 'property' is missing",
    ),
    (
        "{name: x, type: ratio, at_least: 1, of: {measure: event_count, property: p}, "
        "per: {measure: active_days}}",
        "'of' unknown key 'property'. Allowed: events, where, where_not, window, measure",
    ),
    (
        "{name: x, type: ratio, at_least: 1, of: {measure: event_count, where: {a: null}}, "
        "per: {measure: active_days}}",
        "'of' 'where' 'a': item 1 must be text",
    ),
    (
        "{name: x, type: ratio, at_least: 1, events: [e], of: {measure: event_count}, "
        "per: {measure: active_days}}",
        "unknown key 'events'",
    ),
    (
        "{name: x, type: ratio, at_least: 1, of: {measure: event_count}, "
        "per: {measure: active_days, window: {calendar: month}}}",
        "'per' 'window' must be lifetime, {last_days: N}, {first_days: N}",
    ),
    (
        "{name: x, type: ratio, at_least: 1, of: {measure: event_count, window: {billing: b}}, "
        "per: {measure: active_days}}",
        "'per' needs a 'window' of its own",
    ),
    (
        "{name: x, type: ratio, at_least: 1, min_base: 0, of: {measure: event_count}, "
        "per: {measure: active_days}}",
        "'min_base' must be a number above 0",
    ),
    ("{name: x, type: milestones, steps: []}", "'steps' must be a list of at least one"),
    ("{name: x, type: milestones, steps: [s], at_least: 2}", "'at_least' must be at most", "1; got 2"),
    ("{name: x, type: milestones, steps: [s, s]}", "'steps' may repeat", "`ordered: true`"),
    ("{name: x, type: milestones, steps: [s], ordered: 1}", "'ordered' must be true or false"),
    ("{name: x, type: milestones, steps: [s], events: [s]}", "unknown key 'events'"),
    ("{name: x, type: milestones, steps: [s], window: {calendar: month}}", "'window' must be lifetime"),
    ("{name: x, type: account_attribute, attribute: plan}", "needs at least one of 'in'"),
    ("{name: x, type: account_attribute, attribute: plan, in: pro}", "'in' must be a list"),
    (
        "{name: x, type: account_attribute, attribute: size, at_least: 9, at_most: 5}",
        "not be above 'at_most'",
    ),
    ("{name: x, type: account_attribute, in: [pro]}", "'attribute' is missing"),
    ("{name: x, type: account_date, attribute: trial_ends_at}", "needs 'from_days', 'to_days' or both"),
    ("{name: x, type: account_date, attribute: t, from_days: 3, to_days: 1}", "must not be after 'to_days'"),
    ("{name: x, type: account_date, attribute: t, from_days: 1.5}", "'from_days' must be a whole number"),
    (
        "{name: x, type: account_date, attribute: t, from_days: 99999999}",
        "'from_days' must be a whole number",
    ),
    ("{name: x, type: all_of, criteria: [a, nobody]}", "must name a criterion", '"nobody"', "a, b, points"),
    ("{name: x, type: all_of, criteria: []}", "'criteria' must be a list of at least one"),
    ("{name: x, type: any_of, criteria: a}", "'criteria' must be a list"),
    ("{name: x, type: any_of, criteria: [lead]}", "must name a criterion", '"lead"'),
    ("{name: x, type: at_least_of, criteria: [a, b], at_least: 3}", "at most the number of criteria, 2"),
    ("{name: x, type: none_of, criteria: [a, a]}", "'criteria' must not repeat"),
    ("{name: x, type: score, points: {a: many}, at_least: 1}", "the points of 'a' must be a number"),
    ("{name: x, type: score, points: {}, at_least: 1}", "'points' must be a mapping"),
    ("{name: x, type: score, points: {nobody: 5}, at_least: 1}", "must name a criterion", '"nobody"'),
    ("{name: x, type: score, points: {a: 5}, at_least: 0}", "'at_least' must be a number above 0"),
    ("{name: x, type: all_of, criteria: [x]}", "a cycle", "x"),
]

# Keys of the definition that are replaced, and words that the problem must hold.
FAULTY_DEFINITIONS = [
    ("{qualifies_when: nobody}", "'qualifies_when' must name a criterion", '"nobody"', "a, b, points"),
    ("{qualifies_when: [a]}", "'qualifies_when' must name a criterion"),
    ("{qualifies_when: lead}", "'qualifies_when' must name a criterion"),
    ("{audience: paying}", "'audience' must be one of unconverted, converted, all", '"paying"'),
    ("{excluded_when: a}", "'excluded_when' must be a list"),
    ("{excluded_when: []}", "'excluded_when' must be a list of at least one"),
    ("{excluded_when: [nobody]}", "must name a criterion", '"nobody"'),
    ("{expires_after_days: 0}", "'expires_after_days' must be a whole number of days"),
    ("{expires_after_days: 1 week}", "'expires_after_days' must be a whole number of days", '"1 week"'),
    ("{cool_down_days: -1}", "'cool_down_days' must be a whole number of days"),
    ("{tiers: {hot: a}}", "'tiers' must be a list"),
    ("{tiers: [hot]}", "tier 1: must be a mapping {name, when}"),
    ("{tiers: [{name: hot}]}", "tier 1: 'when' is missing"),
    ("{tiers: [{name: hot, if: a, when: a}]}", "tier 1: unknown key 'if'"),
    ("{tiers: [{name: hot, when: a}, {name: hot, when: b}]}", "tier 2: the name 'hot' is taken"),
    ("{tiers: [{name: HOT!, when: a}]}", "tier 1: 'name' must be snake_case"),
    ("{score: a}", "'score' must name a criterion that adds up points", "'event_count'"),
    ("{score: nobody}", "'score' must name a criterion"),
    ("{name: b}", "the name is taken"),
    ("{min_precision: 1.5}", "'min_precision' must be a number above 0 and at most 1"),
    ("{cooldown_days: 3}", "unknown key 'cooldown_days'", "cool_down_days"),
]

# Variables that are replaced, and words that the problem must hold.
FAULTY_SETTINGS = [
    ("{pql_criteria: []}", "pql_criteria: must be a list of at least one criterion"),
    ("{pql_criteria: {a: 1}}", "pql_criteria: must be a list of at least one criterion"),
    ("{pql_criteria: null}", "pql_criteria: must be a list of at least one criterion", "got nothing"),
    ("{pql_definitions: []}", "pql_definitions: must be a list of at least one definition"),
    ("{pql_definitions: [lead]}", "pql_definitions[0]: must be a mapping"),
    ("{pql_as_of: yesterday}", "pql_as_of: must be a date or a UTC timestamp", '"yesterday"'),
    ("{pql_as_of: 20260101}", "pql_as_of: must be a date or a UTC timestamp"),
    ("{pql_as_of: '2026-02-30'}", "pql_as_of: must be a date or a UTC timestamp", '"2026-02-30"'),
    ("{pql_as_of: '2026-13-01'}", "pql_as_of: must be a date or a UTC timestamp"),
    ("{pql_as_of: '2026-01-01 25:00:00'}", "pql_as_of: must be a date or a UTC timestamp"),
    ("{pql_as_of: \"2026-01-01' or '1'='1\"}", "pql_as_of: must be a date or a UTC timestamp"),
    ("{pql_conversions_as_of: soon}", "pql_conversions_as_of: must be a date"),
    ("{pql_time_zone: Mars/Olympus}", "pql_time_zone: must be an IANA time zone", "Europe/Berlin"),
    ("{pql_time_zone: W. Europe Standard Time}", "pql_time_zone: must be an IANA", "That is Europe/Berlin?"),
    ("{pql_time_zone: europe/berlin}", "pql_time_zone: must be an IANA time zone", "That is Europe/Berlin?"),
    ("{pql_time_zone: null}", "pql_time_zone: must be an IANA time zone"),
    ("{pql_conversions_from: billing}", "pql_conversions_from: must be one of seed, source"),
    ("{pql_horizon_days: 0}", "pql_horizon_days: must be a whole number of days"),
    ("{pql_horizon_days: a month}", "pql_horizon_days: must be a whole number of days", "'none'"),
    ("{pql_file_encoding: shift-jis}", "pql_file_encoding: must be one of utf-8, latin-1", "iconv"),
    ("{pql_look_back_days: -1}", "pql_look_back_days: must be a whole number of days", "'none'"),
    ("{pql_duplicates_within_days: 0}", "pql_duplicates_within_days: must be a whole number of", "'none'"),
    ("{pql_ignored_events: {user_ids: [ann]}}", "pql_ignored_events: must be a list of rules"),
    (
        "{pql_ignored_events: [{}]}",
        "pql_ignored_events[0]: must be a mapping of at least one of events, where",
    ),
    ("{pql_ignored_events: [{users: [ann]}]}", "pql_ignored_events[0]: unknown key 'users'", "user_ids"),
    ("{pql_ignored_events: [{user_ids: []}]}", "pql_ignored_events[0]: 'user_ids' must be a list"),
    (
        "{pql_ignored_events: [{user_ids: ['7', 007]}]}",
        "pql_ignored_events[0]: 'user_ids' item 2",
        "in quotes",
    ),
    ("{pql_ignored_events: [{where: {bot: null}}]}", "pql_ignored_events[0]: 'where' 'bot': item 1"),
    ("{pql_ignored_events: [{user_email_domains: ['a@b.co']}]}", "pql_ignored_events[0]: ", '"a@b.co"'),
    (
        "{pql_feedback_sources: [{name: sf, adapter: salesforce, dispositions: {no: lost}}]}",
        "pql_feedback_sources[0] 'sf': 'dispositions' a word must be text, got false",
        "in quotes",
    ),
    ("{pql_crm_enabled: 'no'}", "pql_crm_enabled: must be", '"no"'),
    ("{pql_crm_create_records: 1}", "pql_crm_create_records: must be", "got 1"),
    ("{pql_crm_email_ids: yes please}", "pql_crm_email_ids: must be", '"yes please"'),
    ("{pql_contact_within_hours: 0}", "pql_contact_within_hours: must be a whole number above 0", "got 0"),
    ("{pql_contact_within_hours: 1.5}", "pql_contact_within_hours: must be a whole number", "got 1.5"),
    ("{pql_feedback_cool_down_days: -1}", "pql_feedback_cool_down_days: must be", "got -1"),
    ("{pql_feedback_cool_down_days: a week}", "pql_feedback_cool_down_days: must be", '"a week"'),
    ("{pql_holdout_share: 1}", "pql_holdout_share: must be a number from 0", "0.1 for 10%", "got 1"),
    ("{pql_holdout_share: 10%}", "pql_holdout_share: must be a number from 0", '"10%"'),
    ("{pql_holdout_share: -0.1}", "pql_holdout_share: must be a number from 0", "got -0.1"),
    ("{pql_free_mail_domains: acme.com}", "pql_free_mail_domains: must be", '"acme.com"'),
    ("{pql_fixed_attributes: plan}", "pql_fixed_attributes: must be", '"plan"'),
    ("{pql_nudge_from: 60}", "pql_nudge_from: must be a number above 0 and at most 1", "got 60"),
    ("{pql_crm_contact_emails: 'yes'}", "pql_crm_contact_emails: must be", '"yes"'),
    ("{pql_contact_attributes: role}", "pql_contact_attributes: must be a list such as [role", '"role"'),
    (
        "{pql_contact_attributes: [email]}",
        "pql_contact_attributes: item 1 is the e-mail address",
        "pql_crm_contact_emails: true",
    ),
    ("{pql_contact_attributes: [role, Role]}", "pql_contact_attributes: item 2 would be the column 'role'"),
    ("{pql_contact_attributes: [role, 3]}", "pql_contact_attributes: item 2 must be a column", "got 3"),
    (
        "{pql_mart_attributes: industry}",
        "pql_mart_attributes: must be a list such as [industry,",
        '"industry"',
    ),
    (
        "{pql_mart_attributes: [2]}",
        "pql_mart_attributes: item 1 must be an attribute or {name, type}",
        "got 2",
    ),
    (
        "{pql_mart_attributes: [{name: employees, type: integer}]}",
        "pql_mart_attributes: item 1 has the keys name and type, which is one of text, number, date",
    ),
    (
        "{pql_mart_attributes: [industry, Industry]}",
        "pql_mart_attributes: item 2 would be the column 'current_industry', which is there already",
    ),
    (
        "{pql_mart_attributes: [plan]}",
        "pql_mart_attributes: item 1 would be the column 'current_plan', which is there already",
    ),
    ("{pql_app_url: app.example.com}", "pql_app_url: must be a link such as", '"app.example.com"'),
    ('{pql_app_url: "https://x.test/\'"}', "pql_app_url: must be a link such as"),
    ("{pql_app_url: null}", "pql_app_url: must be a link such as", "got nothing"),
    ("{pql_placeholder_ids: undefined}", "pql_placeholder_ids: must be a list", "undefined"),
    ("{pql_placeholder_ids: [null]}", "pql_placeholder_ids: item 1 must be text", "'null' in quotes"),
    ("{pql_input_models: people}", "pql_input_models: must be a mapping {input: model}", '"people"'),
    ("{pql_input_models: {}}", "pql_input_models: must be a mapping"),
    ("{pql_input_models: {user: people}}", "pql_input_models: has an unknown input 'user'", "users,"),
    (
        "{pql_input_models: {users: 7}}",
        "pql_input_models: 'users' must be a model, or package.model",
        "got 7",
    ),
    (
        '{pql_input_models: {users: "a\') }} --"}}',
        "pql_input_models: 'users' must be a model, or package.model",
    ),
    (
        "{pql_input_models: {users: crm.core.people}}",
        "pql_input_models: 'users' must be a model, or package.model",
    ),
    (
        "{pql_input_models: {events: log}, pql_event_sources: [{name: a, adapter: canonical}]}",
        "pql_input_models: 'events' has no effect beside pql_event_sources",
        "models: {events: log}",
    ),
    (
        "{pql_event_sources: [{name: a, adapter: canonical, models: {events: 'a b'}}]}",
        "pql_event_sources[0] 'a': 'models' 'events' must be a model, or package.model where it is another",
    ),
]


def cases():
    """Every faulty configuration, with the address and the words of its problem."""
    for written, *words in FAULTY_CRITERIA:
        criteria = [*SOUND["pql_criteria"], yaml.safe_load(written)]
        address = "pql_criteria" if "a cycle" in words else "pql_criteria[3]"
        # the definition's name is taken by a criterion, so that the definition is at fault
        address = "pql_definitions[0]" if "name: lead" in written else address
        yield pytest.param(SOUND | {"pql_criteria": criteria}, [address, *words], id=written[:70])
    for written, *words in FAULTY_DEFINITIONS:
        definition = SOUND["pql_definitions"][0] | yaml.safe_load(written)
        yield pytest.param(
            SOUND | {"pql_definitions": [definition]}, ["pql_definitions[0]", *words], id=written
        )
    for written, *words in FAULTY_SETTINGS:
        yield pytest.param(SOUND | yaml.safe_load(written), words, id=written)


CASES = list(cases())


@pytest.fixture(scope="module")
def problems(project):
    """The problems of every case, all found in one run of dbt."""
    return project.config_problems([case.values[0] for case in CASES])


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.id for case in CASES])
def test_a_faulty_configuration_is_refused_with_its_address_and_fault(problems, number):
    configuration, words = CASES[number].values
    first, *more = problems[number]
    assert [word for word in words if word not in first] == []
    assert first.startswith(words[0])
    # without criteria a definition that names one is at fault as well
    assert not more or configuration["pql_criteria"] != SOUND["pql_criteria"]


def test_there_are_at_least_fifty_faulty_configurations():
    assert len(CASES) >= 50


def test_dbt_parse_lists_every_problem_at_once(project):
    """The message as a user sees it: one line per problem, no traceback, and the same from `dbt build`."""
    variables = SOUND | {
        "pql_timezone": "Europe/Berlin",
        "pql_time_zone": "Mars/Olympus",
        "pql_event_sources": [{"name": "log", "adapter": "segmnt"}],
        "pql_criteria": [
            {"name": "a", "type": "event_count"},
            {"name": "a", "type": "event_cuont"},
            {"name": "left", "type": "all_of", "criteria": ["right"]},
            {"name": "right", "type": "any_of", "criteria": ["left"]},
        ],
        "pql_definitions": [{"name": "lead", "qualifies_when": "a", "audience": "everybody"}],
    }
    run = project.dbt("parse", variables=variables)
    assert not run.success
    assert "vars.yml: the PQL configuration has 8 problem(s)" in run.output
    for problem in (
        "  - unknown variable 'pql_timezone'. Known: pql_account_sources, ",
        "  - pql_time_zone: must be an IANA time zone",
        "unknown adapter 'segmnt'. Known adapters: amplitude,",
        "  - pql_criteria[0] 'a': 'at_least' is missing",
        "  - pql_criteria[1] 'a': unknown type 'event_cuont'",
        "  - pql_criteria[1] 'a': the name is taken",
        "  - pql_definitions[0] 'lead': 'audience' must be one of unconverted, converted, all",
        "  - pql_criteria: a cycle, these criteria need one another: left, right",
    ):
        assert problem in run.output
    assert "Traceback" not in run.output
    known = re.search("'pql_timezone'. Known: (.*)", run.output)[1].split(", ")
    assert sorted(variables_read()) == known


def variables_read() -> set[str]:
    """The variables that some file of the project asks dbt for."""
    files = [ROOT / "dbt_project.yml", *(ROOT / "macros").rglob("*"), *(ROOT / "models").rglob("*")]
    texts = [path.read_text() for path in files if path.suffix in (".sql", ".yml")]
    written = {name for text in texts for name in re.findall(r"\bvar\('(pql_\w+)'", text)}
    # lists of them: the settings of the CRM and the kinds of sources
    return written | {name for text in texts for name in re.findall(r"'(pql_\w+)': {'(?:is|prefix)'", text)}


def test_nor_does_a_build_get_past_a_faulty_configuration(project):
    run = project.dbt("build", variables=SOUND | {"pql_criteria": [{"name": "a"}]})
    assert not run.success
    assert "pql_criteria[0] 'a': 'type' is missing. Known types:" in run.output
    assert "Traceback" not in run.output


# Valid, however unusual.


def day(number: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, number, hour)


NASTY = [
    "it's done",
    'say "hi"',
    "'; drop table pql_accounts; --",
    "back\\slash\\",
    "two\nlines\t",
    "{{ 1 / 0 }} {% raw %} {# no #}",
    "${HOME} %s %(x)s {value} {0}",
    "/path/~key/$.dollar[0]",
    "ünïcode ✓ 日本",
    "null",
    "-- comment */ /*",
]


def nasty_world(text: str | None = None) -> World:
    """Three accounts whose every name, property and value is a nasty text; the rules use it everywhere."""
    events = [
        {
            "event_id": f"{account}-{number}",
            "occurred_at": day(2 + number),
            "account_id": f"a{account}",
            "user_id": nasty,
            "event_name": nasty,
            "properties": json.dumps({nasty: nasty, "n": number}),
        }
        for account in range(3)
        for number, nasty in enumerate(NASTY)
    ]
    accounts = [{"account_id": f"a{n}", "signed_up_at": day(1), "plan": NASTY[n]} for n in range(3)]
    limits = [{"plan": NASTY[n], "limit_name": NASTY[n + 1], "limit_value": 2} for n in range(3)]
    criteria = []
    for number, nasty in enumerate(NASTY):
        behaviour = {"description": nasty, "reason": nasty, "events": [nasty], "at_least": 1}
        criteria += [
            behaviour | {"name": f"where_{number}", "type": "event_count", "where": {nasty: nasty}},
            behaviour | {"name": f"values_{number}", "type": "distinct_values", "property": nasty},
            {"name": f"steps_{number}", "type": "milestones", "steps": [nasty]},
            {"name": f"limit_{number}", "type": "limit_usage", "limit": nasty, "at_least": 0.5},
            {"name": f"fits_{number}", "type": "account_attribute", "attribute": "plan", "in": [nasty]},
            {"name": f"lacks_{number}", "type": "account_attribute", "attribute": nasty, "not_in": [nasty]},
        ]
    definitions = [{"name": "pql", "qualifies_when": "where_0", "description": NASTY[2]}]
    variables = {"pql_as_of": day(20), "pql_criteria": criteria, "pql_definitions": definitions}
    return World(events, accounts, plan_limits=limits, variables=variables)


def test_no_text_breaks_out_of_its_place(project):
    world = nasty_world()
    warehouse = project.build(world, command=MODELS_ONLY)
    assert disagreements(warehouse, evaluate(world), world) == []


UNUSUAL = [
    {"name": "x" * 60, "type": "event_count", "at_least": 1},
    {"name": "select", "type": "event_count", "at_least": 1, "window": "lifetime"},
    {"name": "items", "type": "event_count", "at_least": 10**14},
    {"name": "values", "type": "event_count", "at_least": 1, "window": {"last_days": 36500}},
    {"name": "patient", "type": "active_days", "at_least": 1, "lapse_after_days": 36500},
    {"name": "tiny", "type": "event_sum", "property": "n", "at_least": 0.000001},
    {"name": "of_event_name", "type": "event_max", "property": "event_name", "at_least": 1},
    {"name": "numbers", "type": "event_count", "where": {"n": [1, 2.5]}, "at_least": 1},
    {"name": "switches", "type": "event_count", "where_not": {"n": [True], "m": ["", "*"]}, "at_least": 1},
    {"name": "on_a_day", "type": "event_count", "where": {"on": [date(2026, 3, 2)]}, "at_least": 1},
    {"name": "not_on_it", "type": "event_count", "where_not": {"on": date(2026, 3, 2)}, "at_least": 1},
    {"name": "since", "type": "account_attribute", "attribute": "industry", "in": [date(2026, 3, 1)]},
    {"name": "one_day", "type": "consecutive_days", "window": {"first_days": 1}, "at_least": 1},
    {"name": "again", "type": "milestones", "steps": ["a", "a", "b"], "ordered": True, "at_least": 2},
    {"name": "far_dates", "type": "account_date", "attribute": "t", "from_days": -36500, "to_days": 36500},
    {"name": "no_such_thing", "type": "account_attribute", "attribute": "no such column", "not_in": [1]},
    {
        "name": "a_number_as_text",
        "type": "account_attribute",
        "attribute": "plan",
        "in": [7, 7.0, 7.5],
    },
    {"name": "single", "type": "all_of", "criteria": ["select"]},
    {"name": "none", "type": "none_of", "criteria": ["select", "items", "values"]},
    {"name": "some", "type": "at_least_of", "criteria": ["select", "items", "single"], "at_least": 2},
    {"name": "deep", "type": "any_of", "criteria": ["some", "update"]},
    {"name": "update", "type": "score", "points": {"items": -5, "select": 0.5, "keys": 0}, "at_least": 0.5},
    {"name": "keys", "type": "distinct_values", "property": "event_name", "at_least": 1},
]


def test_unusual_but_valid_rules_are_accepted_and_right(project):
    """Names of SQL and Jinja words, far bounds, tiny thresholds, forward references; all in one build."""
    events = [
        {
            "event_id": str(number),
            "occurred_at": day(2 + number),
            "account_id": "acme",
            "event_name": "ab"[number % 2],
            "properties": json.dumps({"n": number / 2, "on": f"2026-03-{2 + number:02}"}),
        }
        for number in range(6)
    ]
    accounts = [{"account_id": "acme", "signed_up_at": day(1), "plan": "7", "industry": "2026-03-01"}]
    definitions = [
        {"name": name, "qualifies_when": name.removeprefix("lead_"), "audience": "all"}
        for name in ("lead_select", "lead_deep", "lead_none")
    ]
    variables = {
        "pql_as_of": "2026-03-20T12:00:00+02:00",
        "pql_horizon_days": "none",
        "pql_criteria": UNUSUAL,
        "pql_definitions": definitions,
    }
    assert project.config_problems([variables]) == [[]]
    world = World(events, accounts, variables=variables)
    warehouse = project.build(world)
    assert disagreements(warehouse, evaluate(world), world) == []


@pytest.mark.parametrize(
    "criterion",
    [
        {"name": "only", "type": "account_attribute", "attribute": "plan", "in": ["pro"]},
        {"name": "only", "type": "account_date", "attribute": "signed_up_at", "to_days": 0},
        {"name": "only", "type": "event_count", "at_least": 1},
    ],
    ids=lambda criterion: criterion["type"],
)
def test_one_rule_is_enough(project, criterion):
    """Each kind alone: the engine's other parts have nothing to do."""
    variables = {
        "pql_as_of": "2026-03-20",
        "pql_criteria": [criterion],
        "pql_definitions": [{"name": "lead", "qualifies_when": "only"}],
    }
    event = {"event_id": "1", "occurred_at": day(2), "event_name": "login", "account_id": "acme"}
    account = {"account_id": "acme", "signed_up_at": day(1), "plan": "pro"}
    world = World([event], [account], variables=variables)
    warehouse = project.build(world, command=CORE_MODELS)
    assert disagreements(warehouse, evaluate(world), world) == []
