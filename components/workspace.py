"""What one visitor has on the table: query, documents, chosen columns. Every page works on the same one."""

from __future__ import annotations

from dataclasses import dataclass, field

from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, MAX_COLUMNS
from components.texts.clean import clean, one_line
from components.texts.examples import Example
from components.texts.paste import Pasted, Split, split_documents


@dataclass
class Workspace:
    """One visitor's text and choices.

    ``version`` counts the changes made by the server (an example chosen, text forgotten): the boxes in the browser take
    over the text when it rises, and keep what is typed when it does not.
    """

    query: str = ""
    documents_text: str = ""
    split: Split = Split.DETECT
    example: str = ""  # id of the example the text still is, or ""
    columns: tuple[str, ...] = (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)
    version: int = 0
    touched: bool = False  # the visitor has typed, chosen or restored something in this session
    _pasted: tuple[tuple[str, Split], Pasted] | None = field(default=None, repr=False)

    @property
    def pasted(self) -> Pasted:
        """The documents box cut into documents."""
        key = (self.documents_text, self.split)
        if self._pasted is None or self._pasted[0] != key:
            self._pasted = (key, split_documents(*key))
        return self._pasted[1]

    @property
    def clean_query(self) -> str:
        """The query as it is scored: cleaned, on one line."""
        return one_line(clean(self.query))

    def edit(self, query: str, documents_text: str, split: Split) -> None:
        """Take over what was typed. The example's name stays as long as its text does."""
        if (query, documents_text) != (self.query, self.documents_text):
            self.example = ""
        self.query, self.documents_text, self.split, self.touched = query, documents_text, split, True

    def take_example(self, example: Example) -> None:
        """Put an example's text into the boxes."""
        self.query, self.documents_text = example.query, example.documents_text
        self.split, self.example = example.split, example.id
        self.version += 1

    def forget(self) -> None:
        """Empty the boxes."""
        self.query = self.documents_text = self.example = ""
        self.split = Split.DETECT
        self.version += 1
        self.touched = True

    def choose_columns(self, keys: tuple[str, ...]) -> None:
        """Compare these scorers, at most ``MAX_COLUMNS``, each once."""
        self.columns = tuple(dict.fromkeys(keys))[:MAX_COLUMNS]
