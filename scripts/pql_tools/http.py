"""What every program that sends over HTTP shares: what is tried again, and what is said when it is in vain.

- no connection, 429, 500, 502, 503 and 504: six times, with pauses that double or that `Retry-After` asks
  for, at most MOST_SECONDS each; no answer within the timeout: twice where that does no harm
- nothing else: another status, an answer that cannot be read, or a redirect, which is never followed, ends
  the run with one sentence

Secrets come from the environment and are never printed.
"""

from __future__ import annotations

import json
import os
import re

MOST_SECONDS = 60  # that a server may make us wait before another try
MOST_SECONDS_TO_CONNECT = 10


class DeliveryError(Exception):
    """Why nothing more can be sent, in one sentence, and the code of the rows under way."""

    def __init__(self, sentence: str, code: str = "NO_ANSWER"):
        super().__init__(sentence)
        self.code = code


def retries(pause: float, *, is_repeatable: bool = True):
    """
    Return the policy of every client.

    Redirects are handed back as the answers they are. What must not arrive twice is not sent again when it
    may have arrived.
    """
    from urllib3.util.retry import Retry

    return Retry(
        total=5,
        read=1 if is_repeatable else 0,
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
        raise DeliveryError(f"The environment variable {name} is not set.")
    return value


def plain(text: object, length: int = 200) -> str:
    """What a server says, as far as it is text: on one line, without control characters."""
    return re.sub(r"[^\w!-~ ]+|\s+", " ", text).strip()[:length] if isinstance(text, str) else ""


def unreachable(name: str, problem: Exception) -> DeliveryError:
    """No answer came, or the connection broke off."""
    cause = problem.__context__
    if isinstance(problem, AttributeError) and getattr(cause, "status", None) == 0:
        # HubSpot's client trips over an error without an answer, such as that of a certificate
        return DeliveryError(f"{name} cannot be reached: {plain(cause.reason)}.", "NO_CONNECTION")
    kind = type(getattr(problem, "reason", None) or problem).__name__
    if "Timeout" in kind or "timed out" in str(problem):
        return DeliveryError(f"{name} does not answer within the time that --timeout gives it.", "NO_ANSWER")
    return DeliveryError(f"{name} cannot be reached: {kind}.", "NO_CONNECTION")


def unreadable(name: str, setting: str, body: object) -> DeliveryError:
    """An answer came, but not one that is given there."""
    said = plain(body, 60)
    return DeliveryError(
        f"{name} gives an answer that cannot be read ({said or 'nothing'}), as a proxy may: "
        f"is {setting} right?",
        "UNREADABLE_ANSWER",
    )


def refused(name: str, setting: str, status: int, code: str, needs: str, where: str = "") -> DeliveryError:
    """A status with which there is no point in going on."""
    if status in (401, 403):
        return DeliveryError(
            f"{name} refuses the access token ({status}): it needs {needs}.", f"HTTP_{status}"
        )
    if 300 <= status < 400:
        to = f" to {plain(where, 80)}" if where else ""
        return DeliveryError(
            f"{name} redirects{to} ({status}), which is not followed, so that no data goes to another host: "
            f"is {setting} right?",
            f"HTTP_{status}",
        )
    return DeliveryError(f"{name} gave up after several tries: {status} {code}.", f"HTTP_{status}")


def text_of(body: object) -> str:
    """An answer as text, whatever bytes are in it."""
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")


def json_of(body: object) -> object:
    """An answer read as JSON, None where it is none."""
    try:
        return json.loads(text_of(body))
    except (ValueError, RecursionError):
        return None


def session(pause: float, timeout: float, *, is_repeatable: bool = True):
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

    opened = Session()
    for scheme in ("https://", "http://"):
        opened.mount(scheme, Adapter(max_retries=retries(pause, is_repeatable=is_repeatable)))
    return opened
