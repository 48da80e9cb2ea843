"""Deliver rows to HubSpot and Salesforce with their official clients, one outcome per row.

Both clients retry on 429 and 5xx with a growing pause and honour `Retry-After`. Rows go as updates of the
record that is linked to the account; only where there is none, as an upsert on our own unique field.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field

Row = dict[str, str]


class CrmError(Exception):
    """Why nothing more can be sent, in one sentence for the user."""


@dataclass
class Outcome:
    """What became of one row; `message` is for the screen only."""

    account_id: str
    error_code: str = ""
    message: str = field(default="", repr=False)


def retries(pause: float):
    """Return the policy of both clients: six tries, pauses that double."""
    from urllib3.util.retry import Retry

    return Retry(
        total=5,
        backoff_factor=pause,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=None,
        raise_on_status=False,
    )


def from_environment(name: str) -> str:
    """Return a credential; it is never printed."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise CrmError(f"The environment variable {name} is not set.")
    return value


class HubSpot:
    """Companies through the batch endpoints, 100 rows a call."""

    name, key, batch_size = "hubspot", "pql_account_id", 100
    hash_column = "pql_row_hash"

    def __init__(self, pause: float, poll_seconds: float):
        from hubspot import HubSpot as Client

        options = {"access_token": from_environment("HUBSPOT_ACCESS_TOKEN"), "retry": retries(pause)}
        if os.environ.get("HUBSPOT_API_URL"):
            options["host"] = os.environ["HUBSPOT_API_URL"]
        self._batches = Client(**options).crm.companies.batch_api

    def payload(self, row: Row, record_id: str) -> dict:
        """What is sent for one row."""
        body = {"properties": row, "objectWriteTraceId": row[self.key]}
        if record_id:
            return {"id": record_id, **body}
        return {"id": row[self.key], "idProperty": self.key, **body}

    def deliver(self, rows: list[Row], record_ids: list[str]) -> list[Outcome]:
        """Send at most `batch_size` rows; a batch refused whole is halved until the culprits stand alone."""
        linked = [(row, record) for row, record in zip(rows, record_ids, strict=True) if record]
        new = [(row, "") for row, record in zip(rows, record_ids, strict=True) if not record]
        return self._send(self._batches.update, linked) + self._send(self._batches.upsert, new)

    def _send(self, call: Callable, pairs: list[tuple[Row, str]]) -> list[Outcome]:
        if not pairs:
            return []
        from hubspot.crm.companies.exceptions import ApiException

        try:
            answer = call({"inputs": [self.payload(*pair) for pair in pairs]})
        except ApiException as problem:
            return self._refused(call, pairs, problem)
        except Exception as problem:
            raise CrmError(f"HubSpot cannot be reached: {type(problem).__name__}.") from None
        done = {result.properties.get(self.key) or "" for result in answer.results}
        done |= {_account_of(pairs, result.id) for result in answer.results}
        errors = {}
        for error in getattr(answer, "errors", None) or []:
            for account_id in (error.context or {}).get("objectWriteTraceId", []):
                errors[account_id] = (error.category or "ERROR", error.message or "")
        return [
            Outcome(row[self.key])
            if row[self.key] in done and row[self.key] not in errors
            else Outcome(row[self.key], *errors.get(row[self.key], ("NOT_CONFIRMED", "no result came back")))
            for row, _ in pairs
        ]

    def _refused(self, call: Callable, pairs: list[tuple[Row, str]], problem) -> list[Outcome]:
        code, message = _hubspot_error(problem)
        if problem.status in (401, 403):
            raise CrmError(
                f"HubSpot refuses the access token ({problem.status}): it needs crm.objects.companies.write."
            ) from None
        if problem.status != 400:
            raise CrmError(f"HubSpot gave up after several tries: {problem.status} {code}.") from None
        if "PROPERTY_DOESNT_EXIST" in code + message:
            raise CrmError(f"{message} Create the fields first: python scripts/crm_fields.py") from None
        if len(pairs) == 1:
            return [Outcome(pairs[0][0][self.key], code, message)]
        middle = len(pairs) // 2
        return self._send(call, pairs[:middle]) + self._send(call, pairs[middle:])


