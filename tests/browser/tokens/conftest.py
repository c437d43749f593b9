"""The Tokens page, opened, for its browser tests; and the same pair read by the same model here."""

from __future__ import annotations

import pytest

from components.attention.extract import extract
from components.attention.words import merge_pieces
from components.texts.examples import FIRST, examples
from tests.browser.compare_page import ComparePage
from tests.browser.tokens_page import TokensPage


@pytest.fixture
def tokens(page, server) -> TokensPage:
    """The page with the first example's first document, opened by its address."""
    return TokensPage(page).open(f"{server.url}/tokens")


@pytest.fixture
def with_texts(page, server):
    """The page after query and documents were typed on Compare."""

    def go(query: str, *documents: str) -> TokensPage:
        ComparePage(page).open(server.url).paste(query, list(documents))
        page.get_by_role("link", name="Tokens").click()
        tokens = TokensPage(page)
        tokens.wait()
        return tokens

    return go


@pytest.fixture(scope="module")
def first_pair(cross_encoder):
    """The pair the page opens with, read by the same model here."""
    example = examples()[FIRST]
    pair = extract(cross_encoder.model, cross_encoder.info, example.query, example.documents[0])
    return pair, merge_pieces(pair)
