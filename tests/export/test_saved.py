"""Links and session files: what goes in comes out, and what is damaged is said and never raises."""

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import InputProblem
from components.export import session_file
from components.export.link import MOST_CHARACTERS, make_fragment, read_fragment
from components.export.saved import PageState, Saved, from_content, restore, save, to_content
from components.judging.metrics import CUTOFFS
from components.texts.chunks import Pooling
from components.texts.examples import examples
from components.texts.paste import Split
from components.workspace import Workspace

texts = st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace").decode())
keys = st.text("abcxyz-/:.0", min_size=1, max_size=30)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
pages = st.dictionaries(
    st.sampled_from(["tokens", "timing", "retrieve"]),
    st.builds(PageState, st.integers(1, 9), st.dictionaries(st.text("abc", min_size=1, max_size=5), plain, max_size=3)),
)


@st.composite
def saved_states(draw):
    columns = tuple(draw(st.lists(keys, min_size=1, max_size=6, unique=True)))
    return Saved(
        query=draw(texts),
        documents=tuple(draw(st.lists(st.tuples(texts, texts), max_size=6))),
        is_table=draw(st.booleans()),
        split=draw(st.sampled_from(Split)),
        example=draw(st.sampled_from(["", *examples()])),
        columns=columns,
        weights=tuple(draw(st.text("0123456789abcdef", max_size=8)) for _ in columns),
        pooling=draw(st.sampled_from(Pooling)),
        cutoff=draw(st.none() | st.sampled_from(CUTOFFS)),
        blind_seed=draw(st.none() | st.integers(0, 2**32 - 1)),
        judgments=draw(st.dictionaries(st.text("0123456789abcdef", min_size=24, max_size=24), st.integers(0, 3))),
        page=draw(st.sampled_from(["", "tokens"])),
        pages=draw(pages),
    )


@given(saved_states())
def test_a_session_file_gives_back_everything(saved):
    assert session_file.read_file(session_file.make_file(saved)) == saved


@given(saved_states())
def test_a_link_gives_back_all_but_judgments(saved):
    read = read_fragment("#" + make_fragment(saved))
    assert read.problem == ""
    without = Saved(**{**vars(saved), "judgments": {}, "blind_seed": None})
    assert read.saved == without


@given(saved_states(), st.data())
def test_a_cut_link_is_said_and_gives_the_first_documents(saved, data):
    fragment = make_fragment(saved)
    cut = data.draw(st.integers(0, len(fragment) - 1))
    read = read_fragment(fragment[:cut])
    assert read.problem.startswith("The link")
    if read.saved is not None:
        assert read.saved.documents == saved.documents[: len(read.saved.documents)]
        assert read.saved.query == saved.query


@given(saved_states(), st.data())
def test_a_changed_link_never_raises_and_is_said_unless_it_reads_the_same(saved, data):
    fragment = make_fragment(saved)
    place = data.draw(st.integers(0, len(fragment) - 1))
    letter = data.draw(st.sampled_from("Aa0-_.#&é"))
    changed = fragment[:place] + letter + fragment[place + 1 :]
    read = read_fragment(changed)
    assert read.problem or read.saved == read_fragment(fragment).saved


@given(st.text(max_size=200))
def test_any_fragment_gives_a_sentence(text):
    assert read_fragment(text).problem.endswith((".", ":", "file.", "again."))


@given(st.binary(max_size=200))
def test_well_formed_links_of_any_bytes_never_raise(data):
    squeezed = zlib.compress(data, 9, -15)
    text = base64.urlsafe_b64encode(squeezed).decode().rstrip("=")
    read = read_fragment(f"lab=1.{zlib.crc32(squeezed):08x}.{text}")
    assert read.saved is None or read.saved.columns


@given(plain)
def test_well_formed_links_of_any_json_never_raise(value):
    lines = json.dumps(value) + "\n" + json.dumps(value)
    squeezed = zlib.compress(lines.encode(), 9, -15)
    text = base64.urlsafe_b64encode(squeezed).decode().rstrip("=")
    read_fragment(f"lab=1.{zlib.crc32(squeezed):08x}.{text}")