def _account_of(pairs: list[tuple[Row, str]], record_id: str) -> str:
    return next((row[HubSpot.key] for row, record in pairs if record and record == record_id), "")


def _hubspot_error(problem) -> tuple[str, str]:
    try:
        body = json.loads(problem.body)
    except (TypeError, ValueError):
        body = {}
    return body.get("category") or f"HTTP_{problem.status}", body.get("message") or ""


class Salesforce:
    """Accounts through Bulk API 2.0, 10,000 rows a job; there an empty cell is ignored, `#N/A` clears."""

    name, key, batch_size = "salesforce", "pql_account_id__c", 10_000
    hash_column = "pql_row_hash__c"

    def __init__(self, pause: float, poll_seconds: float):
        import requests
        from simple_salesforce import Salesforce as Client

        url = from_environment("SALESFORCE_INSTANCE_URL").rstrip("/")
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=retries(pause)))
        client = Client(
            instance_url=url, session_id=from_environment("SALESFORCE_ACCESS_TOKEN"), session=session
        )
        client.bulk2_url = f"{url}/services/data/v{client.sf_version}/jobs/"
        self._accounts, self._poll_seconds = client.bulk2.Account, poll_seconds

    def payload(self, row: Row, record_id: str) -> dict:
        """What is sent for one row."""
        cells = {name: value if value else "#N/A" for name, value in row.items()}
        return {"Id": record_id, **cells} if record_id else cells

    def deliver(self, rows: list[Row], record_ids: list[str]) -> list[Outcome]:
        """Send at most `batch_size` rows as one job for updates and one for upserts."""
        pairs = list(zip(rows, record_ids, strict=True))
        linked = [self.payload(row, record) for row, record in pairs if record]
        new = [self.payload(row, "") for row, record in pairs if not record]
        return self._send(self._accounts.update, linked) + self._send(
            self._accounts.upsert, new, external_id_field=self.key
        )

    def _send(self, call: Callable, records: list[dict], **options) -> list[Outcome]:
        if not records:
            return []
        from simple_salesforce.exceptions import SalesforceError

        try:
            jobs = call(records=records, wait=self._poll_seconds, **options)
            failed = {}
            done = set()
            for job in jobs:
                for line in _csv(self._accounts.get_failed_records(job["job_id"])):
                    code, _, message = line["sf__Error"].partition(":")
                    failed[line[self.key]] = (code.strip(), message)
                done |= {
                    line[self.key] for line in _csv(self._accounts.get_successful_records(job["job_id"]))
                }
        except SalesforceError as problem:
            raise CrmError(_salesforce_fault(problem)) from None
        except Exception as problem:
            raise CrmError(f"Salesforce cannot be reached: {type(problem).__name__}.") from None
        return [_outcome(record[self.key], done, failed) for record in records]


def _outcome(account_id: str, done: set[str], failed: dict[str, tuple[str, str]]) -> Outcome:
    if account_id in done:
        return Outcome(account_id)
    return Outcome(account_id, *failed.get(account_id, ("NOT_PROCESSED", "the job left the row out")))


def _csv(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


def _salesforce_fault(problem) -> str:
    status = getattr(problem, "status", "")
    if status in (401, 403):
        return f"Salesforce refuses the access token ({status}): it needs the permission set PQL_sync."
    said = str(getattr(problem, "content", "") or problem)
    if "InvalidBatch" in said or "INVALID_FIELD" in said or "not found on" in said:
        return f"Salesforce lacks a field: {said[:200]} Deploy them first: python scripts/crm_fields.py"
    return f"Salesforce gave up after several tries: {status} {said[:200]}"


CLIENTS = {client.name: client for client in (HubSpot, Salesforce)}
