"""Attio: its client, and the bodies that make the attributes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime

from pql_tools.crm.manifest import Field, as_json, label
from pql_tools.crm.outcome import Outcome, Row
from pql_tools.http import (
    DeliveryError,
    from_environment,
    json_of,
    plain,
    refused,
    session,
    text_of,
    unreachable,
    unreadable,
)

SETTING = "ATTIO_API_URL"


class Attio:
    """Companies, one record a call: overwritten by its id, or asserted on our own unique attribute."""

    name, key, batch_size = "attio", "pql_account_id", 25
    hash_column, table = "pql_row_hash", "crm_attio_companies"
    takes = "typed"  # numbers and flags as such
    refusals = (400, 404, 409, 422)  # that are about one record

    def __init__(self, pause: float, poll_seconds: float, timeout: float):
        self._session = session(pause, timeout)
        self._session.headers["Authorization"] = f"Bearer {from_environment('ATTIO_ACCESS_TOKEN')}"
        url = os.environ.get(SETTING, "").strip() or "https://api.attio.com"
        self._records = f"{url.rstrip('/')}/v2/objects/companies/records"

    def payload(self, row: Row, record_id: str) -> dict:
        """What is sent for one row: an empty text clears, a list of options is a list, moments are UTC."""
        values = {name: _written(value) for name, value in row.items()}
        values["pql_criteria_met"] = [each for each in row["pql_criteria_met"].split(";") if each]
        return {"data": {"values": values}}

    def deliver(self, rows: list[Row], record_ids: list[str]) -> Iterator[list[Outcome]]:
        """Send at most `batch_size` rows; yields what became of them call by call."""
        for row, record in zip(rows, record_ids, strict=True):
            yield [self._sent(row, record)]

    def _sent(self, row: Row, record_id: str) -> Outcome:
        from requests.exceptions import RequestException

        place = f"/{record_id}" if record_id else f"?matching_attribute={self.key}"
        try:
            answer = self._session.put(self._records + place, json=self.payload(row, record_id))
        except RequestException as problem:
            reason = problem.args[0] if problem.args and isinstance(problem.args[0], Exception) else problem
            raise unreachable("Attio", reason) from None
        said = json_of(answer.content)
        said = said if isinstance(said, dict) else {}
        if answer.status_code in self.refusals and "code" in said:
            code, message = plain(said["code"], 100) or "ERROR", plain(said.get("message"))
            if "attribute with slug" in message:
                hint = "Create the attributes first: python scripts/crm_fields.py"
                raise DeliveryError(f"{message} {hint}", code)
            return Outcome(row[self.key], code, message)
        if answer.status_code not in (200, 201):
            needs, where = "record_permission:read-write", answer.headers.get("Location", "")
            raise refused("Attio", SETTING, answer.status_code, plain(said.get("code"), 100), needs, where)
        if "data" not in said:
            raise unreadable("Attio", SETTING, text_of(answer.content))
        return Outcome(row[self.key])


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def files(declaration: dict) -> dict[str, str]:
    """The bodies of `POST /v2/objects/companies/attributes`, for people too, and the options of selects."""
    return {
        "companies_attributes.json": as_json(
            {"attributes": [_attribute(each) for each in declaration["fields"]]}
        ),
        "people_attributes.json": as_json(
            {"attributes": [_attribute(each) for each in declaration["contacts"]]}
        ),
    }


def _attribute(field: Field) -> dict:
    kind = field["attio"]
    body = {
        "title": field["label"],
        "description": field["help"],
        "api_slug": field["attio_name"],
        "type": kind["type"],
        "is_required": False,
        "is_unique": field["kind"] == "key",
        "is_multiselect": kind.get("is_multiselect", False),
        "config": {},
    }
    options = [{"title": value, "description": label(value)} for value in field.get("options", [])]
    return {"body": {"data": body}, "options": options}
