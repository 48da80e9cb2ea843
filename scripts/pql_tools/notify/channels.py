"""Slack, Teams and e-mail: each takes a message once, or says in one sentence why it did not.

`send` returns when the message was taken. It raises a DeliveryError otherwise; with the code UNCONFIRMED
where the message left and nobody knows whether it arrived, so that it is not sent again by itself.
"""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate

from pql_tools.http import DeliveryError, from_environment, plain, session, text_of
from pql_tools.notify.message import Announcement, as_slack, as_teams, as_text, subject

UNCONFIRMED = "UNCONFIRMED"
ANSWERS = {
    400: "it does not take the message",
    401: "it refuses the address",
    403: "it refuses the address",
    404: "there is no such webhook any more",
    410: "the channel is archived or the webhook is gone",
    413: "the message is too long",
}


class Webhook:
    """What the webhooks of Slack and Teams share; the address is a secret."""

    name, setting, most_in_digest = "", "", 15

    def __init__(self, pause: float, timeout: float):
        self._url = from_environment(self.setting)
        if not re.match(r"https://[^/\s]+/|http://(localhost|127[.]0[.]0[.]1)[:/]", self._url):
            raise DeliveryError(f"{self.setting} must be an address that begins with https://.")
        self._session = session(pause, timeout, is_repeatable=False)

    def send(self, announcements: list[Announcement]) -> None:
        """Post one message."""
        from requests.exceptions import ConnectionError, ConnectTimeout, RequestException

        try:
            answer = self._session.post(self._url, json=self.body(announcements))
        except ConnectTimeout:
            raise self._fault(
                "cannot be reached within the time that --timeout gives it", "NO_CONNECTION"
            ) from None
        except RequestException as problem:
            reason = problem.args[0] if problem.args else problem
            if isinstance(problem, ConnectionError) and _never_left(reason):
                raise self._fault("cannot be reached", "NO_CONNECTION") from None
            raise self._fault("was sent a message and gave no answer", UNCONFIRMED) from None
        self._judge(answer.status_code, text_of(answer.content), answer.headers)

    def _judge(self, status: int, said: str, headers: dict) -> None:
        if self.is_taken(status, said):
            return
        if 200 <= status < 300 and "429" not in said:
            raise self._fault(
                f"gives an answer that cannot be read ({plain(said, 60) or 'nothing'}), as a proxy may",
                "UNREADABLE_ANSWER",
            )
        if 300 <= status < 400:
            raise self._fault(f"redirects ({status}), which is not followed", f"HTTP_{status}")
        if status == 429 or 200 <= status < 300:
            raise self._fault("asks for longer pauses than this run makes", "HTTP_429")
        why = ANSWERS.get(status, "it gave up after several tries")
        raise self._fault(f"answers {status} {plain(said, 60)}".strip() + f": {why}", f"HTTP_{status}")

    def _fault(self, what: str, code: str) -> DeliveryError:
        return DeliveryError(f"{self.title} {what}: is {self.setting} right?", code)


class Slack(Webhook):
    """An incoming webhook of Slack, which answers `ok`."""

    name, title, setting = "slack", "Slack", "PQL_SLACK_WEBHOOK_URL"

    def body(self, announcements: list[Announcement]) -> dict:
        """Blocks of a message."""
        return as_slack(announcements)

    def is_taken(self, status: int, said: str) -> bool:
        """Whether Slack says that it has the message."""
        return status == 200 and said.strip() == "ok"


class Teams(Webhook):
    """A webhook of Teams: a workflow answers 202, a connector 200 with `1`; a text there is a fault."""

    name, title, setting = "teams", "Teams", "PQL_TEAMS_WEBHOOK_URL"

    def body(self, announcements: list[Announcement]) -> dict:
        """An adaptive card."""
        return as_teams(announcements)

    def is_taken(self, status: int, said: str) -> bool:
        """Whether Teams says that it has the message."""
        return status == 202 or (status == 200 and said.strip() in ("", "1"))


def _never_left(reason: object) -> bool:
    """Whether no connection was made at all, so that nothing can have arrived."""
    cause = getattr(reason, "reason", reason)
    return type(cause).__name__ in (
        "NewConnectionError",
        "NameResolutionError",
        "SSLError",
        "ConnectTimeoutError",
    )


