"""The clients of the CRMs: each delivers rows and says what became of each.

Rows go as updates of the record that is linked to the account; only where there is none, as an upsert on our
own unique field: sent twice they change nothing. So what may pass is tried again, as pql_tools/http.py says.
Each row that was sent has an outcome: delivered, or an error code; the next run tries those again.

A CRM is one module here: a class with name, key, table, hash_column, batch_size, what it `takes` (texts of
the delta, or typed values), payload() and deliver(); and files(), which makes its fields. What its fields are
called and typed as is in macros/sales/crm_systems.
"""

from pql_tools.crm import attio, hubspot, salesforce

CLIENTS = {client.name: client for client in (hubspot.HubSpot, salesforce.Salesforce, attio.Attio)}
FILES = {module.__name__.rpartition(".")[2]: module.files for module in (hubspot, salesforce, attio)}
