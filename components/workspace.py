"""What one visitor has on the table: query, documents, judgments, chosen columns. Every page works on the same one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from components.errors import InputProblem
from components.judging.judgments import Judgments
from components.judging.metrics import CUTOFFS, default_cutoff
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, MAX_COLUMNS
from components.records import Document
from components.scoring.precision import Precision
from components.texts.chunks import Pooling
from components.texts.clean import clean, one_line
from components.texts.examples import Example
from components.texts.paste import Pasted, Split, join_documents, split_documents
from components.texts.readers import FileText, Uploaded, take_column

_BLANK_LINES = re.compile(r"\n[^\S\n]*(?=\n)")


@dataclass
class Workspace:
    """One visitor's text and choices.

    The documents are either one text that is cut (``documents_text``) or a table of ``rows``; the text is kept in step
    with the rows. ``version`` counts the changes made by the server (an example chosen, a file read, text forgotten):
    the boxes in the browser take over the text when it rises, and keep what is typed when it does not.
    """

    query: str = ""
    documents_text: str = ""
    split: Split = Split.DETECT
    rows: tuple[FileText, ...] | None = None
    uploaded: Uploaded | None = None  # the file the rows came from, for taking another column as the text
    example: str = ""  # id of the example the text still is, or ""
    columns: tuple[str, ...] = (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)
    looked_into: str = ""  # key of the cross-encoder that Tokens looks into; "": the first of the columns
    pooling: Pooling = Pooling.WHOLE
    precision: Precision = Precision.EXACT
    judgments: Judgments = field(default_factory=Judgments)
    chosen_cutoff: int | None = None
    blind_seed: int | None = None  # judging shuffled and without scores, in this order; None: everything is shown
    version: int = 0
    replaced: tuple[str, str, Split, tuple[FileText, ...] | None] | None = None  # own text that gave way to another
    lent: str = ""  # the documents a lesson put here: while they are unchanged they are nobody's own text
    touched: bool = False  # the visitor has typed, chosen or restored something in this session
    passages: tuple[FileText, ...] | None = None  # rows that came from a collection
    _pasted: tuple[object, Pasted] | None = field(default=None, repr=False)

    @property
    def pasted(self) -> Pasted:
        """The documents, cut from the box or taken from the table's rows."""
        key = (self.documents_text, self.split, self.rows)
        if self._pasted is None or self._pasted[0] != key:
            cut = split_documents(self.documents_text, self.split) if self.rows is None else _from_rows(self.rows)
            self._pasted = (key, cut)
        return self._pasted[1]

    @property
    def clean_query(self) -> str:
        """The query as it is scored: cleaned, on one line."""
        return one_line(clean(self.query))

    @property
    def grades(self) -> tuple[int | None, ...]:
        """The judgments of the documents, parallel to them."""
        return self.judgments.of(self.clean_query, self.pasted.documents)

    @property
    def cutoff(self) -> int:
        """The k of nDCG@k and P@k."""
        return self.chosen_cutoff or default_cutoff(len(self.pasted.documents))

    def edit(self, query: str, documents_text: str, split: Split) -> None:
        """Take over what was typed into the boxes. The example's name stays as long as its text does."""
        if self.rows is not None or (query, documents_text) != (self.query, self.documents_text):
            self.example = ""
        self.query, self.documents_text, self.split, self.touched = query, documents_text, split, True
        self.rows = self.uploaded = None

    def edit_rows(self, query: str, rows: Sequence[tuple[str, str]]) -> None:
        """Take over what was typed into the table: a pair of id and text a row; blank rows are no documents."""
        made = tuple(FileText(text, id_) for id_, text in rows)
        if (query, tuple(row.text for row in made)) != (self.query, tuple(row.text for row in self.rows or ())):
            self.example = ""
        self.query, self.touched = query, True
        self._take_rows(made)

    def to_table(self) -> None:
        """Go on with a row a document."""
        if self.rows is None:
            self._take_rows(tuple(FileText(document.text) for document in self.pasted.documents))
            self.version += 1

    def to_paste(self) -> None:
        """Go on with one text. Blank lines inside a document are dropped there: they would cut it."""
        if self.rows is not None:
            has_lines = any("\n" in document.text for document in self.pasted.documents)
            wanted = Split.BLOCKS if has_lines else Split.LINES
            self.split = Split.DETECT if split_documents(self.documents_text).split is wanted else wanted
            self.rows = self.uploaded = None
            self.version += 1

    def take_file(self, file: Uploaded) -> None:
        """Put a file's documents into the table, with its query, ids and judgments where it has some."""
        self._put_aside()
        self.query = file.query or self.query
        self._take_rows(file.documents)
        self.uploaded, self.example = file, ""
        self.judgments.take(self.clean_query, self.pasted.documents, [one.judgment for one in file.documents])
        self.version += 1
        self.touched = True

    def take_passages(self, query: str, rows: Sequence[FileText]) -> None:
        """Put a query and passages of a collection on the table; one's own text can be taken back."""
        if self.rows is None or self.rows is not self.passages:  # what came this way before is nobody's own text
            self._put_aside()
        self.query, self.passages = query, tuple(rows)
        self._take_rows(self.passages)
        self.uploaded, self.example, self.touched = None, "", True
        self.version += 1

    def take_file_column(self, column: str) -> None:
        """Read the uploaded file again with another column as the text."""
        file = self.uploaded
        if file is None or column not in file.columns:
            raise InputProblem("That file is not here any more: upload it again.")
        self.take_file(take_column(file.name, file.table, file.encoding, column))

    def take_documents(
        self, query: str, documents: Sequence[tuple[str, str]], is_table: bool, split: Split, example: str = ""
    ) -> None:
        """Put the pairs of text and id of a link or a session file on the table, as text where that cuts the same."""
        self._put_aside()
        self.query, self.example, self.uploaded, self.rows = query, example, None, None
        texts = tuple(text for text, _ in documents)
        self.documents_text = join_documents(texts)
        self.split = Split.DETECT if split is Split.ROWS else split
        if is_table or any(id_ for _, id_ in documents) or self._cut() != texts:
            self.split = Split.BLOCKS if any("\n" in text for text in texts) else Split.LINES
            if is_table or any(id_ for _, id_ in documents) or self._cut() != texts:
                self._take_rows(tuple(FileText(text, id_) for text, id_ in documents))
        self.version += 1
        self.touched = True

    def take_example(self, example: Example) -> None:
        """Put an example's text into the boxes. Its judgments come only when asked for."""
        self._put_aside()
        self.query, self.documents_text = example.query, example.documents_text
        self.split, self.example = example.split, example.id
        if split_documents(self.documents_text).split is self.split:
            self.split = Split.DETECT  # so that what is pasted over it is looked at afresh
        self.rows = self.uploaded = None
        self.version += 1

    def take_texts(self, query: str, documents: Sequence[str]) -> None:
        """Put other texts (a lesson's) into the boxes; own text gives way and can be put back."""
        self._put_aside()
        self.query, self.documents_text = query, join_documents(tuple(documents))
        wanted = Split.BLOCKS if any("\n" in text for text in documents) else Split.LINES
        self.split = Split.DETECT if split_documents(self.documents_text).split is wanted else wanted
        self.rows = self.uploaded = None
        self.example, self.lent = "", self.documents_text
        self.version += 1
        self.touched = True

    def take_example_judgments(self, example: Example) -> None:
        """Use the judgments that come with the example on the table."""
        if self.example == example.id:
            self.judgments.take(self.clean_query, self.pasted.documents, example.judgments)

    def take_back(self) -> None:
        """Put back the visitor's own text that something else took the place of."""
        if self.replaced is not None:
            self.query, self.documents_text, self.split, self.rows = self.replaced
            self.replaced = self.uploaded = None
            self.example = ""
            self.version += 1

    def forget(self) -> None:
        """Empty the boxes, and with them whatever was said about their text."""
        self.query = self.documents_text = self.example = ""
        self.rows = self.uploaded = self.blind_seed = self.chosen_cutoff = self.replaced = None
        self.split = Split.DETECT
        self.judgments = Judgments()
        self._pasted = None  # what was cut from the text holds it too
        self.version += 1
        self.touched = True

    def choose_columns(self, keys: tuple[str, ...]) -> None:
        """Compare these scorers, at most ``MAX_COLUMNS``, each once."""
        self.columns = tuple(dict.fromkeys(keys))[:MAX_COLUMNS]

    def choose_cutoff(self, k: int) -> None:
        """Measure nDCG and P at this k; anything that is not offered changes nothing."""
        if k in CUTOFFS:
            self.chosen_cutoff = k

    def _cut(self) -> tuple[str, ...]:
        return tuple(document.text for document in self.pasted.documents)

    def _put_aside(self) -> None:
        """Keep the visitor's own text when another takes its place: nothing that was typed is lost by a click."""
        is_own = not self.example and self.uploaded is None and self.documents_text != self.lent
        if is_own and self.documents_text.strip():
            self.replaced = (self.query, self.documents_text, self.split, self.rows)

    def _take_rows(self, rows: tuple[FileText, ...]) -> None:
        self.rows = rows
        texts = tuple(_BLANK_LINES.sub("", document.text) for document in self.pasted.documents)
        self.documents_text = join_documents(texts)


def _from_rows(rows: Sequence[FileText]) -> Pasted:
    filled = [(row.id, text) for row in rows if (text := clean(row.text).strip())]
    return Pasted(tuple(Document(number, text, id_) for number, (id_, text) in enumerate(filled, 1)), Split.ROWS)
