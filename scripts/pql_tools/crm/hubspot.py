"""HubSpot: its client, and the bodies that make the fields."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from pql_tools.crm.manifest import Field, as_json, label
from pql_tools.crm.outcome import Outcome, Row
from pql_tools.http import (
    MOST_SECONDS_TO_CONNECT,
    DeliveryError,
    from_environment,
    json_of,
    plain,
    refused,
    retries,
    text_of,
    unreachable,
    unreadable,
)

GROUP = "pql"


class HubSpot:
    """Companies through the batch endpoints, 100 rows a call."""

    name, key, batch_size = "hubspot", "pql_account_id", 100
    hash_column, table = "pql_row_hash", "crm_hubspot_companies"
    takes = "delta"  # texts
    refusals = (400, 409, 413, 422)  # that may be about some of the rows

    def __init__(self, pause: float, poll_seconds: float, timeout: float):
        from hubspot import HubSpot as Client

        options = {"access_token": from_environment("HUBSPOT_ACCESS_TOKEN"), "retry": retries(pause)}
        if os.environ.get("HUBSPOT_API_URL"):
            options["host"] = os.environ["HUBSPOT_API_URL"]
        self._batches = Client(**options).crm.companies.batch_api
        self._timeout = (min(timeout, MOST_SECONDS_TO_CONNECT), timeout)

    def payload(self, row: Row, record_id: str) -> dict:
        """What is sent for one row."""
        body = {"properties": row, "objectWriteTraceId": row[self.key]}
        if record_id:
            return {"id": record_id, **body}
        return {"id": row[self.key], "idProperty": self.key, **body}

    def deliver(self, rows: list[Row], record_ids: list[str]) -> Iterator[list[Outcome]]:
        """Send at most `batch_size` rows; yields what became of them call by call."""
        pairs = list(zip(rows, record_ids, strict=True))
        yield from self._send(self._batches.update, [pair for pair in pairs if pair[1]])
        yield from self._send(self._batches.upsert, [pair for pair in pairs if not pair[1]])

    def _send(self, call: Callable, pairs: list[tuple[Row, str]]) -> Iterator[list[Outcome]]:
        if not pairs:
            return
        from hubspot.crm.companies.exceptions import ApiException

        inputs = {"inputs": [self.payload(*pair) for pair in pairs]}
        try:
            answer = call(inputs, _request_timeout=self._timeout, _preload_content=False)
            status, body = answer.status, answer.data
        except ApiException as problem:
            status, body = problem.status, problem.body
            if status not in self.refusals:
                where = (problem.headers or {}).get("Location", "")
                needs = "crm.objects.companies.write"
                code = _said(body).get("category", "")
                raise refused("HubSpot", "HUBSPOT_API_URL", status, code, needs, where) from None
        except UnicodeDecodeError as problem:
            raise unreadable("HubSpot", "HUBSPOT_API_URL", text_of(problem.object)) from None
        except Exception as problem:
            raise unreachable("HubSpot", problem) from None
        if status in self.refusals:
            yield from self._halved(call, pairs, status, _said(body))
        else:
            yield self._outcomes(pairs, body)

    def _halved(self, call: Callable, pairs: list, status: int, said: dict) -> Iterator[list[Outcome]]:
        """A batch refused whole: the halves of it, or the row that stands alone."""
        code, message = said.get("category") or f"HTTP_{status}", said.get("message", "")
        if "PROPERTY_DOESNT_EXIST" in code + message:
            raise DeliveryError(f"{message} Create the fields first: python scripts/crm_fields.py", code)
        if len(pairs) == 1:
            yield [Outcome(pairs[0][0][self.key], code, message)]
            return
        middle = len(pairs) // 2
        yield from self._send(call, pairs[:middle])
        yield from self._send(call, pairs[middle:])

    def _outcomes(self, pairs: list[tuple[Row, str]], body: bytes) -> list[Outcome]:
        """The outcomes of a batch by the answer to it; what it does not confirm is not delivered."""
        answer = json_of(body)
        if not isinstance(answer, dict) or not ({"results", "errors", "status"} & answer.keys()):
            raise unreadable("HubSpot", "HUBSPOT_API_URL", text_of(body))
        records = {record: row[self.key] for row, record in pairs if record}
        done, errors = set(), {}
        for result in _mappings(answer.get("results")):
            properties = result.get("properties")
            named = properties.get(self.key) if isinstance(properties, dict) else None
            done |= {name for name in (named, records.get(str(result.get("id")))) if isinstance(name, str)}
        for problem in _mappings(answer.get("errors")):
            context = problem.get("context")
            traces = context.get("objectWriteTraceId") if isinstance(context, dict) else None
            said = (plain(problem.get("category"), 100) or "ERROR", plain(problem.get("message")))
            errors |= {trace: said for trace in _list(traces) if isinstance(trace, str)}
        not_confirmed = ("NOT_CONFIRMED", "no result came back")
        return [
            Outcome(row[self.key])
            if row[self.key] in done and row[self.key] not in errors
            else Outcome(row[self.key], *errors.get(row[self.key], not_confirmed))
            for row, _ in pairs
        ]


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def _mappings(value: object) -> list[dict]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _said(body: object) -> dict[str, str]:
    """The category and message of a refusal, as far as they are texts."""
    answer = json_of(body)
    if not isinstance(answer, dict):
        return {}
    return {"category": plain(answer.get("category"), 100), "message": plain(answer.get("message"))}


def files(declaration: dict) -> dict[str, str]:
    """The bodies of `POST /crm/v3/properties/companies/batch/create`, for contacts too, and of the group."""
    return {
        "group.json": as_json({"name": GROUP, "label": "Product-qualified lead", "displayOrder": -1}),
        "properties.json": as_json({"inputs": [_property(field) for field in declaration["fields"]]}),
        "contact_properties.json": as_json(
            {"inputs": [_property(field) for field in declaration["contacts"]]}
        ),
    }


def _property(field: Field) -> dict:
    kind, field_type = field["hubspot"]
    body = {
        "name": field["hubspot_name"],
        "label": field["label"],
        "description": field["help"],
        "groupName": GROUP,
        "type": kind,
        "fieldType": field_type,
        "formField": False,
    }
    if field["kind"] == "key":
        body["hasUniqueValue"] = True
    options = field.get("options")
    if field["kind"] == "flag":
        options = ["true", "false"]
    if options:
        body["options"] = [
            {"label": label(value), "value": value, "displayOrder": place, "hidden": False}
            for place, value in enumerate(options)
        ]
    return body
