"""How much the Compare page takes, and the sentences that say so."""

from __future__ import annotations

from components.errors import InputProblem
from components.records import Document

MAX_DOCUMENTS = 200
MAX_DOCUMENT_CHARACTERS = 20_000
MAX_QUERY_CHARACTERS = 2_000
# What is accepted from the browser at all: more cannot be a valid input and would only travel in vain.
MAX_PASTE_CHARACTERS = MAX_DOCUMENTS * MAX_DOCUMENT_CHARACTERS + 100_000


def check(query: str, documents: tuple[Document, ...]) -> None:
    """Raise ``InputProblem`` with the sentence to show when query or documents are missing or over a limit."""
    if not documents and not query:
        raise InputProblem("Type a query and at least one document, or choose an example.")
    if not query:
        raise InputProblem("The query is empty: type what you would search for.")
    if not documents:
        raise InputProblem("There are no documents yet: paste at least one, one on each line.")
    if len(query) > MAX_QUERY_CHARACTERS:
        raise InputProblem(
            f"The query has {len(query):,} characters, and {MAX_QUERY_CHARACTERS:,} is the limit: shorten it, "
            "or put the long text into the documents box."
        )
    if len(documents) > MAX_DOCUMENTS:
        raise InputProblem(
            f"These are {len(documents):,} documents, and Compare takes {MAX_DOCUMENTS}: shorten the list here, or use "
            "Retrieve & re-rank, which is made for whole collections."
        )
    check_lengths(documents)


def check_lengths(documents: tuple[Document, ...], where: str = "") -> None:
    """Raise ``InputProblem`` for the longest document when it is too long; ``where`` follows its number."""
    longest = max(documents, key=lambda document: len(document.text))
    if len(longest.text) > MAX_DOCUMENT_CHARACTERS:
        raise InputProblem(
            f"Document {longest.number}{where} has {len(longest.text):,} characters, and "
            f"{MAX_DOCUMENT_CHARACTERS:,} is the limit: split it into several documents (chunks)."
        )


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 document", "2 documents"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
