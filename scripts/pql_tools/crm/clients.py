"""Deliver rows to HubSpot and Salesforce with their official clients, one outcome per row.

Rows go as updates of the record that is linked to the account; only where there is none, as an upsert on our
own unique field: sent twice they change nothing. So what may pass is tried again:

- no connection, 429, 500, 502, 503 and 504: six times, with pauses that double or that `Retry-After` asks
  for, at most MOST_SECONDS each; no answer within the timeout: twice
- a batch that HubSpot refuses (400, 409, 413, 422) is halved until the culprits stand alone
- nothing else: another status, an answer that cannot be read, or a redirect, which is never followed, ends
  the run

Each row that was sent has an outcome: delivered, or an error code; the next run tries those again.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Row = dict[str, str]
MOST_SECONDS = 60  # that a server may make us wait before another try
MOST_SECONDS_TO_CONNECT = 10


class CrmError(Exception):
    """Why nothing more can be sent, in one sentence, and the code of the rows under way."""

    def __init__(self, sentence: str, code: str = "NO_ANSWER"):
        super().__init__(sentence)
        self.code = code


@dataclass
class Outcome:
    """What became of one row; `message` is for the screen only."""

    account_id: str
    error_code: str = ""
    message: str = field(default="", repr=False)


def retries(pause: float):
    """Return the policy of both clients. Redirects are handed back as the answers they are."""
    from urllib3.util.retry import Retry

    return Retry(
        total=5,
        read=1,
        redirect=False,
        backoff_factor=pause,
        backoff_max=MOST_SECONDS,
        retry_after_max=MOST_SECONDS,
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


def plain(text: object, length: int = 200) -> str:
    """What a server says, as far as it is text: on one line, without control characters."""
    return re.sub(r"[^\w!-~ ]+|\s+", " ", text).strip()[:length] if isinstance(text, str) else ""


def unreachable(name: str, problem: Exception) -> CrmError:
    """No answer came, or the connection broke off."""
    cause = problem.__context__
    if isinstance(problem, AttributeError) and getattr(cause, "status", None) == 0:
        # HubSpot's client trips over an error without an answer, such as that of a certificate
        return CrmError(f"{name} cannot be reached: {plain(cause.reason)}.", "NO_CONNECTION")
    kind = type(getattr(problem, "reason", None) or problem).__name__
    if "Timeout" in kind or "timed out" in str(problem):
        return CrmError(f"{name} does not answer within the time that --timeout gives it.", "NO_ANSWER")
    return CrmError(f"{name} cannot be reached: {kind}.", "NO_CONNECTION")


def unreadable(name: str, setting: str, body: object) -> CrmError:
    """An answer came, but not one that the CRM gives."""
    said = plain(body, 60)
    return CrmError(
        f"{name} gives an answer that cannot be read ({said or 'nothing'}), as a proxy may: "
        f"is {setting} right?",
        "UNREADABLE_ANSWER",
    )


def refused(name: str, setting: str, status: int, code: str, needs: str, where: str = "") -> CrmError:
    """A status with which there is no point in going on."""
    if status in (401, 403):
        return CrmError(f"{name} refuses the access token ({status}): it needs {needs}.", f"HTTP_{status}")
    if 300 <= status < 400:
        to = f" to {plain(where, 80)}" if where else ""
        return CrmError(
            f"{name} redirects{to} ({status}), which is not followed, so that no data goes to another host: "
            f"is {setting} right?",
            f"HTTP_{status}",
        )
    return CrmError(f"{name} gave up after several tries: {status} {code}.", f"HTTP_{status}")


class HubSpot:
    """Companies through the batch endpoints, 100 rows a call."""

    name, key, batch_size = "hubspot", "pql_account_id", 100
    hash_column = "pql_row_hash"
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
            raise unreadable("HubSpot", "HUBSPOT_API_URL", _text(problem.object)) from None
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
            raise CrmError(f"{message} Create the fields first: python scripts/crm_fields.py", code)
        if len(pairs) == 1:
            yield [Outcome(pairs[0][0][self.key], code, message)]
            return
        middle = len(pairs) // 2
        yield from self._send(call, pairs[:middle])
        yield from self._send(call, pairs[middle:])

    def _outcomes(self, pairs: list[tuple[Row, str]], body: bytes) -> list[Outcome]:
        """The outcomes of a batch by the answer to it; what it does not confirm is not delivered."""
        answer = _json(body)
        if not isinstance(answer, dict) or not ({"results", "errors", "status"} & answer.keys()):
            raise unreadable("HubSpot", "HUBSPOT_API_URL", _text(body))
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


def _text(body: object) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")


def _json(body: object) -> object:
    try:
        return json.loads(_text(body))
    except (ValueError, RecursionError):
        return None


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def _mappings(value: object) -> list[dict]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _said(body: object) -> dict[str, str]:
    """The category and message of a refusal, as far as they are texts."""
    answer = _json(body)
    if not isinstance(answer, dict):
        return {}
    return {"category": plain(answer.get("category"), 100), "message": plain(answer.get("message"))}


class Salesforce:
    """Accounts through Bulk API 2.0, 10,000 rows a job; there an empty cell is ignored, `#N/A` clears."""

    name, key, batch_size = "salesforce", "pql_account_id__c", 10_000
    hash_column = "pql_row_hash__c"
    most_seconds_of_a_job = 3600

    def __init__(self, pause: float, poll_seconds: float, timeout: float):
        from simple_salesforce import Salesforce as Client

        url = from_environment("SALESFORCE_INSTANCE_URL").rstrip("/")
        client = Client(
            instance_url=url,
            session_id=from_environment("SALESFORCE_ACCESS_TOKEN"),
            session=_session(pause, timeout),
        )
        client.bulk2_url = f"{url}/services/data/v{client.sf_version}/jobs/"
        self._accounts, self._poll_seconds = client.bulk2.Account, poll_seconds
        self._accounts._client.DEFAULT_WAIT_TIMEOUT_SECONDS = self.most_seconds_of_a_job

    def payload(self, row: Row, record_id: str) -> dict:
        """What is sent for one row."""
        cells = {name: value if value else "#N/A" for name, value in row.items()}
        return {"Id": record_id, **cells} if record_id else cells

    def deliver(self, rows: list[Row], record_ids: list[str]) -> Iterator[list[Outcome]]:
        """Send at most `batch_size` rows, a job for updates and one for upserts; yields as above."""
        pairs = list(zip(rows, record_ids, strict=True))
        linked = [self.payload(row, record) for row, record in pairs if record]
        new = [self.payload(row, "") for row, record in pairs if not record]
        yield from self._send(self._accounts.update, linked)
        yield from self._send(self._accounts.upsert, new, external_id_field=self.key)

    def _send(self, call: Callable, records: list[dict], **options) -> Iterator[list[Outcome]]:
        if not records:
            return
        from requests.exceptions import JSONDecodeError, RequestException
        from simple_salesforce.exceptions import SalesforceError, SalesforceOperationError

        done: set[str] = set()
        failed: dict[str, tuple[str, str]] = {}
        try:
            for job in call(records=records, wait=self._poll_seconds, **options):
                for line in _csv(self._accounts.get_failed_records(job["job_id"])):
                    code, _, message = line["sf__Error"].partition(":")
                    failed[line[self.key]] = (plain(code, 100) or "ERROR", plain(message))
                successful = _csv(self._accounts.get_successful_records(job["job_id"]))
                done |= {line[self.key] for line in successful}
        except (SalesforceError, SalesforceOperationError) as problem:
            raise _salesforce_fault(problem) from None
        except JSONDecodeError as problem:
            raise unreadable("Salesforce", "SALESFORCE_INSTANCE_URL", problem.doc) from None
        except RequestException as problem:
            reason = problem.args[0] if problem.args and isinstance(problem.args[0], Exception) else problem
            raise unreachable("Salesforce", reason) from None
        except Exception:  # the client reads what comes as if it were what Salesforce says
            raise unreadable("Salesforce", "SALESFORCE_INSTANCE_URL", "") from None
        yield [_outcome(record[self.key], done, failed) for record in records]


def _session(pause: float, timeout: float):
    """A session that waits so long for an answer and follows no redirect."""
    import requests

    class Adapter(requests.adapters.HTTPAdapter):
        def send(self, request, **options):
            """Send with a limit on the time that it takes to connect."""
            options["timeout"] = (min(timeout, MOST_SECONDS_TO_CONNECT), timeout)
            return super().send(request, **options)

    class Session(requests.Session):
        def get_redirect_target(self, resp):
            """Nowhere: what is asked elsewhere is not ours."""
            return None

    session = Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(max_retries=retries(pause)))
    return session


def _outcome(account_id: str, done: set[str], failed: dict[str, tuple[str, str]]) -> Outcome:
    if account_id in done:
        return Outcome(account_id)
    return Outcome(account_id, *failed.get(account_id, ("NOT_PROCESSED", "the job left the row out")))


def _csv(text: object) -> list[dict]:
    return list(csv.DictReader(io.StringIO(_text(text))))


def _salesforce_fault(problem) -> CrmError:
    status = getattr(problem, "status", 0)
    content = getattr(problem, "content", "") or str(problem)
    said = plain(content if isinstance(content, str) else json.dumps(content))
    if "InvalidBatch" in said or "INVALID_FIELD" in said or "not found on" in said:
        return CrmError(
            f"Salesforce lacks a field: {said} Deploy them first: python scripts/crm_fields.py",
            "INVALID_FIELD",
        )
    if "Job timeout" in said:
        return CrmError(
            "Salesforce has not finished a job within an hour; the next run sends its rows again.",
            "JOB_UNFINISHED",
        )
    if not isinstance(status, int) or not status:
        return CrmError(f"Salesforce stopped a job: {said}", "JOB_FAILED")
    return refused("Salesforce", "SALESFORCE_INSTANCE_URL", status, said, "the permission set PQL_sync")


CLIENTS = {client.name: client for client in (HubSpot, Salesforce)}
