from components.texts.examples import FIRST, examples
from components.texts.paste import split_documents


def test_the_first_example_comes_first():
    assert next(iter(examples())) == FIRST


def test_examples_survive_the_documents_box():
    """What is put into the box is cut into the same documents again."""
    for example in examples().values():
        cut = split_documents(example.documents_text, example.split).documents
        assert tuple(document.text for document in cut) == example.documents
        assert len(example.judgments) == len(example.documents)
        assert set(example.judgments) <= {0, 1, 2, 3}
        assert max(example.judgments) > 0
