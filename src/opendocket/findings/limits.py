"""What this does not show, and where every row went."""

from importlib.metadata import version

import polars as pl

from opendocket.estimate.suppression import is_small
from opendocket.findings.finding import Section, Sentence, Table
from opendocket.findings.study import Study
from opendocket.findings.words import count, day, few
from opendocket.measure.population import counts_by_definition, left_out

QUESTION = "What does this not show?"

DEFINITIONS = {
    "tagged": "the tag DD (nearest to TRAC’s count)",
    "placed": "the tag, and a hearing place of the docket",
    "dedicated": "the tag, the place, and receipt from 28 May 2021 in a removal case (EOIR’s "
    "rule, and this report’s)",
    "misplaced": "a hearing place of the docket without the tag",
}


def limits(study: Study) -> Section:
    """Say it."""
    account = study.docket.account()
    read = int(account["read_count"].sum())
    aside = int(account["set_aside_count"].sum())
    return Section(
        slug="limits",
        question=QUESTION,
        answer=_answer(study, read, aside),
        text=_unread(study),
        figures=(),
        tables=(_definitions(study), _account(account), *_reasons(study), _identity(study)),
        method=(),
        caveats=(
            *((_made_up(study),) if study.is_synthetic else ()),
            "Whether anybody appeared, whether an order was carried out, and what became of a "
            "person afterwards are not in the courts’ record.",
            "One person with two cases cannot be linked: the release names no one.",
            "The tag that puts a case on the docket has no date. Only a comparison of releases "
            "would show when it was set or taken off.",
            "Records disappear from one release to the next, and late entries keep arriving: the "
            "last months are the least certain.",
            "Custody, addresses and some dates are the latest values; older ones were overwritten. "
            "A report frozen on an earlier day still uses the latest custody, tag and family link.",
            "Intervals say what chance alone could do to families like these. They do not cover "
            "errors of entry, or a definition that the reader would choose otherwise.",
        ),
    )


def _made_up(study: Study) -> str:
    if study.docket.is_simulated:
        return (
            "The data are simulated: a run of a model, which shows what its rules and chances "
            "lead to, not what happened to anybody."
        )
    return (
        "The data are synthetic: made up, and fitted to published totals. They show "
        "how the measures work, not what happened to anybody."
    )


def _answer(study: Study, read: int, aside: int) -> Sentence:
    return Sentence(
        "This report shows what the courts’ own record says, of {read} rows read with {aside} set "
        "aside, as of {day}. It does not show who appeared, what was carried out, or why.",
        {"read": count(read), "aside": count(aside), "day": day(study.as_of)},
    )


def _unread(study: Study) -> tuple[Sentence, ...]:
    """Tell of rows that are kept whole, and that no measure can use."""
    query = """
        select
            (select count(*) from core_eoir__proceeding where IDNCASE is null),
            (
                select count(*) from core_eoir__schedule
                where IDNCASE is null or REC_TYPE is null
            )
    """
    proceedings, hearings = study.con.execute(query).fetchall()[0]
    if not proceedings and not hearings:
        return ()
    return (
        Sentence(
            "Kept in the docket, and in no measure: {proceedings} rows of proceedings that name "
            "no case, and {hearings} rows of the schedule that name no case or no kind.",
            {"proceedings": count(proceedings), "hearings": count(hearings)},
        ),
    )


def _definitions(study: Study) -> Table:
    counts = counts_by_definition(study.con, as_of=study.as_of)
    nested = [counts[name] for name in ("tagged", "placed", "dedicated")]
    gaps = {
        "tagged": nested[0] - nested[1],
        "placed": nested[1] - nested[2],
        "dedicated": nested[2],
        "misplaced": counts["misplaced"],
    }
    rows, shown = [], []
    for name, what in DEFINITIONS.items():
        hide = is_small(counts[name]) or is_small(gaps[name])
        rows.append(
            {"definition": name, "meaning": what, "case_count": None if hide else counts[name]}
        )
        shown.append(
            {"A case with": what, "Cases": "withheld" if hide else count(counts[name])}
        )
    for reason, n in left_out(study.con, "tagged", as_of=study.as_of).items():
        rows.append(
            {
                "definition": f"tagged, {reason}",
                "meaning": "in none of the above",
                "case_count": None if is_small(n) else n,
            }
        )
        shown.append(
            {"A case with": f"the tag, but {reason}: in none of these", "Cases": few(n)}
        )
    return Table(
        slug="limits-definitions",
        title="Who is on the docket: four ways to say it",
        shown=pl.DataFrame(shown),
        data=pl.DataFrame(rows, infer_schema_length=None),
        note=f"Received by {day(study.as_of)}. The first three lie inside each other.",
    )


def _account(account: pl.DataFrame) -> Table:
    told = account.filter(
        (pl.col("set_aside_count") > 0)
        | (pl.col("cells_aside_count") > 0)
        | pl.col("is_accepted")
        | (pl.col("expected_count") != pl.col("read_count"))
    )
    lines = [*told.iter_rows(named=True), _total(account)]
    shown = pl.DataFrame(
        [
            {
                "Table": line["table_name"],
                "By Count.txt": count(line["expected_count"])
                if line["expected_count"] is not None
                else "not said",
                "Read": count(line["read_count"]),
                "Kept": count(line["kept_count"]),
                "Set aside": count(line["set_aside_count"]),
            }
            for line in lines
        ]
    )
    return Table(
        slug="limits-account",
        title="The account: rows read are rows kept and rows set aside",
        shown=shown,
        data=account,
        note="Tables with nothing set aside are in the total; the file beside it has all of them. "
        "Rows set aside keep their bytes and their reason in the docket.",
    )


def _total(account: pl.DataFrame) -> dict[str, object]:
    known = account["expected_count"].null_count() == 0
    return {
        "table_name": f"all {len(account)} tables",
        "expected_count": int(account["expected_count"].sum()) if known else None,
        "read_count": int(account["read_count"].sum()),
        "kept_count": int(account["kept_count"].sum()),
        "set_aside_count": int(account["set_aside_count"].sum()),
    }


def _reasons(study: Study) -> tuple[Table, ...]:
    """Tell what was mended or set aside, if anything was."""
    reasons = study.docket.reasons()
    if reasons.is_empty():
        return ()
    table = Table(
        slug="limits-reasons",
        title="What was not whole, and what was done with it",
        shown=reasons.select(
            pl.col("table_name").alias("Table"),
            pl.col("what").alias("Rows"),
            pl.col("reason").alias("Reason"),
            pl.col("row_count")
            .map_elements(lambda n: f"{n:,}", return_dtype=pl.String)
            .alias("Count"),
        ),
        data=reasons,
        note="Rows are records of the file, not people; their counts are shown whole.",
    )
    return (table,)


def _identity(study: Study) -> Table:
    docket = study.docket
    facts = {
        "data": docket.label.replace(" DATA", "") or "EOIR case data",
        "release file": docket.release_file,
        "release folder": docket.release_folder,
        "size in bytes": count(docket.release_bytes),
        "SHA-256": docket.release_sha256,
        "released": docket.released.isoformat(),
        "last day observed": docket.as_of.isoformat(),
        "as of": study.as_of.isoformat(),
        "loaded by": f"OpenDocket {docket.version}",
        "measured by": f"OpenDocket {version('opendocket')}",
    }
    data = pl.DataFrame({"what": list(facts), "value": list(facts.values())})
    return Table(
        slug="limits-identity",
        title="Provenance",
        shown=data.rename({"what": "What", "value": "Value"}),
        data=data,
    )
