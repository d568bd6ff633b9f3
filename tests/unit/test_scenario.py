"""A scenario's file is read whole, and refused with the line where it is wrong."""

import pickle
import tomllib
from datetime import date

import pytest

from opendocket.errors import BadScenario, UnknownName
from opendocket.simulate.scenario import read_scenario, shipped
from opendocket.simulate.toml_lines import fault, lines_of

LEAST = """
[run]
start = 2021-05-28
[[docket]]
name = "ordinary"
"""


@pytest.fixture
def written(tmp_path):
    def write(text, name="own.toml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


EVERYTHING = '''title = "a # b = [c"
assumes = """
two "quoted" lines,
one = of them looks like a key"""
[run]   # [not] a table
start = 2021-05-28 00:00:00
years = 1.5
a . "b c" = 'q = 1'
[arrivals.scale]
x = { y = [1, 2.5, {z = 1}], 'w' = {} }
[[docket]]
courts = [
  "A", # "one"
  "B",
]
[[docket]]
name = "x"
[docket.more]
e = 1
[[docket.sub]]
f = """ends in a quote """"
g = 3
'''


def paths(value, at=()):
    """Every path of a document as it is nested."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*at, key))


def test_every_key_of_a_text_has_a_line_and_stands_on_it():
    rows = ["", *EVERYTHING.split("\n")]
    lines = lines_of(EVERYTHING)

    found = dict.fromkeys(paths(tomllib.loads(EVERYTHING)))
    assert {path for path in found if path not in lines} <= {("arrivals",)}
    for path, line in lines.items():
        names = [part for part in path if isinstance(part, str)]
        assert isinstance(path[-1], int) or names[-1] in rows[line], path


def test_a_list_over_lines_has_a_line_for_each_entry():
    lines = lines_of(EVERYTHING)

    assert [lines["docket", 0, "courts", n] for n in range(2)] == [13, 14]


def test_a_text_that_is_no_toml_is_refused_with_its_line():
    for text, line in [("a = 1\nb = \n", 2), ("a = 1\na = 2", 2), ("a = [1,\n2,\n", 2)]:
        with pytest.raises(tomllib.TOMLDecodeError) as raised:
            tomllib.loads(text)

        assert abs(fault(raised.value, text)[0] - line) <= 1


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_can_be_read_and_sent(name):
    scenario = read_scenario(name)

    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert scenario.start == date(2021, 5, 28)


def test_a_scenario_has_the_same_checksum_wherever_its_file_is(written, tmp_path):
    first = written(LEAST)
    (tmp_path / "deeper").mkdir()
    second = written(LEAST, "deeper/other.toml")

    assert read_scenario(first).sha256() == read_scenario(second).sha256()
    longer = written(LEAST.replace("[[docket]]", "years = 6\n[[docket]]"))
    assert read_scenario(longer).sha256() != read_scenario(second).sha256()


BAD = {
    "a key that is none": ("[run]\nstrat = 2021-05-28", 2, "[run] strat", "start is meant"),
    "a table that is none": ("[rum]\nyears = 1", 1, "rum", "perhaps run"),
    "a list where one table is": ("[[run]]\nyears = 1", 1, "run", "a table under [run]"),
    "a missing key": ("[run]\nyears = 1", 1, "[run] start", "is missing"),
    "a number in quotes": ('[run]\nstart = 2021-05-28\nyears = "5"', 3, "[run] years", "'5'"),
    "a truth for a number": ("[run]\nstart = 2021-05-28\nseed = true", 3, "seed", "is true"),
    "no day of the year": ('[run]\nstart = "2021-02-30"', 2, "[run] start", "a date"),
    "a time for a day": ("[run]\nstart = 2021-05-28T10:00:00", 2, "start", "a date"),
    "no number": ("[run]\nstart = 2021-05-28\nyears = nan", 3, "years", "years above 0"),
    "no docket": ("[run]\nstart = 2021-05-28", 1, "docket", "is missing"),
    "no such base": ('base = "nine"', 1, "base", "'nine'"),
    "a rule that is none": (LEAST + '[calendar]\nrule = "queue"', 7, "rule", '"pull"'),
    "two dockets of a name": (LEAST + '[[docket]]\nname = "ordinary"', 7, "name", "once more"),
    "a share above 1": (LEAST + "share = 1.2", 6, "share", "is 1.2"),
    "shares above 1": (
        LEAST + 'share = 0.6\n[[docket]]\nname = "b"\nshare = 0.6', 9, "share", "1.2",
    ),
    "a court twice": (LEAST + 'courts = ["BOS", "BOS"]', 6, "courts", "each once"),
    "courts said twice": (
        LEAST + 'courts = ["BOS"]\ncourts_of = "ordinary"', 7, "courts_of", "one of them",
    ),
    "a docket after the end": (LEAST + "from = 2031-01-01", 6, "from", "2031-01-01"),
    "more than is replayed": (
        LEAST + '[arrivals]\nsource = "replayed"\nscale = {ordinary = 2}', 8,
        "[arrivals] scale.ordinary", "1 at most",
    ),
    "a text cut off": ('[run]\nstart = "2021', 2, "the text", "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("why", BAD)
def test_a_file_that_cannot_be_is_refused_with_file_line_and_key(why, written):
    text, line, key, words = BAD[why]
    path = written(text)

    with pytest.raises(BadScenario) as raised:
        read_scenario(path)

    assert (raised.value.path, raised.value.line) == (path, line)
    assert key in raised.value.key
    assert words in str(raised.value)


def event(text):
    return f"{LEAST}[[event]]\n{text}"


BAD_EVENTS = {
    "no kind": ("on = 2022-01-01", 6, "kind", "is missing"),
    "a kind that is none": ('on = 2022-01-01\nkind = "hires"', 8, "kind", "perhaps hire"),
    "a key of another kind": (
        'kind = "depart"\non = 2022-01-01\njudges = 1\nramp_days = 3',
        10,
        "ramp_days",
        "no key",
    ),
    "no day": ('kind = "depart"\njudges = 1', 6, "on", "is missing"),
    "two days": (
        'kind = "depart"\njudges = 1\non = 2022-01-01\nafter_days = 3',
        10,
        "after",
        "both",
    ),
    "a day after the end": ('kind = "depart"\njudges = 1\non = 2032-01-01', 9, "on", "outside"),
    "a day before the start": (
        'kind = "depart"\njudges = 1\non = 2020-01-01',
        9,
        "on",
        "outside",
    ),
    "an end before its day": (
        'kind = "leave"\njudges = 1\non = 2022-01-01\nuntil = 2021-12-01',
        10,
        "until",
        "not after",
    ),
    "leave for good": ('kind = "leave"\njudges = 1\non = 2022-01-01', 6, "until", "depart"),
    "nobody hired": ('kind = "hire"\non = 2022-01-01\njudges = 0', 9, "judges", "above 0"),
    "an unknown docket": (
        'kind = "pause"\non = 2022-01-01\ndocket = "ordinari"',
        9,
        "docket",
        "ordinary is meant",
    ),
    "a pause into itself": (
        'kind = "pause"\non = 2022-01-01\ndocket = "ordinary"\nto = "ordinary"',
        10,
        "to",
        "another",
    ),
    "a closing without an end": ('kind = "close"\non = 2022-01-01', 6, "until", "into"),
    "a court into itself": (
        'kind = "close"\non = 2022-01-01\ncourts = ["BOS"]\ninto = "BOS"',
        10,
        "into",
        "closes",
    ),
    "lawyers without a limit": (
        'kind = "lawyers"\non = 2022-01-01\nfactor = 2',
        9,
        "factor",
        "limit",
    ),
    "nothing new": (
        'kind = "priority"\non = 2022-01-01\ndocket = "ordinary"',
        9,
        "docket",
        "new",
    ),
    "a result that is none": (
        'kind = "outcome"\non = 2022-01-01\nresult = "asylum"\nfactor = 2',
        9,
        "result",
        "relief",
    ),
    "a stage that is none": (
        'kind = "outcome"\non = 2022-01-01\nresult = "no nta"\nfactor = 2\nstages = [\n"a"]',
        12,
        "stages",
        "individual",
    ),
}


@pytest.mark.parametrize("why", BAD_EVENTS)
def test_an_event_that_cannot_be_is_refused_with_its_line(why, written):
    text, line, key, words = BAD_EVENTS[why]
    path = written(event(text))

    with pytest.raises(BadScenario) as raised:
        read_scenario(path)

    assert raised.value.line == line
    assert key in raised.value.key
    assert words in str(raised.value)


def test_a_reset_needs_hearings_on_a_calendar(written):
    pull = '[calendar]\nrule = "pull"\n'
    text = event('kind = "reset"\non = 2022-01-01\ndocket = "ordinary"').replace(
        "[[event]]", pull + "[[event]]"
    )

    with pytest.raises(BadScenario, match="booked"):
        read_scenario(written(text))


def test_a_file_changes_its_base_key_by_key_and_docket_by_docket(written):
    written(LEAST + "share = 0.2\ntarget_days = 90\n", "below.toml")
    above = (
        'base = "below.toml"\n[run]\nyears = 2\n[[docket]]\nname = "ordinary"\nshare = 0.3\n'
    )
    above += '[[docket]]\nname = "dedicated"\n'

    scenario = read_scenario(written(above))

    first, second = scenario.dockets
    assert (first.share, first.target_days, second.name) == (0.3, 90, "dedicated")
    assert (scenario.start, scenario.days) == (date(2021, 5, 28), 730)


def test_what_a_base_says_wrong_is_told_of_the_base(written):
    below = written(LEAST + "share = 7\n", "below.toml")

    with pytest.raises(BadScenario) as raised:
        read_scenario(written('base = "below.toml"'))

    assert (raised.value.path, raised.value.line) == (below, 6)


def test_bases_that_lead_back_are_refused(written):
    written('base = "b.toml"', "a.toml")

    with pytest.raises(BadScenario, match="leads back"):
        read_scenario(written('base = "a.toml"', "b.toml"))


def test_a_file_of_other_bytes_is_refused_with_its_line(tmp_path):
    path = tmp_path / "other.toml"
    path.write_bytes(b"a = 1\nb = '\xff'\n")

    with pytest.raises(BadScenario, match="line 2: the text is not UTF-8"):
        read_scenario(path)


def test_a_name_that_is_neither_shipped_nor_a_file_is_refused():
    with pytest.raises(UnknownName, match="perhaps injunction"):
        read_scenario("injuncton")


def test_another_start_moves_what_is_counted_from_it():
    scenario = read_scenario("injunction", start=date(2026, 1, 1))

    pause = scenario.events[0]
    assert (scenario.start, pause.day, pause.until) == (date(2026, 1, 1), 153, 518)
    assert [docket.begins for docket in scenario.dockets] == [0, 0, 0, 0]


def test_a_shorter_run_leaves_out_what_would_come_after_it():
    assert read_scenario("judges-300", years=0.5).events == ()
