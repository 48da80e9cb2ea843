"""Salesforce: its client, and the metadata that makes the fields."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

from pql_tools.crm.manifest import Field, as_json, label
from pql_tools.crm.outcome import Outcome, Row
from pql_tools.http import (
    DeliveryError,
    from_environment,
    plain,
    refused,
    session,
    text_of,
    unreachable,
    unreadable,
)

SOURCE = "force-app/main/default"
METADATA = "http://soap.sforce.com/2006/04/metadata"


class Salesforce:
    """Accounts through Bulk API 2.0, 10,000 rows a job; there an empty cell is ignored, `#N/A` clears."""

    name, key, batch_size = "salesforce", "pql_account_id__c", 10_000
    hash_column, table = "pql_row_hash__c", "crm_salesforce_accounts"
    takes = "delta"  # texts
    most_seconds_of_a_job = 3600

    def __init__(self, pause: float, poll_seconds: float, timeout: float):
        from simple_salesforce import Salesforce as Client

        url = from_environment("SALESFORCE_INSTANCE_URL").rstrip("/")
        client = Client(
            instance_url=url,
            session_id=from_environment("SALESFORCE_ACCESS_TOKEN"),
            session=session(pause, timeout),
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


def _outcome(account_id: str, done: set[str], failed: dict[str, tuple[str, str]]) -> Outcome:
    if account_id in done:
        return Outcome(account_id)
    return Outcome(account_id, *failed.get(account_id, ("NOT_PROCESSED", "the job left the row out")))


def _csv(text: object) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text_of(text))))


def _salesforce_fault(problem) -> DeliveryError:
    status = getattr(problem, "status", 0)
    content = getattr(problem, "content", "") or str(problem)
    said = plain(content if isinstance(content, str) else json.dumps(content))
    if "InvalidBatch" in said or "INVALID_FIELD" in said or "not found on" in said:
        return DeliveryError(
            f"Salesforce lacks a field: {said} Deploy them first: python scripts/crm_fields.py",
            "INVALID_FIELD",
        )
    if "Job timeout" in said:
        return DeliveryError(
            "Salesforce has not finished a job within an hour; the next run sends its rows again.",
            "JOB_UNFINISHED",
        )
    if not isinstance(status, int) or not status:
        return DeliveryError(f"Salesforce stopped a job: {said}", "JOB_FAILED")
    return refused("Salesforce", "SALESFORCE_INSTANCE_URL", status, said, "the permission set PQL_sync")


def files(declaration: dict) -> dict[str, str]:
    """Deployable metadata in Salesforce's source format, by path."""
    objects = {"Account": declaration["fields"], "Contact": declaration["contacts"]}
    found = {
        "sfdx-project.json": as_json({"packageDirectories": [{"path": "force-app", "default": True}]}),
        f"{SOURCE}/permissionsets/PQL_sync.permissionset-meta.xml": _permission_set(objects),
    }
    for name, fields in objects.items():
        for field in fields:
            path = f"{SOURCE}/objects/{name}/fields/{field['salesforce_name']}.field-meta.xml"
            found[path] = _field(field)
    return found


def _field(field: Field) -> str:
    """One field's `.field-meta.xml` in Salesforce's source format."""
    settings = dict(field["salesforce"])
    kind = settings.pop("type")
    parts = {"fullName": field["salesforce_name"], "label": field["label"], "description": field["help"]}
    parts |= {"inlineHelpText": field["help"], "type": kind}
    if kind == "Checkbox":
        parts["defaultValue"] = "false"
    if field["kind"] == "key":
        parts |= {"externalId": "true", "unique": "true", "caseSensitive": "true"}
    parts |= {key: str(value) for key, value in settings.items()}
    found = ET.Element("CustomField", xmlns=METADATA)
    for key, value in parts.items():
        ET.SubElement(found, key).text = value
    if "Picklist" in kind:
        _add_value_set(found, field["options"])
    return _document(found)


def _add_value_set(parent: ET.Element, options: list[str]) -> None:
    """The values of a picklist, and no others."""
    values = ET.SubElement(parent, "valueSet")
    ET.SubElement(values, "restricted").text = "true"
    definition = ET.SubElement(values, "valueSetDefinition")
    ET.SubElement(definition, "sorted").text = "false"
    for option in options:
        value = ET.SubElement(definition, "value")
        for key, text in (("fullName", option), ("default", "false"), ("label", label(option))):
            ET.SubElement(value, key).text = text


def _permission_set(objects: dict[str, list[Field]]) -> str:
    """The permission to write our fields of each object, and no other."""
    found = ET.Element("PermissionSet", xmlns=METADATA)
    for name, fields in objects.items():
        for field in fields:
            granted = ET.SubElement(found, "fieldPermissions")
            place = f"{name}.{field['salesforce_name']}"
            for key, text in (("editable", "true"), ("field", place), ("readable", "true")):
                ET.SubElement(granted, key).text = text
    ET.SubElement(found, "label").text = "PQL sync"
    return _document(found)


def _document(root: ET.Element) -> str:
    """The text of a file, indented as Salesforce's own tools do."""
    ET.indent(root, space="    ")
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True).decode() + "\n"
