"""Every key of a scenario's file, said once: the reader, the docs and the tests read this."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from opendocket.simulate.tables import RESULTS, STAGES, VACATED
from opendocket.simulate.world import ORDERS


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: in words, and the function that takes it or raises."""

    expected: str
    read: Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table."""

    name: str
    kind: Kind
    meaning: str
    default: object = None
    """None where the key may be left out and means nothing then."""


NEEDED: Final = object()
"""The default of a key that has none."""


def _of(kind: type, value: object) -> Any:  # noqa: ANN401
    """Take a value of a type; a truth value is no number."""
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise ValueError
    return value


def _text(value: object) -> str:
    return str(_of(str, value))


def _number(value: object) -> float:
    number = value if isinstance(value, float) else _of(int, value)
    if not -1e9 < number < 1e9:  # neither infinite, nor no number at all
        raise ValueError
    return float(number)


def _between(least: float, most: float, *, whole: bool = False) -> Callable[[object], Any]:
    def read(value: object) -> float:
        number = _of(int, value) if whole else _number(value)
        if not least <= number <= most:
            raise ValueError
        return float(number) if not whole else int(number)

    return read


def _positive(value: object) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError
    return number


def _day(value: object) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, datetime):
        raise ValueError
    day: date = _of(date, value)
    return day


def _names(value: object) -> tuple[str, ...]:
    names = tuple(_text(each) for each in _of(list, value))
    if not names or len(set(names)) < len(names):
        raise ValueError
    return names


def _all_or_names(value: object) -> tuple[str, ...] | None:
    return None if value == "all" else _names(value)


def _by_name(value: object) -> dict[str, float]:
    return {name: _between(0, 100)(each) for name, each in _of(dict, value).items()}


def _judges(value: object) -> str | float:
    return value if value in ("fitted", "all") and isinstance(value, str) else _positive(value)


def _limit(value: object) -> float | None:
    return None if value == "none" else _positive(value)


def one_of(*names: str) -> Kind:
    """Give the kind of a text that is one of some."""

    def read(value: object) -> str:
        if value not in names:
            raise ValueError
        return str(value)

    return Kind("one of " + ", ".join(f'"{name}"' for name in names), read)


TEXT = Kind("a text", _text)
DATE = Kind("a date, such as 2021-05-28", _day)
TRUTH = Kind("true or false", lambda value: _of(bool, value))
SHARE = Kind("a share from 0 to 1", _between(0, 1))
FACTOR = Kind("a number from 0 to 100", _between(0, 100))
COUNT = Kind("a number above 0", _positive)
NUMBER = Kind("a number", _number)
DAYS = Kind("whole days from 0 to 30,000", _between(0, 30_000, whole=True))
NAMES = Kind("a list of names, each once", _names)
COURTS = Kind('"all", or a list of the courts\' codes, each once', _all_or_names)

TOP = (
    Key("title", TEXT, "what the scenario is called where its results are shown", ""),
    Key("assumes", TEXT, "what it takes to be so, in sentences, shown with its results", ""),
    Key(
        "base", TEXT,
        "scenario that this one starts from, a shipped one's name or a file beside it; what "
        "is said here takes the place of what it says, dockets and populations by their "
        "name, and events are added", "",
    ),
)  # fmt: skip

RUN = (
    Key("start", DATE, "the first day; pending cases are taken as they stood on it", NEEDED),
    Key("years", Kind("years above 0, up to 60", _between(0.01, 60)), "length of the run", 5.0),
    Key(
        "horizon_years", Kind("years from 0.1 to 20", _between(0.1, 20)),
        "how long calendars are open beyond the end: hearings may be booked there", 5.0,
    ),
    Key(
        "seed", Kind("a whole number from 0 to 4294967295", _between(0, 2**32 - 1, whole=True)),
        "which luck; two scenarios of one seed differ by their rules alone", 1,
    ),
)  # fmt: skip

START = (
    Key(
        "pending", one_of("docket", "none"),
        "cases pending at the start: the docket's, or none", "docket",
    ),
)  # fmt: skip

ARRIVALS = (
    Key(
        "source", one_of("fitted", "replayed"),
        "new cases are drawn from the fitted rates, or are the docket's own for as long as "
        "it has any after the start, and drawn from then on", "fitted",
    ),
    Key(
        "scale", Kind("a table of numbers from 0 to 100 by population", _by_name),
        "new cases against those of the source, by population; replayed ones up to 1", {},
    ),
    Key(
        "response", Kind("a number from 0 to 100", _between(0, 100)),
        "how new cases answer the wait: their rate falls by this share, in the exponent, for "
        "each year that hearings stand beyond their usual wait", 0.0,
    ),
    Key(
        "usual_wait", Kind("days from 0 to 30,000", _between(0, 30_000)),
        "days that hearings stood beyond the wanted day when arrivals were as fitted", 0.0,
    ),
)  # fmt: skip

CALENDAR = (
    Key(
        "rule", one_of("booked", "pull"),
        "the next hearing takes the first free slot of a calendar, or each day a judge takes "
        "from those waiting", "booked",
    ),
    Key(
        "release_days", DAYS,
        "booked: slots held for a docket are anybody's this many days before their day", 14,
    ),
    Key(
        "strict", TRUTH,
        "pull: the first docket that waits is served first, in the order of the file; "
        "else by quota, which is each docket's share, carried over", True,
    ),
)  # fmt: skip

STAFF = (
    Key(
        "leave_weeks",
        Kind("whole weeks from 0 to 26", _between(0, 26, whole=True)),
        "weeks a year that each judge is away, spread by the judge's number",
        4,
    ),
    Key("holidays", TRUTH, "courts are closed on federal holidays", True),
)

COUNSEL = (
    Key(
        "limit", Kind('"none", or a number above 0', _limit),
        "families that lawyers of a court can have at a time, against those who had counsel "
        "at the start; \"none\" lets everyone who seeks counsel find it", None,
    ),
    Key(
        "seek_factor", FACTOR,
        "people who would find counsel were a lawyer free, against the fitted share; at most "
        "all of them", 1.0,
    ),
)  # fmt: skip

POPULATION = (
    Key("name", TEXT, "what this part of a population is called", NEEDED),
    Key("of", TEXT, "the population it is taken from; chances and gaps stay the same", NEEDED),
    Key("share", SHARE, "of the families received from the start on, who belong to it", NEEDED),
    Key("courts", COURTS, "where", "all"),
    Key("courts_of", TEXT, "or: where new cases of this population came in the source"),
)

DOCKET = (
    Key("name", TEXT, "the docket's name", NEEDED),
    Key("populations", NAMES, "whose cases it takes; left out: the one of its own name"),
    Key(
        "courts", COURTS,
        "where it is held; a docket of named courts comes before one of all courts", "all",
    ),
    Key("courts_of", TEXT, "or: where new cases of this population came in the source"),
    Key("from", DATE, "day it begins; left out: it is there at the start"),
    Key("like", TEXT, "fitted docket whose gaps it takes; left out: the one of its own name"),
    Key(
        "share", SHARE,
        "of the slots of each day of judges who serve it: booked, held for it; pull, its "
        "quota", 0.0,
    ),
    Key("order", one_of(*ORDERS), "pull: who of those waiting is first", "oldest"),
    Key("target_days", DAYS, "pull, \"deadline\": days from receipt", 300),
    Key(
        "judges", Kind('"fitted", "all", or a number above 0 for each court', _judges),
        "who hears it: judges who heard its populations in the source, or every judge of its "
        "courts, or so many at each court who hear nothing else", "fitted",
    ),
    Key("first_hearing_within_days", DAYS, "no first hearing is wanted later than this"),
    Key("next_hearing_within_days", DAYS, "no next hearing is wanted later than this"),
    Key(
        "takes_pending", TRUTH,
        "cases of its populations that are pending when it begins move to it; they always do "
        "where it begins on the first day", False,
    ),
)  # fmt: skip

WHEN = (
    Key("kind", TEXT, "what happens, one of the kinds below", NEEDED),
    Key("on", DATE, "the day; or say `after_days`"),
    Key("after_days", DAYS, "days from the start"),
)

UNTIL = (
    Key("until", DATE, "the day it is over; or say `for_days`"),
    Key("for_days", DAYS, "days it lasts"),
)

WHERE = Key("courts", COURTS, "which courts", "all")
WHICH = Key("docket", TEXT, "which docket", NEEDED)
JUDGES = Key(
    "judges", COUNT,
    "how many judges of the record, each with the mean slots of their court", NEEDED,
)  # fmt: skip

EVENTS: dict[str, tuple[str, tuple[Key, ...]]] = {
    "hire": (
        "Judges begin, spread over the courts in proportion to the judges there.",
        (
            JUDGES,
            WHERE,
            Key("dockets", NAMES, "what they hear; left out: what the court's judges do"),
            Key(
                "ramp_days", DAYS,
                "a third of a judge's slots at first, two thirds after half of these days, "
                "all after them", 180,
            ),
            Key("takes_pending", TRUTH, "they take their share of pending cases too", True),
        ),
    ),
    "depart": (
        "Judges leave for good, in proportion to the judges of each court; their pending "
        "cases go to those who stay.",
        (JUDGES, WHERE),
    ),
    "leave": (
        "Judges are away for a time, beyond their usual leave; their hearings are booked "
        "anew, with the same judge.",
        (JUDGES, WHERE, *UNTIL),
    ),
    "close": (
        "Courts are closed; hearings of those days are booked anew. Without an end they "
        "close for good, and their cases go to another court.",
        (
            WHERE,
            *UNTIL,
            Key(
                "dockets", NAMES,
                "only these: their hearings wait for the end, looked through once a week, "
                "while judges who hear others go on with those",
            ),
            Key("into", TEXT, "the court that takes the cases, where there is no end"),
        ),
    ),
    "launch": (
        "A docket begins at some of its courts on this day, whatever its `from` says.",
        (WHICH, Key("courts", NAMES, "which courts; left out: all of its courts")),
    ),
    "pause": (
        "A docket takes no new cases, as when a court enjoins it, and holds no slots; judges "
        "reserved for it hear the court's other cases. At its end it is as before.",
        (
            WHICH,
            Key("courts", NAMES, "which courts; left out: all of its courts"),
            *UNTIL,
            Key("to", TEXT, "docket of its new cases meanwhile; left out: that of all courts"),
            Key("moves_pending", TRUTH, "its pending cases go there as well, and stay", False),
        ),
    ),
    "priority": (
        "What is held for a docket, or how soon its hearings are wanted, changes for good.",
        (
            WHICH,
            Key("share", SHARE, "its new share"),
            Key("like", TEXT, "fitted docket whose gaps it takes from now on"),
            Key("release_days", DAYS, "new release, which is one for all dockets"),
        ),
    ),
    "lawyers": (
        "There are more lawyers, or fewer; needs a limit under `[counsel]`.",
        (Key("factor", FACTOR, "against the limit at the start", NEEDED), WHERE),
    ),
    "reset": (
        "Hearings are taken off the calendar and booked anew.",
        (
            WHICH,
            WHERE,
            Key("until", DATE, "only hearings that stand before this day"),
            Key("for_days", DAYS, "or: within so many days"),
            Key("wanted", DATE, "day they are wanted on; left out: the day each stood on"),
        ),
    ),
    "outcome": (
        "A result of hearings becomes more or less likely; the other results share what is "
        "left as they did.",
        (
            Key("result", one_of(*RESULTS[:VACATED]), "which result", NEEDED),
            Key("factor", FACTOR, "its chance against the fitted one, at most 1", NEEDED),
            WHERE,
            Key("populations", NAMES, "whose; left out: everybody's"),
            Key(
                "stages", Kind("a list of " + ", ".join(STAGES), _names),
                "at which hearings; left out: at each",
            ),
            *UNTIL,
        ),
    ),
}  # fmt: skip

SECTIONS: dict[str, tuple[Key, ...]] = {
    "run": RUN, "start": START, "arrivals": ARRIVALS, "calendar": CALENDAR, "staff": STAFF,
    "counsel": COUNSEL,
}  # fmt: skip
"""Tables that a file has once."""

LISTS: dict[str, tuple[Key, ...]] = {"population": POPULATION, "docket": DOCKET, "event": WHEN}
"""Tables that a file has any number of times."""


def event_keys(kind: str) -> tuple[Key, ...]:
    """Give the keys of an event of a kind.

    Example:
        >>> [key.name for key in event_keys("lawyers")]
        ['kind', 'on', 'after_days', 'factor', 'courts']
    """
    return (*WHEN, *EVENTS[kind][1])
