"""The table of adapters in the documentation, made from what their files declare."""

KINDS = {
    "event_sources": "Events, `pql_event_sources`",
    "account_sources": "Accounts, `pql_account_sources`",
    "conversion_sources": "Conversions, `pql_conversion_sources`",
    "feedback_sources": "Answers of sales, `pql_feedback_sources`",
    "crm_record_sources": "Records of a CRM, `pql_crm_record_sources`",
}


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
