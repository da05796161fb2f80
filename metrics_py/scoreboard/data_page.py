"""The page on the data themselves: how fresh they are, what could not be read, what was left out, what was broken."""

from collections.abc import Mapping, Sequence
from typing import Any

from metrics_py.scoreboard import address, listings, number, words
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Block, Cell, Facts, Link, Links, Note, Page, Section, Table
from metrics_py.scoreboard.tile import Mark
from metrics_py.scoreboard.violations import broken_rules

SUBJECTS = {
    "feature": "Features",
    "insight": "Insights",
    "launch": "Launches",
    "note": "Feedback notes",
    "tag": "Tags",
}
EXTRACTS = "extract_freshness"
_EXTRACT_COLUMNS = [
    *("source", "table_name", "newest_at", "age_days", "max_age_days", "is_stale", "is_full", "extract_count"),
    *("newest_row_count", "row_count", "quarantined_count"),
]


def data_page(material: Material, *, links: Sequence[Link]) -> Page:
    """How far the numbers can be trusted."""
    run = material.snapshot.manifest["run"]
    return Page(
        address=address.DATA_PAGE,
        kind="Data",
        title="Data quality and freshness",
        trail=[Link("Board", address.COMPANY_PAGE)],
        heading="Can these numbers be trusted?",
        lead=_lead(run),
        sections=[
            Section("freshness", "Freshness", _freshness(material)),
            Section("quarantine", "Records that could not be read", [_quarantine(run["quarantined"])]),
            Section("checks", "Checks", _checks(run["failed_tests"], links)),
            Section("left-out", "Left out, and why", _left_out(material)),
            Section("gates", "Passed at the first attempt", [_gates(material)]),
            Section("rules", "Rules of the process", [_rules(material)]),
            Section("violations", "Newest violations", [listings.violations_table(material, material.violations)]),
            Section("tables", "Every published table", [_tables(material)]),
        ],
    )


def _lead(run: dict[str, object]) -> str:
    quarantined, failed = run["quarantined"], run["failed_tests"]
    if not isinstance(quarantined, list):
        return "Nobody knows how many records could not be read."
    rows = sum(int(entry["rows"]) for entry in quarantined)
    told = "Every record could be read" if not rows else f"{number.count_text(rows, 'record')} could not be read"
    if not isinstance(failed, list):
        return f"{told}; it is not known whether the data tests passed."
    return f"{told}; " + (
        "all data tests passed." if not failed else f"{number.count_text(len(failed), 'test')} failed."
    )


def _freshness(material: Material) -> list[Block]:
    today = material.as_of.date()
    rows = []
    for verdict in material.verdicts_of.get(("company", None, None), []):
        card = material.cards[verdict.metric_id]
        rows.append(
            [
                Cell(verdict.metric_id.upper(), address.metric_page(verdict.metric_id)),
                Cell(words.period_text(verdict.period_kind, verdict.period_start, verdict.period_end)),
                Cell(words.day_text(min(verdict.period_end, today))),
                Cell(number.count_text(card.max_age_days, "day")),
                Cell(words.STATUS_WORDS[verdict.status], mark=Mark(verdict.status)),
            ]
        )
    columns = ["Measure", "Newest period", "Known until", "Stale after", "Verdict"]
    measures = Table("Newest period of each measure", columns, rows, frozenset({3}))
    facts = [("Data as of", Cell(words.instant_text(material.as_of)))]
    if not material.snapshot.has(EXTRACTS):
        return [Facts(facts), measures]
    extracts = material.snapshot.read(EXTRACTS, _EXTRACT_COLUMNS).to_dicts()
    stale = sum(row["is_stale"] for row in extracts)
    told = f"{stale:,} of {number.count_text(len(extracts), 'table')} older than the source promises"
    facts.append(("Raw tables", Cell(told, mark=Mark("stale" if stale else "winning"))))
    return [Facts(facts), measures, _extracts(extracts)]


def _extracts(extracts: Sequence[Mapping[str, Any]]) -> Table:
    """The newest extract of each raw table, the stale ones first."""
    rows = [
        [
            Cell(f"{row['source']}.{row['table_name']}"),
            Cell("Stale" if row["is_stale"] else "Fresh", mark=Mark("stale" if row["is_stale"] else "winning")),
            Cell(f"{words.day_text(row['newest_at'])}, {row['newest_at']:%H:%M} UTC"),
            Cell(f"{row['age_days']:,}", note=_allowed(row)),
            Cell(f"{row['newest_row_count']:,}"),
            Cell(f"{row['row_count']:,}", note=f"in {number.count_text(row['extract_count'], 'extract')}"),
            Cell(f"{row['quarantined_count']:,}"),
        ]
        for row in sorted(extracts, key=lambda row: (not row["is_stale"], row["source"], row["table_name"]))
    ]
    columns = ["Raw table", "State", "Newest extract", "Days old", "Records in it", "Records in all", "Quarantined"]
    return Table("Newest extract of each raw table", columns, rows, frozenset({3, 4, 5, 6}))