def test_a_link_that_would_inflate_without_end_is_stopped():
    squeezed = zlib.compress(b" " * 50_000_000, 9, -15)
    text = base64.urlsafe_b64encode(squeezed).decode().rstrip("=")
    read = read_fragment(f"lab=1.{zlib.crc32(squeezed):08x}.{text}")
    assert read.saved is None
    assert "could be read" in read.problem


def test_newer_links_and_trailing_dots():
    fragment = make_fragment(Saved(query="q", documents=(("one", ""),)))
    assert "newer version" in read_fragment(fragment.replace("lab=1.", "lab=2.")).problem
    assert read_fragment(fragment + ").").problem == "", "what a mail program puts behind a link"
    assert read_fragment("tokens=2&" + fragment + "&layer=3").problem == ""


def test_a_cut_link_says_how_many_documents_came_through():
    saved = Saved(
        query="herons", documents=tuple((f"Document {n} about the birds of lake {n * n}.", "") for n in range(40))
    )
    fragment = make_fragment(saved)
    read = read_fragment(fragment[: len(fragment) * 3 // 4])
    assert 10 < len(read.saved.documents) < 40
    assert f"the query and {len(read.saved.documents)} of 40 documents could be read" in read.problem


def test_a_real_workspace_fits_a_link():
    example = max(examples().values(), key=lambda one: len(one.documents_text))
    workspace = Workspace()
    workspace.take_example(example)
    assert len(make_fragment(save(workspace))) < MOST_CHARACTERS / 2


@given(plain)
def test_any_content_is_read_without_raising(value):
    content = value if isinstance(value, dict) else dict.fromkeys(to_content(Saved()), value)
    saved, problems = from_content(content)
    assert saved.columns
    assert set(problems) <= set(to_content(saved))


@given(st.text(max_size=100))
def test_any_text_as_a_session_file_gives_a_sentence(text):
    with pytest.raises(InputProblem, match=r"session file"):
        session_file.read_file(text)


@given(saved_states(), st.data())
def test_a_session_file_with_one_broken_field_is_refused_by_name(saved, data):
    content = json.loads(session_file.make_file(saved))
    name = data.draw(st.sampled_from(["query", "documents", "columns", "judgments", "pages", "split"]))
    content[name] = data.draw(st.sampled_from([7, None, {"a": 9}, ["x", 3]]))
    if name in ("judgments", "pages") and content[name] is None:
        content[name] = 1
    with pytest.raises(InputProblem, match=name):
        session_file.read_file(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "newer version"),
        ({"version": "x"}, "does not say its version"),
        ({"format": "something"}, "not a session file"),
        ({"cutoff": 4}, "cutoff cannot be read"),
    ],
)
def test_session_files_that_cannot_be_used(change, words):
    content = json.loads(session_file.make_file(Saved())) | change
    with pytest.raises(InputProblem, match=words):
        session_file.read_file(json.dumps(content))


def test_a_broken_session_file_names_the_line():
    lines = session_file.make_file(Saved(query="q", documents=(("one", ""),))).split("\n")
    lines[5] = "oops"
    with pytest.raises(InputProblem, match="broken in line 6"):
        session_file.read_file("\n".join(lines))


rows = st.lists(st.tuples(texts, st.sampled_from(["", "a"])), max_size=6)


@given(texts, rows, st.booleans(), st.lists(st.integers(0, 3), max_size=6))
def test_a_workspace_is_restored_to_the_same_documents_and_judgments(query, given_rows, is_table, grades):
    before = Workspace()
    if is_table:
        before.edit_rows(query, [(id_, text) for text, id_ in given_rows])
    else:
        before.edit(query, "\n".join(text for text, _ in given_rows), Split.DETECT)
    documents = before.pasted.documents
    before.judgments.take(before.clean_query, documents[: len(grades)], grades[: len(documents)])
    after = Workspace()
    restore(after, session_file.read_file(session_file.make_file(save(before))))
    assert after.pasted.documents == documents
    assert after.clean_query == before.clean_query
    assert after.grades == before.grades
    assert (after.rows is not None) == is_table or not is_table


def test_own_text_is_set_aside_for_a_link():
    workspace = Workspace()
    workspace.edit("mine", "my one\nmy two", Split.DETECT)
    restore(workspace, Saved(query="theirs", documents=(("their one", ""),)))
    assert workspace.query == "theirs"
    workspace.take_back()
    assert (workspace.query, workspace.documents_text) == ("mine", "my one\nmy two")
