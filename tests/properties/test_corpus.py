"""Whatever its bytes, a release is loaded whole or refused in one sentence.

The releases in ``tests/data/corpus`` were made by the fuzzer (``docs/how-to/fuzz.md``): each
was the first that something new came of. Their names say in what chunks each was read then.
"""

import re
import zipfile
from pathlib import Path

import duckdb
import pytest
import tiny_release as tiny

import judge
from opendocket.columns import TABLES

CORPUS = sorted((Path(__file__).parents[1] / "data/corpus").glob("*.zip"))


def case(path, **how):
    """Read a release of the corpus, and how it was loaded when it was found."""
    chunk = re.search(r"-by-(\d+)", path.stem)[1]
    told = {"chunk_bytes": int(chunk), "is_accepted": path.stem.endswith("-accepted")}
    texts = {} if path.stem.startswith("zip-") else tables_in(path)
    return judge.Case(path.stem, path.read_bytes(), texts=texts, **told | how)


def tables_in(path):
    """Read the tables of a sound zip."""
    with zipfile.ZipFile(path) as archive:
        stems = {Path(name).stem: name for name in archive.namelist()}
        return {stem: archive.read(name) for stem, name in stems.items() if stem in TABLES}


def test_the_corpus_is_small():
    assert 10 < len(CORPUS) <= 40
    assert max(path.stat().st_size for path in CORPUS) < 20_000


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_release_of_the_corpus_is_loaded_whole_or_refused(path, tmp_path):
    verdict = judge.judged(case(path, is_twice=True), tmp_path)

    assert verdict.problem == ""
    assert list(tmp_path.iterdir()) == []


# --- the judge sees what it is there to see


ROWS = [{"IDNCASE": n, "CASE_TYPE": "RMV"} for n in (1, 2, 3)]
TEXTS = tiny.tables(A_TblCase=ROWS)


def spoilt(query):
    """Load a release, and spoil the docket."""

    def load(path, out, **how):
        load_release(path, out, **how)
        with duckdb.connect(out) as con:
            con.execute(query)

    load_release = judge.load_release
    return load


@pytest.fixture
def release(tmp_path):
    path = tiny.written(tmp_path / "release.zip", TEXTS)
    folder = tmp_path / "empty"
    folder.mkdir()
    return judge.Case("", path.read_bytes(), texts=TEXTS), folder


def test_a_sound_release_passes_the_judge(release):
    assert judge.judged(*release) == judge.Verdict("loaded: ")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("delete from core_eoir__case where IDNCASE = 2", r"A_TblCase: \(3, 3, 0, 2, 0, 0\)"),
        ("update core_eoir__case set IDNCASE = 5 where IDNCASE = 2", "no row of 2"),
        ("update core_eoir__case set CASE_TYPE = 'RM' where IDNCASE = 2", "no row of 2 with"),
        (
            "update core_eoir__case set IDNCASE = 1; delete from core_eoir__case; "
            "update out_load__account set read_count = 0, kept_count = 0",
            "read 0, where 3 to 3 lines are records",
        ),
        (
            "delete from out_load__account where table_name = 'tblAppeal'",
            "tblAppeal: 0 accounts",
        ),
    ],
)
def test_the_judge_sees_a_row_that_is_lost_or_changed(query, found, release, monkeypatch):
    monkeypatch.setattr(judge, "load_release", spoilt(query))
    case_, folder = release
    if "read_count = 0" in query:
        case_ = judge.Case("", case_.data, texts={"A_TblCase": TEXTS["A_TblCase"]})
        monkeypatch.setattr(judge, "_unbalanced", lambda con, name: "")

    assert re.search(found, judge.judged(case_, folder).problem)


def test_the_judge_sees_what_is_left_behind_and_errors_that_are_not_ours(release, monkeypatch):
    case_, folder = release

    def failing(path, out, **how):
        out.with_suffix(".partial").touch()
        raise judge.DocketError

    monkeypatch.setattr(judge, "load_release", failing)
    assert "not a sentence" in judge.judged(case_, folder).problem
    monkeypatch.setattr(judge, "load_release", lambda *a, **k: 1 / 0)
    assert "ZeroDivisionError" in judge.judged(case_, folder).problem
