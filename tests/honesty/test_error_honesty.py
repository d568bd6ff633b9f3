"""Every deliberate error is in the tree, survives a worker process, and speaks in one form."""

import dataclasses
import pickle
import re
from datetime import date
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest

from opendocket import errors
from opendocket.errors import DocketError


def family(root):
    for child in root.__subclasses__():
        yield child
        yield from family(child)


LEAVES = sorted(family(DocketError), key=lambda kind: kind.__name__)
LEAVES = [kind for kind in LEAVES if kind.__module__ == "opendocket.errors"]

SAMPLES = {
    str: "some words",
    int: 12_345,
    float: 0.5,
    date: date(2026, 6, 30),
    Path: Path("a folder/file.zip"),
}


def sample(kind):
    """One error of a kind, its facts filled in by their types."""
    hints = get_type_hints(kind)

    def fact(hint):
        if get_origin(hint) is tuple:
            return (SAMPLES[get_args(hint)[0]],)
        return SAMPLES[hint]

    return kind(**{f.name: fact(hints[f.name]) for f in dataclasses.fields(kind)})


def tree():
    """The error tree as the module's docstring draws it: name, depth."""
    drawn = re.findall(r"^( *)\* (\w+)  +\S", errors.__doc__, flags=re.MULTILINE)
    return {name: len(indent) // 4 for indent, name in drawn}


def test_the_docstring_draws_every_error_once_and_no_other():
    assert set(tree()) == {"DocketError", *(kind.__name__ for kind in LEAVES)}
    assert tree()["DocketError"] == 0


def test_every_error_of_the_package_is_in_one_module():
    elsewhere = [k for k in family(DocketError) if k.__module__ != "opendocket.errors"]

    # a private one is for its own module and never leaves it
    assert [k for k in elsewhere if not k.__name__.startswith("_")] == []


@pytest.mark.parametrize("kind", LEAVES)
def test_an_error_survives_a_worker_process(kind):
    error = sample(kind)
    again = pickle.loads(pickle.dumps(error))

    assert type(again) is kind
    assert str(again) == str(error)


@pytest.mark.parametrize("kind", LEAVES)
def test_a_sentence_says_thing_found_expected_and_what_to_do(kind):
    sentence = str(sample(kind))
    thing, _, rest = sentence.partition(": ")
    found, expected, *remedy = rest.split("; ")

    assert thing
    assert found
    assert expected.startswith("expected ")
    assert remedy
    assert not sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("kind", LEAVES)
def test_a_leaf_is_also_the_built_in_that_a_caller_would_expect(kind):
    built_in = [base for base in kind.__mro__ if base.__module__ == "builtins"]

    # nothing stands for a person who stops the work but our own
    assert len(built_in) > 3 or kind is errors.Interrupted
