"""A link: the state compressed into the address's fragment, behind the #, which no browser sends to a server.

``lab=VERSION.CHECKSUM.DATA``: DATA is base64url of deflated lines of JSON, the head first, then a line a document, so
that from a link that was cut in a mail what came before the cut can still be read.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass, replace
from typing import Any

from components.export.saved import Saved, from_content, to_content
from components.texts.limits import count

VERSION = 1
MOST_CHARACTERS = 8_000  # of the whole address
MOST_BYTES = 2_000_000  # inflated: 8,000 characters of ours never come near it
_LINK = re.compile(r"(?:^|[#&])lab=(\d{1,4})\.([0-9a-f]{8})\.([A-Za-z0-9_-]*)")
_SHORT = {"query": "q", "table": "t", "split": "s", "example": "e", "columns": "c", "weights": "w", "pooling": "o"}
_SHORT |= {"cutoff": "k", "page": "p", "pages": "g"}


@dataclass(frozen=True)
class LinkRead:
    """What a link gave: ``saved`` is None where nothing could be read, ``problem`` a sentence where not all was."""

    saved: Saved | None
    problem: str = ""


def make_fragment(saved: Saved) -> str:
    """The fragment without its #. Judgments and the order of judging blind are left out: a link is for others."""
    content = to_content(saved)
    documents = content.pop("documents")
    default = to_content(Saved())
    head: dict[str, Any] = {_SHORT[k]: v for k, v in content.items() if k in _SHORT and v != default[k]}
    head["n"] = len(documents)
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in (head, *documents)]
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = squeezer.compress("\n".join(lines).encode("utf-8", "replace")) + squeezer.flush()
    text = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return f"lab={VERSION}.{zlib.crc32(data):08x}.{text}"


def read_fragment(fragment: str) -> LinkRead:
    """Read a fragment. Never raises: what cannot be read is said, and what stands before the damage is taken."""
    if len(fragment) > 10 * MOST_CHARACTERS:
        return LinkRead(None, "The link is far longer than any of ours: ask for it again, or for a session file.")
    found = _LINK.search(fragment)
    if found is None:
        return LinkRead(None, "The link is cut or was changed, and nothing of it could be read: ask for it again.")
    version, checksum, text = found.groups()
    if int(version) > VERSION:
        return LinkRead(
            None, "The link was made by a newer version of this app and cannot be read here: ask for a session file."
        )
    data = base64.urlsafe_b64decode(text[: len(text) - (len(text) % 4 == 1)] + "=" * (-len(text) % 4))
    lines = _inflate(data).split("\n")
    is_whole = f"{zlib.crc32(data):08x}" == checksum
    head = _json(lines[0])
    if not isinstance(head, dict):
        return LinkRead(None, "The link is cut or was changed, and nothing of it could be read: ask for it again.")
    return _read_lines(head, lines[1:], is_whole)


def _read_lines(head: dict[str, Any], lines: list[str], is_whole: bool) -> LinkRead:
    documents = []
    for line in lines:
        value = _json(line)
        if not isinstance(value, str) and not _is_pair(value):
            break  # the line of the cut, and what stands behind damage
        documents.append(value)
    names = {short: name for name, short in _SHORT.items()}
    saved, problems = from_content({names[k]: v for k, v in head.items() if k in names} | {"documents": documents})
    wanted = head.get("n")
    if is_whole and not problems and wanted == len(documents):
        return LinkRead(saved)
    of = f" of {wanted:,}" if isinstance(wanted, int) and wanted > len(documents) else ""
    read = f"{len(documents):,}{of} documents" if of else count(len(documents), "document")
    what = f"the query and {read}" if saved.query else read
    return LinkRead(
        replace(saved, example=""), f"The link is cut or was changed: {what} could be read; ask for it again."
    )


def _inflate(data: bytes) -> str:
    """What can be inflated of ``data``, at most ``MOST_BYTES``: damage ends it, a character cut in two is dropped."""
    inflater = zlib.decompressobj(-15)
    made = bytearray()
    for place in range(len(data)):  # a byte at a time, so that what comes before the damage is not lost with it
        try:
            made += inflater.decompress(data[place : place + 1], MOST_BYTES - len(made) + 1)
        except zlib.error:
            break
        if len(made) > MOST_BYTES:
            break
    return bytes(made[:MOST_BYTES]).decode("utf-8", "ignore")


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
