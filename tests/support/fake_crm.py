"""A stateful stand-in for HubSpot, Salesforce and Attio that enforces the rules on which real syncs break.

Its schema comes from the same declaration as the tables. HubSpot: 100 rows a call, no id twice, known
properties only, strings only, exact options, dates without a time, unique keys, no step back in the
lifecycle, 207 for rows that fail alone. Salesforce Bulk 2.0: empty cells are ignored, `#N/A` clears, text too
long, unknown options and a date in a DateTime fail the row.
"""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# a record's stage moves forward only; HubSpot answers a backward move with success and leaves it
STAGES = ["lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"]
SALES_OWNED = {"name", "hubspot_owner_id", "lifecyclestage"}
DATE, MOMENT = r"\d{4}-\d\d-\d\d", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


class Refused(Exception):
    def __init__(self, category: str, message: str, status: int = 400):
        super().__init__(message)
        self.status, self.body = status, {"status": "error", "category": category, "message": message}


class FakeCrm:
    """
    `records` by id, `writes` of each account, `plan`: statuses to answer with first, `instead`: what to
    answer whatever is asked (status, body, Location), and `bodies`: how much came with each call.
    """

    def __init__(self, fields: list[dict]):
        self.hubspot = {field["hubspot_name"]: field for field in fields}
        self.salesforce = {field["salesforce_name"]: field for field in fields}
        self.attio = {field["attio_name"]: field for field in fields}
        self.records: dict[str, dict[str, str]] = {}
        self.writes: list[str] = []
        self.plan: list[int] = []
        self.failing: set[str] = set()
        self.instead: tuple[int, str, str] | None = None
        self.jobs_end = True
        self.calls: list[int] = []
        self.bodies: list[int] = []
        self.jobs: dict[str, dict] = {}
        self.waiting, self.door, self.open_calls = threading.Event(), threading.Event(), None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.handle_error = lambda *_: None  # a client may have given up
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def add(self, record_id: str, **values: str) -> None:
        self.records[record_id] = values

    def stall_after(self, calls: int) -> None:
        """Answer so many calls, then do what is asked but do not answer until the door opens."""
        self.open_calls = calls

    def hold(self) -> None:
        if self.open_calls is None:
            return
        self.open_calls -= 1
        if self.open_calls < 0:
            self.waiting.set()
            self.door.wait(60)

    def answer(self, method: str, path: str, body: str) -> tuple[int, str]:
        if self.plan and (status := self.plan.pop(0)) != 200:
            return status, json.dumps(
                {"category": "RATE_LIMITS" if status == 429 else "SERVER", "message": "later"}
            )
        try:
            if path.startswith("/crm/v3/objects/companies/batch/"):
                return self._hubspot(path.rsplit("/", 1)[1], json.loads(body)["inputs"])
            if path.startswith("/v2/objects/companies/records"):
                return self._attio(path, json.loads(body)["data"]["values"])
            return self._salesforce(method, path.split("/jobs/ingest")[1].strip("/").split("/"), body)
        except Refused as refused:
            return refused.status, json.dumps(refused.body)

    # HubSpot

    def _hubspot(self, call: str, inputs: list[dict]) -> tuple[int, str]:
        self.calls.append(len(inputs))
        if len(inputs) > 100:
            raise Refused("VALIDATION_ERROR", "no more than 100 inputs")
        if len({item["id"] for item in inputs}) < len(inputs):
            raise Refused("VALIDATION_ERROR", "duplicate ids in the batch")
        for item in inputs:
            for name, value in item["properties"].items():
                self._check_property(name, value)
        results, errors = [], []
        for item in inputs:
            account = item["properties"].get("pql_account_id", item["id"])
            record = self._find(call, item)
            if account in self.failing or record is None:
                category = "OBJECT_NOT_FOUND" if record is None else "CONFLICT"
                context = {"objectWriteTraceId": [item["objectWriteTraceId"]]}
                errors.append({"status": "error", "category": category, "message": "no", "context": context})
                continue
            self._write(record, item["properties"])
            results.append(_result(record, self.records[record], item["objectWriteTraceId"]))
        times = {"startedAt": "2026-01-01T00:00:00Z", "completedAt": "2026-01-01T00:00:00Z"}
        answer = {"status": "COMPLETE", "results": results, **times}
        if errors:
            answer |= {"numErrors": len(errors), "errors": errors}
        return 207 if errors else 200, json.dumps(answer)

    def _check_property(self, name: str, value: object) -> None:
        if name in SALES_OWNED:
            return
        if name not in self.hubspot:
            raise Refused("VALIDATION_ERROR", f'PROPERTY_DOESNT_EXIST: Property "{name}" does not exist.')
        if not isinstance(value, str):
            raise Refused("VALIDATION_ERROR", f"{name} must be a string")
        if fault := fault_of(self.hubspot[name], value):
            raise Refused("VALIDATION_ERROR", f"{name}: {fault}")

    def _find(self, call: str, item: dict) -> str | None:
        if call == "update":
            return item["id"] if item["id"] in self.records else None
        return self._by_key("pql_account_id", item["id"]) or f"new-{item['id']}"

    # Salesforce

    def _salesforce(self, method: str, parts: list[str], body: str) -> tuple[int, str]:
        job_id, part = [*parts, ""][:2]
        if method == "POST":
            job_id = f"750{len(self.jobs):09d}"
            self.jobs[job_id] = {**json.loads(body), "id": job_id, "state": "Open", "failed": "", "done": ""}
        job = self.jobs[job_id]
        if method == "PUT":
            job["data"] = body
            return 201, ""
        if method == "PATCH":
            job["state"] = json.loads(body)["state"]
            if job["state"] == "UploadComplete" and self.jobs_end:
                self._run(job)
        if part in ("failedResults", "successfulResults"):
            return 200, job["failed" if part == "failedResults" else "done"]
        return 200, json.dumps({key: job[key] for key in job if key not in ("data", "failed", "done")})

    def _run(self, job: dict) -> None:
        rows = list(csv.DictReader(io.StringIO(job["data"])))
        if unknown := set(rows[0]) - set(self.salesforce) - {"Id"}:
            job |= {"state": "Failed", "errorMessage": f"InvalidBatch : Field name not found : {unknown}"}
            return
        done, failed = [], []
        for row in rows:
            fault = self._row_fault(row, job)
            (failed if fault else done).append({"sf__Id": "", "sf__Error": fault, **row})
        job |= {
            "state": "JobComplete",
            "numberRecordsFailed": len(failed),
            "numberRecordsProcessed": len(rows),
        }
        job |= {"failed": _csv(failed, rows), "done": _csv(done, rows)}

    def _row_fault(self, row: dict, job: dict) -> str:
        account = row["pql_account_id__c"]
        if account in self.failing:
            return "UNABLE_TO_LOCK_ROW:busy:--"
        for name, value in row.items():
            if (
                name != "Id"
                and value not in ("", "#N/A")
                and (fault := fault_of(self.salesforce[name], value))
            ):
                return f"INVALID_FIELD_VALUE:{name}: {fault}:--"
        record = row.get("Id") or self._by_key("pql_account_id__c", account) or f"new-{account}"
        if row.get("Id") and row["Id"] not in self.records:
            return "ENTITY_IS_DELETED:gone:--"
        cells = {name: value for name, value in row.items() if name != "Id" and value != ""}
        self._write(record, {name: "" if value == "#N/A" else value for name, value in cells.items()})
        return ""

    # Attio: one record a call, numbers as numbers, lists as lists

    def _attio(self, path: str, values: dict) -> tuple[int, str]:
        self.calls.append(1)
        account = values["pql_account_id"]
        for name, value in values.items():
            if name not in self.attio:
                return _attio_refusal("validation_type", f'Cannot find attribute with slug/ID "{name}".')
            wanted = {"number": int, "figure": int, "flag": bool, "choices": list}.get(
                self.attio[name]["kind"], str
            )
            text = (
                ";".join(value)
                if isinstance(value, list)
                else str(value).lower()
                if value in (True, False)
                else str(value)
            )
            if value is not None and (type(value) is not wanted or fault_of(self.attio[name], text)):
                return _attio_refusal("validation_type", f"{name} cannot be {value!r}")
        if "matching_attribute=" in path:
            record = self._by_key("pql_account_id", account) or f"new-{account}"
        else:
            record = path.rsplit("/", 1)[1]
        if record not in self.records and not record.startswith("new-"):
            return 404, json.dumps({"code": "not_found", "message": "no such record"})
        if account in self.failing:
            return 409, json.dumps({"code": "concurrent_write_conflict", "message": "busy"})
        self._write(record, values)
        return 200, json.dumps({"data": {"id": {"record_id": record}, "values": {}}})

    # all

    def _by_key(self, key: str, account: str) -> str | None:
        found = [record for record, values in self.records.items() if values.get(key) == account]
        if len(found) > 1:
            raise Refused("DUPLICATE_EXTERNAL_ID", f"{len(found)} records match {account}", 300)
        return found[0] if found else None

    def _write(self, record: str, values: dict[str, str]) -> None:
        held = self.records.setdefault(record, {})
        stage = STAGES.index(held["lifecyclestage"]) if held.get("lifecyclestage") else -1
        if "lifecyclestage" in values and STAGES.index(values["lifecyclestage"]) < stage:
            values = {name: value for name, value in values.items() if name != "lifecyclestage"}
        held.update(values)
        self.writes.append(values.get("pql_account_id") or values.get("pql_account_id__c"))

    def _handler(self):
        crm = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _do(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                with LOCK:
                    crm.bodies.append(len(body))
                    status, text, place = crm.instead or (*crm.answer(self.command, self.path, body), "")
                crm.hold()
                self.send_response(status)
                if place:
                    self.send_header("Location", place)
                kind = "text/csv" if text and text[0] not in "{[" else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PUT = do_PATCH = _do

            def log_message(self, *_):
                pass

        return Handler


LOCK = threading.Lock()


def fault_of(field: dict, value: str) -> str:
    """What is wrong with one value of a field; both systems agree on these."""
    kind = field["kind"]
    if value == "":
        return ""
    if len(value) > field.get("length", 32_768):
        return "STRING_TOO_LONG"
    if kind == "choice" and value not in field["options"]:
        return f"not an option: {value}"
    if kind == "choices" and set(value.split(";")) - set(field["options"]):
        return f"not options: {value}"
    pattern = {"date": DATE, "moment": MOMENT, "number": r"-?\d{1,9}", "flag": "true|false"}.get(kind)
    return "" if pattern is None or re.fullmatch(pattern, value) else f"not a {kind}: {value}"


def _attio_refusal(code: str, message: str) -> tuple[int, str]:
    return 400, json.dumps(
        {"status_code": 400, "type": "invalid_request_error", "code": code, "message": message}
    )


def _result(record: str, values: dict, trace: str) -> dict:
    times = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    return {
        "id": record,
        "properties": values,
        "archived": False,
        "new": False,
        "objectWriteTraceId": trace,
        **times,
    }


def _csv(rows: list[dict], like: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["sf__Id", "sf__Error", *like[0]])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
