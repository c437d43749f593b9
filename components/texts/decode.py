"""From the bytes of a file to its text: size, kind of file, encoding. Each refusal is one sentence."""

from __future__ import annotations

import unicodedata

from components.errors import InputProblem

MAX_FILE_BYTES = 5 * 1024 * 1024
_SAMPLE_BYTES = 64 * 1024  # what the encoding is guessed from

# How files that are no text begin, whatever their name says.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive (.xlsx and .docx are such archives, too)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x7fELF", "a program"),
)
_MARKS: tuple[tuple[bytes, str, str], ...] = (  # byte order marks, the longer ones first
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_CANDIDATES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "koi8_r",
    "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
)  # fmt: skip


def decode(name: str, data: bytes, most_bytes: int = MAX_FILE_BYTES) -> tuple[str, str]:
    """The text of a file and the name of the encoding it was read in.

    A byte order mark decides, then UTF-8 where it fits, then what charset-normalizer finds likeliest. Raises
    ``InputProblem`` for a file that is empty, over ``most_bytes``, or no text.
    """
    if len(data) > most_bytes:
        raise InputProblem(
            f"{name} has {len(data) / 1024 / 1024:.1f} MB, and {most_bytes // 1024 // 1024} MB is the limit: "
            "upload a part of it."
        )
    if not data.strip():
        raise InputProblem(f"{name} is empty: choose another file.")
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise InputProblem(f"{name} is {kind}, not text: save the texts as .txt, .csv, .tsv, .json or .jsonl.")
    text, encoding = _decoded(name, data)
    controls = sum(
        unicodedata.category(character) == "Cc" and character not in "\n\r\t\f" for character in text[:20000]
    )
    if controls > max(1, len(text[:20000]) // 20):
        raise InputProblem(f"{name} does not hold text but binary data: save the texts as .txt, .csv or .json.")
    return text, encoding


def _decoded(name: str, data: bytes) -> tuple[str, str]:
    for mark, codec, label in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(codec), label
            except UnicodeDecodeError as error:
                raise InputProblem(
                    f"{name} says that it is {label}, but byte {error.start + 1:,} does not fit: save it as UTF-8."
                ) from error
    if b"\x00" in data:
        raise InputProblem(f"{name} does not hold text but binary data: save the texts as .txt, .csv or .json.")
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _guessed(name, data)


def _guessed(name: str, data: bytes) -> tuple[str, str]:
    """By charset-normalizer among the encodings of Windows and East Asia; Windows-1252 in doubt.

    Asked about all encodings it takes a short German text for an old Macintosh's.
    """
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE_BYTES]
    if len(data) > len(sample) and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]  # not through the middle of a character
    matches = from_bytes(sample, cp_isolation=list(_CANDIDATES))
    best = matches.best()
    if best is not None:
        by_codec = {codec: match for match in reversed(list(matches)) for codec in match.could_be_from_charset}
        western = by_codec.get("cp1252")
        is_western = western is not None and western.chaos <= best.chaos and western.coherence >= best.coherence - 0.05
        for codec in ["cp1252"] * is_western + [best.encoding]:
            try:
                return data.decode(codec), codec.replace("_", "-")
            except UnicodeDecodeError:
                continue
    raise InputProblem(f"The encoding of {name} cannot be recognised: save the file as UTF-8.")
