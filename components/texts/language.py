"""Which texts are not English: by their letters, and for longer ones by the library py3langid.

The shipped models were trained on English. They score any text, but a score in another language means little, and the
page says so.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

SHORTEST = 20  # characters: below, a language cannot be told
SUREST = 0.9  # probability: at this one none of 3,074 English passages of ours was taken for another language

_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "es": "Spanish",
    "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian",
    "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip


def other_language(text: str) -> str | None:
    """What a text seems to be written in when it is not English: "German", "Cyrillic letters"; else None.

    By letters when most are not Latin; else, from 20 characters on, by py3langid when it is at least 90 % sure.
    """
    script = _main_script(text)
    if script not in ("LATIN", ""):
        return f"{script.capitalize()} letters"
    if len(text) < SHORTEST:
        return None
    language, probability = _identifier().classify(text)
    if language == "en" or probability < SUREST:
        return None
    return _NAMES.get(language, f"another language ({language})")


def language_note(query: str, documents: Sequence[str]) -> str:
    """The sentence about texts that are not English, or "" where all are or cannot be told."""
    found = [("the query", other_language(query))]
    found += [(f"document {number}", other_language(text)) for number, text in enumerate(documents, 1)]
    foreign = [(name, language) for name, language in found if language]
    if not foreign:
        return ""
    shown = ", ".join(f"{name} ({language})" for name, language in foreign[:3])
    more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
    return f"Not English, it seems: {shown}{more}. These models were trained on English; their scores mean little here."


def pair_note(query: str, document: str) -> str:
    """The sentence about one pair, or "" where both texts are English or cannot be told."""
    found = [("the query", other_language(query)), ("the document", other_language(document))]
    shown = " and ".join(f"{name} ({language})" for name, language in found if language)
    return f"Not English, it seems: {shown}. The shipped models were trained on English." if shown else ""


def _main_script(text: str) -> str:
    """The script most letters of a text belong to, by the first word of their Unicode names; "" without letters."""
    scripts: Counter[str] = Counter()
    for character in text[:2_000]:
        if character.isalpha():
            scripts[unicodedata.name(character, "UNKNOWN").split()[0]] += 1
    return scripts.most_common(1)[0][0] if scripts else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
