"""The page on scenario files says every key as the code does."""

import re

import pytest
from command_tree import ROOT

from opendocket.simulate.keys import EVENTS, LISTS, NEEDED, SECTIONS, TOP, UNTIL
from opendocket.simulate.scenario import read_scenario, shipped

PAGE = (ROOT / "docs/reference/scenario.md").read_text("utf-8")


def left_out(default):
    """What the page says of a key that is left out."""
    if default is NEEDED:
        return "**needed**"
    if default is None or default in ("", {}):
        return "–"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


def row(key):
    return f"| `{key.name}` | {key.kind.expected} | {left_out(key.default)} | {key.meaning} |"


def part(heading):
    """The page from one heading to the next, events' own headings among them."""
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S)
    assert found, heading
    return found[1]


def rows_of(text):
    """The rows of a part's tables, but for their heads."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [line for line in rows if not line.startswith(("| key ", "| --- ", "| name "))]


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("Starting from another file", TOP),
        *((f"`[{name}]`", keys) for name, keys in SECTIONS.items()),
        *((f"`[[{name}]]`", keys) for name, keys in LISTS.items() if name != "event"),
        ("`[[event]]`", (*LISTS["event"], *UNTIL)),
    ],
)
def test_the_page_says_every_key_of_a_table_as_the_code_does(heading, keys):
    assert rows_of(part(heading)) == [row(key) for key in keys]


@pytest.mark.parametrize("kind", EVENTS)
def test_the_page_says_every_key_of_an_event_as_the_code_does(kind):
    meaning, keys = EVENTS[kind]
    said = part(f"`{kind}`")

    assert meaning in said
    assert rows_of(said) == [row(key) for key in keys if key not in UNTIL]
    assert ("may have an end" in said) == (set(UNTIL) <= set(keys))


def test_the_page_has_no_event_that_the_code_lacks():
    events = re.findall(r"^### `(\w+)`", PAGE, flags=re.MULTILINE)

    assert events == list(EVENTS)


def test_the_page_lists_the_shipped_scenarios_by_their_titles():
    listed = rows_of(part("What comes with the program"))

    assert listed == [f"| `{name}` | {read_scenario(name).title} |" for name in shipped()]


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_says_what_it_assumes(name):
    path = shipped()[name]
    text = path.read_text("utf-8")

    assert text.startswith("# ")
    assert re.search(r'^assumes = """', text, flags=re.MULTILINE)
    assert len(read_scenario(name).assumes) > 100


def test_the_example_on_the_page_can_be_read(tmp_path):
    example = re.search(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)[1]
    path = tmp_path / "example.toml"
    path.write_text(example, "utf-8")

    scenario = read_scenario(path)

    assert [event.kind for event in scenario.events] == ["pause", "priority"]
