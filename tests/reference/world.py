"""What goes in: the raw rows of every input, and the variables."""

from dataclasses import dataclass, field
from datetime import datetime

Row = dict[str, object]


@dataclass
class World:
    """Raw rows as their files hold them, the variables of the project, and when the build starts."""

    events: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    users: list[Row] = field(default_factory=list)
    memberships: list[Row] = field(default_factory=list)
    user_aliases: list[Row] = field(default_factory=list)
    account_merges: list[Row] = field(default_factory=list)
    account_changes: list[Row] = field(default_factory=list)
    conversions: list[Row] = field(default_factory=list)
    plan_limits: list[Row] = field(default_factory=list)
    lead_stages: list[Row] = field(default_factory=list)
    subscription_ends: list[Row] = field(default_factory=list)
    variables: dict[str, object] = field(default_factory=dict)
    build_start: datetime = datetime(2026, 11, 1)

    @property
    def criteria(self) -> list[Row]:
        return self.variables.get("pql_criteria", [])

    @property
    def definitions(self) -> list[Row]:
        return self.variables.get("pql_definitions", [])
