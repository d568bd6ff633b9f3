"""What the docket's table of cases says of a case's endings, worked out by hand.

Nothing of the loader's SQL is used: tests that write endings themselves take this instead.
"""

COLUMNS = {
    "first_outcome": "varchar",
    "first_outcome_date": "date",
    "first_outcome_until_date": "date",
    "is_first_outcome_decided": "boolean",
    "first_decision": "varchar",
    "first_decision_date": "date",
    "first_decision_until_date": "date",
    "ending_count": "bigint",
}


def until(ending):
    """Give the day an ending ceased to stand; None while it stands."""
    if not ending["is_undone"]:
        return None
    return max(ending.get("undone_date") or ending["completed_date"], ending["completed_date"])


def of_endings(endings):
    """Say of a case what its endings, in their order, come to."""
    decisions = [ending for ending in endings if ending["is_decision"]]
    first, decided = endings[:1], decisions[:1]
    return {
        "first_outcome": first[0]["outcome"] if first else None,
        "first_outcome_date": first[0]["completed_date"] if first else None,
        "first_outcome_until_date": until(first[0]) if first else None,
        "is_first_outcome_decided": bool(first and first[0]["is_decision"]),
        "first_decision": decided[0]["outcome"] if decided else None,
        "first_decision_date": decided[0]["completed_date"] if decided else None,
        "first_decision_until_date": until(decided[0]) if decided else None,
        "ending_count": len(endings),
    }
