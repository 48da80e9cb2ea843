"""The README's tables of adapters, made from what their files declare."""

from .first_look import catalogue

KINDS = {
    "pql_event_sources": "Events",
    "pql_account_sources": "Accounts",
    "pql_conversion_sources": "Conversions",
}


def option(name: str, rule: dict) -> str:
    """An adapter's own option with its default, or that it is required."""
    if "default" in rule:
        return f"`{name}` ({rule['default']})"
    return f"`{name}` (required)" if rule.get("required") else f"`{name}`"


def adapter_tables() -> str:
    """One Markdown table per kind of source."""
    lines = []
    for variable, specs in catalogue().items():
        lines += [f"**{KINDS[variable]}**, `{variable}`", "", "| adapter | reads | its options | to know |"]
        lines.append("|---|---|---|---|")
        for adapter, spec in specs.items():
            options = ", ".join(option(*item) for item in spec.get("options", {}).items())
            lines.append(f"| `{adapter}` | {spec['reads']} | {options} | {spec.get('notes', '')} |")
        lines.append("")
    return "\n".join(lines)
