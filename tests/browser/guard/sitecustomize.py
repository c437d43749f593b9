"""Put on a tested server's path: writes down every address outside this machine that the process asks for."""

import os
import socket

_LOG = os.environ.get("NETWORK_LOG")


def _note(host: object) -> None:
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if _LOG and name not in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "None", ""):
        with open(_LOG, "a", encoding="utf-8") as log:
            log.write(name + "\n")


_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _watched_connect(self, address):
    if isinstance(address, tuple):
        _note(address[0])
    return _connect(self, address)


def _watched_connect_ex(self, address):
    if isinstance(address, tuple):
        _note(address[0])
    return _connect_ex(self, address)


def _watched_getaddrinfo(host, *args, **kwargs):
    _note(host)
    return _getaddrinfo(host, *args, **kwargs)


socket.socket.connect = _watched_connect
socket.socket.connect_ex = _watched_connect_ex
socket.getaddrinfo = _watched_getaddrinfo
