"""The tables of adapters in the documentation, made from what their files declare."""

# by their folders in macros/inputs
KINDS = {
    "events": "Events, `pql_event_sources`",
    "accounts": "Accounts, `pql_account_sources`",
    "conversions": "Conversions, `pql_conversion_sources`",
    "subscription_ends": "Ends of subscriptions, `pql_subscription_end_sources`",
    "lead_stages": "Stages of leads, `pql_lead_stage_sources`",
    "feedback": "Answers of sales, `pql_feedback_sources`",
    "crm_records": "Records of a CRM, `pql_crm_record_sources`",
}

# What an adapter says of its tracker or its payments in `facts`, each {'is': text, 'page': address}.
FACTS = {
    "key": "one and the same when",
    "clock": "clock",
    "identity": "who it was",
    "none": "counts as none",
}
KINDS_WITH_FACTS = ("events", "conversions", "subscription_ends", "lead_stages", "crm_records")


def option(name: str, rule: dict) -> str:
    """An adapter's own option with its default, or that it is required."""
    if "default" in rule:
        return f"`{name}` ({rule['default']})"
    return f"`{name}` (required)" if rule.get("required") else f"`{name}`"


def adapter_table(adapters: dict[str, dict[str, dict]]) -> str:
    """One Markdown table of all adapters: {kind of source: {adapter: what its file declares}}."""
    lines = ["| adapter | reads | its options | to know |", "|---|---|---|---|"]
    for kind, specs in adapters.items():
        lines.append(f"| *{KINDS[kind]}* | | | |")
        for adapter, spec in specs.items():
            options = ", ".join(option(*item) for item in spec.get("options", {}).items())
            lines.append(f"| `{adapter}` | {spec['reads']} | {options} | {spec.get('notes', '')} |")
    return "\n".join(lines)


def fact_table(adapters: dict[str, dict[str, dict]]) -> str:
    """What each adapter goes by, a line for each fact with the page that it follows."""
    lines = ["| adapter | | what it goes by | page |", "|---|---|---|---|"]
    for kind in KINDS_WITH_FACTS:
        lines.append(f"| *{KINDS[kind]}* | | | |")
        for adapter, spec in adapters[kind].items():
            for fact, title in FACTS.items():
                stated = spec.get("facts", {}).get(fact, {})
                page = stated.get("page", "")
                name = page.removeprefix("https://").partition("/")[0]
                lines.append(f"| `{adapter}` | {title} | {stated.get('is', '')} | [{name}]({page}) |")
    return "\n".join(lines)


def fact_faults(adapters: dict[str, dict[str, dict]]) -> list[str]:
    """The facts that adapters owe: every one, and the page that each follows."""
    return [
        f"macros/inputs/{kind}/{adapter}.sql: its spec has no 'facts' for '{fact}' with 'is' and 'page'"
        for kind in KINDS_WITH_FACTS
        for adapter, spec in adapters[kind].items()
        for fact in FACTS
        if not all(spec.get("facts", {}).get(fact, {}).get(part) for part in ("is", "page"))
    ]
