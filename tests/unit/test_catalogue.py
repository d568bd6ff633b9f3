"""The measures by name: nothing they say of themselves points to what is not there."""

import re
from pathlib import Path

import duckdb
import pytest

from opendocket.errors import UnknownName
from opendocket.figures import every_target
from opendocket.figures.published import all_published
from opendocket.measure.catalogue import MEASURES, TOPICS, measure
from opendocket.measure.cut import DIMENSIONS
from opendocket.measure.named import Measure
from opendocket.measure.population import COLUMNS

ROOT = Path(__file__).parents[2]
DEFINITIONS = [(m, d) for m in MEASURES.values() for d in m.definitions]
PUBLISHED = set(all_published())


def is_published(figure):
    return any(id == figure or id.startswith((f"{figure}-", f"{figure} ")) for id in PUBLISHED)


def test_every_measure_has_a_name_of_its_own_and_a_file_that_answers_it():
    assert len(MEASURES) == sum(len(topic.MEASURES) for topic in TOPICS)
    for topic in TOPICS:
        name = topic.__name__.rpartition(".")[2]
        assert {each.topic for each in topic.MEASURES} == {name}
        assert (ROOT / f"src/opendocket/measure/{name}.py").is_file()


def test_every_question_of_the_field_is_asked():
    topics = {each.topic for each in MEASURES.values()}

    assert topics >= {
        "caseload", "durations", "outcomes", "attendance", "counsel", "applications",
        "hearings", "families", "appeals", "custody", "judges", "removals", "enforcement",
    }  # fmt: skip


@pytest.mark.parametrize(("named", "definition"), DEFINITIONS, ids=lambda x: x.name)
def test_a_definition_names_figures_that_were_published(named, definition):
    assert [f for f in definition.figures if not is_published(f)] == []


@pytest.mark.parametrize(("named", "definition"), DEFINITIONS, ids=lambda x: x.name)
def test_a_definition_says_whom_what_and_when(named, definition):
    said = (definition.user, definition.population, definition.numerator, definition.clock)

    assert all(said)
    assert re.fullmatch(r"[a-z0-9-]+", definition.name)
    assert named.assumes
    assert named.source
    assert named.question.endswith("?")


def test_every_column_that_a_definition_reads_is_in_the_docket(small_docket):
    read = {column for _, d in DEFINITIONS for column in d.reads if "." in column}
    with duckdb.connect(small_docket, read_only=True) as con:
        there = {
            f"{table}.{column}"
            for table, column in con.execute(
                "select table_name, column_name from duckdb_columns()"
            ).fetchall()
        }
        derived = {c for c in read if c not in there}

    # what is frozen on the way goes by a name of ours, from one list
    unknown = {c for c in derived if c.startswith("out_docket__case.")}
    assert {c.partition(".")[2] for c in unknown} <= set(COLUMNS)


def test_a_target_names_a_measure_and_a_definition_that_there_are():
    for target in every_target():
        if target.measure:
            definitions = {d.name for d in measure(target.measure).definitions}
            assert target.definition in {"", *definitions}, target.what


def test_a_measure_says_its_unit_its_caveats_and_each_definition_once():
    whole = MEASURES["in-absentia"]
    said = {
        "name": "x", "topic": "y", "question": "Why?", "estimate": "a_share",
        "definitions": whole.definitions[:1], "assumes": ("a",), "source": "s",
        "caveats": ("c",),
    }  # fmt: skip

    assert Measure(**said).unit == "share"
    with pytest.raises(ValueError, match="expected an end in"):
        Measure(**said | {"estimate": "a_rate"})
    with pytest.raises(ValueError, match="no caveat"):
        Measure(**said | {"caveats": ()})
    with pytest.raises(ValueError, match="each once"):
        Measure(**said | {"definitions": whole.definitions[:1] * 2})


def test_a_name_that_there_is_not_is_told_its_likeness():
    with pytest.raises(UnknownName, match="perhaps"):
        measure("asylum-grant")
    with pytest.raises(UnknownName, match="opendocket measures in-absentia"):
        MEASURES["in-absentia"].defined("nobody")


def test_no_grouping_is_by_a_judge_or_by_age():
    assert {"judge", "age", "birth"} & set(DIMENSIONS) == set()


def test_each_of_the_twenty_traps_has_a_test():
    told = "".join(p.read_text("utf-8") for p in (ROOT / "tests/known").glob("test_traps_*.py"))
    numbers = {int(n) for n in re.findall(r"def test_trap_(\d+)_", told)}

    assert set(range(1, 21)) <= numbers
