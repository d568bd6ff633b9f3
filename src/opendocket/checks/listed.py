"""Every check, in one place; the command, the docs and the tests read this list."""

from opendocket.checks import account, dates, facts, keys, layout, losses, own, values
from opendocket.checks import links as linked
from opendocket.checks.check import Check

GROUPS = {
    "account": "Where every row went",
    "layout": "Columns and code lists",
    "keys": "Numbers of rows",
    "links": "From table to table",
    "values": "Empty values and codes",
    "dates": "Dates",
    "facts": "Facts known of the courts",
    "losses": "The usual ways of losing data",
    "own tables": "The docket's own tables",
}
"""Groups in order, with their titles."""

CHECKS: tuple[Check, ...] = (
    *account.CHECKS,
    *layout.CHECKS,
    *keys.CHECKS,
    *linked.CHECKS,
    *values.CHECKS,
    *dates.CHECKS,
    *facts.CHECKS,
    *losses.CHECKS,
    *own.CHECKS,
)
