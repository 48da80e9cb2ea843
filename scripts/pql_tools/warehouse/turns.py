"""Programs that write to the warehouse beside builds: one at a time, and with patience."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pql_tools.warehouse.connection import Warehouse, WarehouseBusy, WarehouseError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

MOST_SECONDS_FOR_THE_WAREHOUSE = 600


@contextlib.contextmanager
def alone(what: str, warehouse: Warehouse) -> Iterator[None]:
    """Keep a second run on this machine from sending the same meanwhile: `what`, such as sync to hubspot."""
    if fcntl is None:
        yield
        return
    name = hashlib.md5(warehouse.name.encode()).hexdigest()[:12]
    with open(Path(tempfile.gettempdir(), f"pql_{what.replace(' ', '_')}_{name}.lock"), "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WarehouseError(
                f"Another {what} from the warehouse {warehouse.name} is under way: wait for it to end."
            ) from None
        yield


def patiently(call: Callable):
    """Wait while another program, such as a build, has the warehouse; not for ever."""
    until = time.monotonic() + MOST_SECONDS_FOR_THE_WAREHOUSE
    while True:
        try:
            return call()
        except WarehouseBusy:
            if time.monotonic() > until:
                raise
            time.sleep(1)
