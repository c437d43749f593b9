"""How the app is served: a content-security policy and what is said when a page's own code fails.

Streamlit's front end sets its styles from scripts and loads our views as blobs, so the policy allows inline styles and
scripts from blobs; nothing else may come from, or go to, any other host.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import settings
from components.ui.streamlit_private import inline_scripts

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_FAILED = "Something went wrong on this page. What you typed is still there: reload the page, or go to another one."
_HOST = re.compile(rb"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")


def policy(host: str = "") -> str:
    """The content-security policy of all answers; ``host`` is the server's own name, for its websocket."""
    hashes = " ".join(_hash(script) for script in inline_scripts())
    sockets = f" ws://{host} wss://{host}" if host else ""
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' blob: {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' data: blob:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {settings.frame_ancestors()}",
        ]
    )


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class SecurityHeaders:
    """Adds the headers to every answer of the app it wraps."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        names = dict(scope["headers"])
        host = names.get(b"host", b"")
        own = policy(host.decode() if _HOST.fullmatch(host) else "")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(message, b"content-security-policy", own.encode())
                _add(message, b"x-content-type-options", b"nosniff")
                _add(message, b"referrer-policy", b"no-referrer")
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _add(message: MutableMapping[str, Any], name: bytes, value: bytes) -> None:
    kept = [pair for pair in message.get("headers", []) if pair[0].lower() != name]
    message["headers"] = [*kept, (name, value)]


def on_script_error(_error: Exception) -> bool:
    """A page's code has failed: one sentence, never the error, which may hold a visitor's text."""
    st.error(PAGE_FAILED)
    return True
