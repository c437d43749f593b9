"""A scoring service in the test's own process: real HTTP, the forms as they are, real scores, and faults on request."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LocalService:
    """Answers ``/rerank`` and ``/embeddings``. ``faults`` are used up one a question: functions of the handler."""

    def __init__(self, score: Callable[[str, list[str]], list[float]], embed: Callable[[list[str]], Any] | None = None):
        self.score, self.embed = score, embed
        self.faults: list[Callable[[Any], bool]] = []  # each returns True where it has answered itself
        self.questions: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.change: Callable[[Any], Any] = lambda answer: answer
        self.lock = threading.Lock()

    def answer(self, path: str, asked: dict[str, Any]) -> Any:
        if path.endswith("/embeddings"):
            rows = [
                {"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(self.embed(asked["input"]))
            ]
            return {"object": "list", "data": rows[::-1], "model": asked["model"]}
        texts = asked["texts"] if "texts" in asked else asked["documents"]
        scores = list(enumerate(self.score(asked["query"], texts)))
        scores.sort(key=lambda one: -one[1])  # every engine answers in the order of its scores
        if "texts" in asked:
            return [{"index": i, "score": s} for i, s in scores]
        return {"results": [{"index": i, "relevance_score": s} for i, s in scores]}


@contextmanager
def running(service: LocalService) -> Iterator[str]:
    """The service on a port of its own; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with service.lock:
                service.questions.append((self.path, asked))
                service.headers.append(dict(self.headers))
                fault = service.faults.pop(0) if service.faults else None
            if fault is not None and fault(self):
                return
            send(self, 200, json.dumps(service.change(service.answer(self.path, asked))))

        def log_message(self, *args: Any) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a connection that was closed on purpose
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def send(handler: Any, status: int, body: str) -> None:
    data = body.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def status(code: int, body: str = "{}") -> Callable[[Any], bool]:
    """Answer with an error instead."""

    def fault(handler: Any) -> bool:
        send(handler, code, body)
        return True

    return fault


def hang_up(handler: Any) -> bool:
    """Close the connection without a word, as a killed process does."""
    handler.close_connection = True
    handler.connection.close()
    return True


def drop_by_drop(seconds: float) -> Callable[[Any], bool]:
    """An answer that takes so long, a byte every now and then: no single read of it is slow."""

    def fault(handler: Any) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        ends = time.monotonic() + seconds
        try:
            while time.monotonic() < ends:
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass  # the client has had enough
        handler.close_connection = True
        return True

    return fault
