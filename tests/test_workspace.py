"""The workspace: text, table and file are three ways to the same documents, and nothing said about them gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import InputProblem
from components.texts.examples import examples
from components.texts.paste import Split
from components.texts.readers import read_file
from components.workspace import Workspace


def texts(workspace: Workspace) -> list[str]:
    return [document.text for document in workspace.pasted.documents]


def test_every_example_gives_its_documents_and_no_judgments():
    for example in examples().values():
        workspace = Workspace()
        workspace.take_example(example)
        assert tuple(texts(workspace)) == example.documents
        assert workspace.grades == (None,) * len(example.documents)
        workspace.take_example_judgments(example)
        assert workspace.grades == example.judgments


def test_a_paste_over_an_example_is_looked_at_afresh():
    workspace = Workspace()
    workspace.take_example(examples()["role-swap"])
    assert workspace.split is Split.DETECT


documents = st.lists(st.text(alphabet="ab \n\té", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=6)


@given(documents)
def test_from_table_to_text_and_back_loses_blank_lines_at_most(rows):
    workspace = Workspace()
    workspace.to_table()
    workspace.edit_rows("q", [("", text) for text in rows])
    assert texts(workspace) == [text.strip() for text in rows]
    workspace.to_paste()
    squeezed = ["\n".join(line for line in text.strip().split("\n") if line.strip()) for text in rows]
    assert [one.split() for one in texts(workspace)] == [one.split() for one in squeezed]
    before = texts(workspace)
    workspace.to_table()
    assert texts(workspace) == before


def test_judgments_follow_their_text_through_every_way_of_editing():
    workspace = Workspace()
    workspace.edit("q", "one\ntwo\nthree", Split.DETECT)
    workspace.judgments.take("q", workspace.pasted.documents, (3, 2, 1))
    workspace.to_table()
    assert workspace.grades == (3, 2, 1)
    workspace.edit_rows("q", [("", "two"), ("", ""), ("", "one, changed"), ("", "three")])
    assert workspace.grades == (2, None, 1)
    workspace.edit_rows("another query", [("", "two")])
    assert workspace.grades == (None,)


def test_a_file_brings_query_ids_and_judgments():
    workspace = Workspace()
    workspace.edit("typed before", "typed", Split.DETECT)
    workspace.take_file(read_file("a.csv", b"id,query,text,label\nx,herons,one,3\ny,herons,two,\n"))
    assert workspace.query == "herons"
    assert [(document.id, document.text) for document in workspace.pasted.documents] == [("x", "one"), ("y", "two")]
    assert workspace.grades == (3, None)
    workspace.take_file(read_file("b.txt", b"three"))
    assert workspace.query == "herons", "a file without a query leaves it"


def test_a_column_that_cannot_be_used_changes_nothing():
    workspace = Workspace()
    with pytest.raises(InputProblem, match="upload it again"):
        workspace.take_file_column("text")
    rows = "title,text\nA," + "x" * 20_001 + "\n"
    workspace.edit("q", "stays", Split.DETECT)
    with pytest.raises(InputProblem, match="20,001 characters"):
        workspace.take_file(read_file("a.csv", rows.encode()))
    assert texts(workspace) == ["stays"]


def test_forgetting_forgets_judgments_and_files():
    workspace = Workspace()
    workspace.take_file(read_file("a.csv", b"id,text,label\nx,one,3\ny,two,1\n"))
    workspace.blind_seed = 7
    workspace.forget()
    assert (texts(workspace), len(workspace.judgments), workspace.uploaded) == ([], 0, None)
    assert workspace.blind_seed is None


def test_only_offered_cutoffs_are_taken():
    workspace = Workspace()
    workspace.edit("q", "\n".join("abcdefgh"), Split.DETECT)
    assert workspace.cutoff == 3
    workspace.choose_cutoff(5)
    workspace.choose_cutoff(1_000_000)
    assert workspace.cutoff == 5


def test_own_text_that_gave_way_can_be_taken_back():
    workspace = Workspace()
    workspace.edit("mine", "one\ntwo", Split.DETECT)
    workspace.take_example(examples()["negation"])
    workspace.take_example(examples()["role-swap"])
    workspace.take_file(read_file("a.txt", b"three"))
    workspace.take_back()
    assert (workspace.query, texts(workspace), workspace.example) == ("mine", ["one", "two"], "")
    assert workspace.replaced is None
    workspace.take_back()
    assert workspace.query == "mine"