class Email:
    """A message by SMTP; its id is made of the announcements', so that a copy is known as one."""

    name, title, most_in_digest = "email", "The mail server", 50

    def __init__(self, pause: float, timeout: float):
        self._host = from_environment("PQL_SMTP_HOST")
        self._port = _port()
        self._tls = os.environ.get("PQL_SMTP_TLS", "starttls").strip().lower()
        if self._tls not in ("starttls", "tls", "none"):
            raise DeliveryError(
                f"PQL_SMTP_TLS must be one of starttls, tls, none; got {plain(self._tls, 20)}."
            )
        self._user = os.environ.get("PQL_SMTP_USER", "").strip()
        self._password = from_environment("PQL_SMTP_PASSWORD") if self._user else ""
        self._sender = _address(from_environment("PQL_MAIL_FROM"), "PQL_MAIL_FROM")
        to = from_environment("PQL_MAIL_TO").split(",")
        self._recipients = [_address(each, "PQL_MAIL_TO") for each in to if each.strip()]
        self._timeout = timeout

    def message(self, announcements: list[Announcement]) -> EmailMessage:
        """What is sent."""
        mail = EmailMessage()
        mail["Subject"] = subject(announcements)
        mail["From"] = formataddr(("PQL", self._sender))
        mail["To"] = ", ".join(self._recipients)
        mail["Date"] = formatdate()
        domain = self._sender.rpartition("@")[2]
        mail["Message-ID"] = f"<{announcements[0].event_id}.{len(announcements)}@{domain}>"
        mail.set_content(as_text(announcements))
        return mail

    def send(self, announcements: list[Announcement]) -> None:
        """Hand one message to the server; once it has taken it, how it says goodbye matters to nobody."""
        mail, step = self.message(announcements), "connecting"
        try:
            with self._connected() as server:
                step = "leaving"
                server.send_message(mail, self._sender, self._recipients)
                step = "taken"
        except (smtplib.SMTPException, OSError, ValueError) as problem:
            if step != "taken":
                raise _smtp_fault(problem, step) from None

    def _connected(self) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        if self._tls == "tls":
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=secure)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        if self._tls == "starttls":
            server.starttls(context=secure)
        if self._user:
            server.login(self._user, self._password)
        return server


def _smtp_fault(problem: Exception, step: str) -> DeliveryError:
    """What went wrong, in a sentence; unconfirmed where the connection broke off while it was leaving."""
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        sentence = "The mail server refuses PQL_SMTP_USER and PQL_SMTP_PASSWORD."
        return DeliveryError(sentence, "AUTHENTICATION")
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return DeliveryError("The mail server takes no mail for PQL_MAIL_TO.", "RECIPIENTS_REFUSED")
    if isinstance(problem, smtplib.SMTPResponseException) and problem.smtp_code > 0:
        said = plain(text_of(problem.smtp_error), 80)
        sentence = f"The mail server answers {problem.smtp_code} {said}.".replace("..", ".")
        return DeliveryError(sentence, f"SMTP_{problem.smtp_code}")
    if step == "leaving":
        return DeliveryError("The mail server was sent a message and gave no answer.", UNCONFIRMED)
    return DeliveryError(
        f"The mail server cannot be reached ({type(problem).__name__}): are PQL_SMTP_HOST, PQL_SMTP_PORT and "
        "PQL_SMTP_TLS right?",
        "NO_CONNECTION",
    )


def _port() -> int:
    given = os.environ.get("PQL_SMTP_PORT", "587").strip()
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise DeliveryError(f"PQL_SMTP_PORT must be a number from 1 to 65535, got {plain(given, 20)}.")
    return int(given)


def _address(text: str, setting: str) -> str:
    address = text.strip()
    if not address.isascii() or not re.fullmatch(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+", address):
        raise DeliveryError(
            f"{setting} must be e-mail addresses such as sales@example.com, with commas between them."
        )
    return address


CHANNELS = {channel.name: channel for channel in (Slack, Teams, Email)}
