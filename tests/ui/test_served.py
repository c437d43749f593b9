"""Headers of every answer: the policy, for whom it may be framed, and no words of a client in it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from pathlib import Path

import pytest
from streamlit.web.server.app_discovery import discover_asgi_app

from components.ui.served import SecurityHeaders, policy
from components.ui.streamlit_private import inline_scripts, log_no_messages


def answer(host: bytes) -> dict[bytes, bytes]:
    """The headers of an answer to a request for ``host``."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": [(b"host", host)]}
    asyncio.run(SecurityHeaders(app)(scope, None, send))
    return dict(sent[0]["headers"])


def test_the_policy_lets_nothing_from_elsewhere_in():
    parts = dict(part.split(" ", 1) for part in policy("lab.example").split("; "))
    for name in ("default-src", "script-src", "style-src", "connect-src", "frame-ancestors"):
        assert parts[name].startswith("'self'")
    assert "'unsafe-inline'" not in parts["script-src"]
    assert "'unsafe-eval'" not in parts["script-src"]
    assert parts["connect-src"] == "'self' ws://lab.example wss://lab.example"
    assert not [word for text in parts.values() for word in text.split() if word in ("*", "https:", "http:")]


def test_streamlits_own_inline_script_is_named_by_its_hash():
    assert len(inline_scripts()) >= 1
    for script in inline_scripts():
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy()


def test_every_answer_has_the_headers_and_keeps_its_own():
    headers = answer(b"localhost:8501")
    assert b"ws://localhost:8501" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert headers[b"x-own"] == b"1"


@pytest.mark.parametrize("host", [b"evil.example; script-src *", b"a b", b"", b"x\r\ny"])
def test_a_made_up_host_does_not_get_into_the_policy(host):
    assert b"ws://" not in answer(host)[b"content-security-policy"]


def test_the_operator_says_who_may_frame_it(monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_FRAMES", "'self' https://huggingface.co")
    assert "frame-ancestors 'self' https://huggingface.co" in policy()


def test_the_message_of_an_uncaught_error_is_not_logged(caplog):
    log_no_messages()
    log_no_messages()
    try:
        raise ValueError("a visitor's text")
    except ValueError as error:
        logging.getLogger("streamlit.error_util").error("Uncaught app execution", exc_info=error)
    assert "a page failed: ValueError in" in caplog.text
    assert "test_served.py" in caplog.text
    assert "a visitor's text" not in caplog.text


def test_streamlit_run_finds_what_is_served():
    """``streamlit run app.py`` looks for it by reading the file: without it the app runs, but has no headers."""
    found = discover_asgi_app(Path(__file__).resolve().parents[2] / "app.py")
    assert found.import_string == "app:app"