def _allowed(row: Mapping[str, Any]) -> str | None:
    if row["max_age_days"] is None:
        return None
    return (
        f"may be {row['max_age_days']:,}"
        if row["is_full"]
        else f"changes only; its source may be {row['max_age_days']:,}"
    )


def _quarantine(listed: Sequence[dict[str, object]] | None) -> Block:
    if listed is None:
        return Note("Nobody knows how many records could not be read.", Mark("no_data"))
    rows = [
        [Cell(f"{entry['source']}.{entry['table']}"), Cell(f"{int(str(entry['rows'])):,}")]
        for entry in sorted(listed, key=lambda entry: (-int(str(entry["rows"])), str(entry["source"])))
    ]
    return Table(
        "Records in quarantine", ["Table", "Records"], rows, frozenset({1}), empty="Every record could be read."
    )


def _checks(failed: Sequence[dict[str, object]] | None, links: Sequence[Link]) -> list[Block]:
    blocks: list[Block] = []
    if failed is None:
        blocks.append(Note("It is not known whether the data tests passed.", Mark("no_data")))
    elif not failed:
        blocks.append(Note("All data tests passed.", Mark("winning")))
    else:
        rows = [
            [Cell(str(entry["test"])), Cell(str(entry["severity"])), Cell(f"{int(str(entry['rows'])):,}")]
            for entry in failed
        ]
        blocks.append(Table("Failed data tests", ["Test", "Severity", "Rows"], rows, frozenset({2})))
    return [*blocks, Links("More checks", links)] if links else blocks


def _left_out(material: Material) -> list[Block]:
    frame = material.snapshot.read("insight_exclusions", ["subject", "reason", "left_out_count"])
    insights = [
        [
            Cell(SUBJECTS.get(subject, listings.plain(subject).capitalize())),
            Cell(listings.plain(reason)),
            Cell(f"{count:,}"),
        ]
        for subject, reason, count in frame.sort(
            "subject", "left_out_count", "reason", descending=[False, True, False]
        ).iter_rows()
    ]
    answers = material.snapshot.read("fct_survey_responses", ["exclusion_reason"]).drop_nulls()
    counted = answers["exclusion_reason"].value_counts().sort("count", "exclusion_reason", descending=[True, False])
    surveys = [
        [Cell("Survey answers"), Cell(listings.plain(reason)), Cell(f"{count:,}")]
        for reason, count in counted.iter_rows()
    ]
    reasons = [feature.ddqs_reason for feature in material.features if feature.ddqs_reason and feature.shipped_on]
    scores = [
        [Cell("Shipped features without a score"), Cell(listings.plain(reason)), Cell(f"{reasons.count(reason):,}")]
        for reason in sorted(set(reasons))
    ]
    columns = ["What", "Why", "How many"]
    return [Table("Left out of a measure", columns, [*insights, *surveys, *scores], frozenset({2}))]


def _gates(material: Material) -> Block:
    columns = ["stage", "stage_position", "first_pass_count", "reviewed_count", "first_pass_rate"]
    frame = material.snapshot.read("first_pass_by_gate", columns).sort("stage_position")
    rows = [
        [
            Cell(listings.plain(stage).capitalize()),
            Cell("no review" if rate is None else number.value_text(rate, "share")),
            Cell(f"{passed:,} of {reviewed:,}"),
        ]
        for stage, _, passed, reviewed, rate in frame.iter_rows()
    ]
    return Table("Gates passed at the first attempt", ["Gate", "Share", "Features"], rows, frozenset({1, 2}))


def _rules(material: Material) -> Block:
    rows = [
        [
            Cell(rule.sentence, note=rule.what_to_do),
            Cell("must hold" if rule.severity == "error" else "warning"),
            Cell(f"{rule.count:,}"),
            Cell(rule.latest),
        ]
        for rule in broken_rules(material.violations)
    ]
    return Table("Rules that were broken", ["Rule", "Severity", "Times", "Latest"], rows, frozenset({2}), empty="None.")


def _tables(material: Material) -> Block:
    tables = material.snapshot.manifest["tables"]
    rows = [[Cell(name), Cell(f"{tables[name]['rows']:,}")] for name in sorted(tables)]
    return Table("Published tables", ["Table", "Rows"], rows, frozenset({1}))
