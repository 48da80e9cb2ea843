"""Stand-ins for the webhooks of Slack and Teams and for a mail server, that fail in the ways of real ones."""

from __future__ import annotations

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Server:
    """A server in a thread; `waiting` is set while it holds a call, until `door` opens."""

    def __init__(self):
        self.waiting, self.door, self.open_calls = threading.Event(), threading.Event(), None

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.door.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    def hold(self) -> None:
        """Take what is sent but say nothing, after so many calls."""
        if self.open_calls is not None:
            self.open_calls -= 1
            if self.open_calls < 0:
                self.waiting.set()
                self.door.wait(60)


class FakeWebhook(_Server):
    """`messages` taken; `plan`: what to answer with first: (status, body, headers)."""

    def __init__(self, answer: tuple[int, str] = (200, "ok")):
        super().__init__()
        self.messages: list[dict] = []
        self.plan: list[tuple[int, str, dict]] = []
        self.calls = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake.calls += 1
                status, said, headers = fake.plan.pop(0) if fake.plan else (*answer, {})
                if status < 300:
                    fake.messages.append(json.loads(body))
                    fake.hold()
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(said))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a client may have given up
        self.url = f"http://127.0.0.1:{self.port}/services/secret-of-the-webhook"


class FakeMailServer(_Server):
    """`messages` taken; `refuses`: the command it answers with 550, `hangs_up` after a message."""

    def __init__(self, refuses: str = "", *, hangs_up: bool = False):
        super().__init__()
        self.messages: list[str] = []
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text: str) -> None:
                self.wfile.write(text.encode() + b"\r\n")

            def handle(self):
                self.say("220 stand-in")
                while line := self.rfile.readline().decode().strip():
                    command = line.split()[0].upper()
                    if command == refuses:
                        self.say("550 not here")
                    elif command == "DATA":
                        self.say("354 go on")
                        lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                        fake.messages.append("\n".join(lines))
                        fake.hold()
                        if hangs_up:
                            return
                        self.say("250 taken")
                    elif command == "QUIT":
                        return  # without a word
                    else:
                        self.say("250 yes")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
