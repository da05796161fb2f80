"""What only one metric has: its distribution, its parts and its diagnosis."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.listings import ageing_table
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Cell, Drawing, Facts, Section, Table
from metrics_py.scoreboard.segments import SEGMENT_WORDS, bottleneck_blocks
from metrics_py.scoreboard.stack import Stack
from metrics_py.scoreboard.tile import Series

GOOD, BAD, PLAIN, PALE = "var(--winning)", "var(--losing)", "var(--part)", "var(--pale)"
_COMPANY = pl.col("org_level") == "company"
_BIN_DAYS = 5
_LAST_BIN = 90


def detail_sections(material: Material, drawer: Drawer, metric_id: str) -> Sequence[Section]:
    """The sections of one metric; none for a metric that has nothing of its own."""
    makers: Mapping[str, Callable[[Material, Drawer], Sequence[Section]]] = {
        "arr": _arr,
        "nps": _nps,
        "ddqs": _ddqs,
        "ploar": _ploar,
        "circt": _circt,
    }
    maker = makers.get(metric_id)
    return maker(material, drawer) if maker else []


def _ddqs(material: Material, drawer: Drawer) -> Sequence[Section]:
    columns = ["quarter_start", "quarter_end", "shipped_count", "scored_count", "at_target_count", "mean_confidence"]
    columns += ["mean_interviews", "few_interviews_count", "ipf_failed_count", "mean_discover_days", "mean_define_days"]
    rows = _records(material, "ddqs_by_quarter", columns, "quarter_start")
    quarters = Stack(
        "Features by quarter",
        [_quarter(row) for row in rows],
        [
            ("at or above target", GOOD, [row["at_target_count"] for row in rows]),
            ("below target", BAD, [row["scored_count"] - row["at_target_count"] for row in rows]),
            ("without a score", PALE, [row["shipped_count"] - row["scored_count"] for row in rows]),
        ],
    )
    scores = [feature.ddqs for feature in material.features if feature.ddqs is not None]
    counts = {score: sum(score <= value < score + 1 for value in scores) for score in _whole(scores)}
    spread = Stack("Scores", [str(score) for score in counts], [("features", PLAIN, list(counts.values()))])
    diagnosis = _table(
        "What the score is made of, by quarter",
        {
            "Quarter": _quarter,
            "Mean confidence": lambda row: _number(row["mean_confidence"]),
            "Mean interviews": lambda row: _number(row["mean_interviews"]),
            "Under five interviews": lambda row: _count(row["few_interviews_count"]),
            "IPF failures": lambda row: _count(row["ipf_failed_count"]),
            "Days in Discover": lambda row: _number(row["mean_discover_days"]),
            "Days in Define": lambda row: _number(row["mean_define_days"]),
        },
        rows[::-1],
    )
    return [
        Section(
            "distribution",
            "Feature by feature",
            [
                _stack(drawer, "Scores of all shipped features", "Each column is a whole score and up.", spread),
                _stack(drawer, "Shipped features by quarter", "", quarters),
            ],
        ),
        Section("diagnosis", "Which part is short", [diagnosis]),
    ]


def _ploar(material: Material, drawer: Drawer) -> Sequence[Section]:
    stages = ("discover", "define", "develop", "deliver", "enablement", "undiagnosed")
    columns = ["quarter_start", "quarter_end", "shipped_count", "matured_count", "hit_count", "pending_count"]
    columns += ["lower_bound", "upper_bound", "final_after_grace_on", *(f"miss_{stage}_count" for stage in stages)]
    rows = _records(material, "ploar_by_quarter", columns, "quarter_start")
    outcomes = Stack(
        "Outcomes by quarter of ship",
        [_quarter(row) for row in rows],
        [
            ("hit", GOOD, [row["hit_count"] for row in rows]),
            ("missed", BAD, [row["matured_count"] - row["hit_count"] for row in rows]),
            ("pending", PALE, [row["pending_count"] for row in rows]),
        ],
    )
    bounds = _table(
        "How far each quarter can still move",
        {
            "Quarter": _quarter,
            "Shipped": lambda row: _count(row["shipped_count"]),
            "Hits of matured": lambda row: f"{row['hit_count']:,} of {row['matured_count']:,}",
            "Pending": lambda row: _count(row["pending_count"]),
            "Can end between": lambda row: _range(row["lower_bound"], row["upper_bound"]),
            "Final on": lambda row: _day(row["final_after_grace_on"]),
        },
        rows[::-1],
    )
    misses = _table(
        "Misses by the stage that caused them",
        {"Quarter": _quarter} | {stage.capitalize(): partial(_counted, f"miss_{stage}_count") for stage in stages},
        rows[::-1],
    )
    return [
        Section(
            "distribution", "Launch by launch", [_stack(drawer, "Outcomes by quarter of ship", "", outcomes), bounds]
        ),
        Section("diagnosis", "Where the misses come from", [misses]),
    ]


def _circt(material: Material, drawer: Drawer) -> Sequence[Section]:
    segments = list(SEGMENT_WORDS)
    columns = [
        "day",
        "launched_count",
        "p90_launched",
        "p90_with_open",
        "p90_with_open_ci_low",
        "p90_with_open_ci_high",
    ]
    columns += ["under_watch_count", "share_within_45", "within_count", "started_count", "open_count", "overdue_count"]
    columns += ["share_within_45_at_worst", "share_within_45_at_best", *(f"p90_{segment}_days" for segment in segments)]
    rows = _records(material, "circt_by_day", columns, "day")
    if not rows:
        return []
    today = rows[-1]
    window = material.snapshot.read(
        "fct_insights",
        ["cycle_days"],
        where=(pl.col("state") == "resolved")
        & pl.col("resolved_on").is_between(rows[max(-90, -len(rows))]["day"], today["day"]),
    )
    days = window["cycle_days"].drop_nulls().to_list()
    starts = range(0, _LAST_BIN + _BIN_DAYS, _BIN_DAYS)
    held = [
        sum(start <= day < start + _BIN_DAYS or (start == _LAST_BIN and day > start) for day in days)
        for start in starts
    ]
    names = [f"{start}+" if start == _LAST_BIN else str(start) for start in starts]
    target = next((v.target for v in material.verdicts if v.metric_id == "circt" and v.target is not None), None)
    is_long = [target is not None and start >= target for start in starts]
    spread = Stack(
        "Days to resolution",
        names,
        [
            ("in time", GOOD, [0 if late else count for late, count in zip(is_long, held, strict=True)]),
            ("late", BAD, [count if late else 0 for late, count in zip(is_long, held, strict=True)]),
        ],
    )
    lines = [
        Series(
            SEGMENT_WORDS[segment],
            "days",
            "at most",
            [row["day"] for row in rows],
            [row[f"p90_{segment}_days"] for row in rows],
            [None] * len(rows),
        )
        for segment in segments
    ]
    table = _table(
        "90th percentile of each segment, newest day first",
        {"Day": lambda row: words.day_text(row["day"])}
        | {SEGMENT_WORDS[segment].split(",")[0]: partial(_numbered, f"p90_{segment}_days") for segment in segments},
        rows[: -ROWS_SHOWN - 1 : -1],
    )
    company = [row for row in material.bottlenecks if row.org_level == "company"]
    return [
        Section("both", "Three ways to say how long it takes", [Facts(_three_readings(today))]),
        Section(
            "distribution",
            "Pain by pain",
            [
                _stack(
                    drawer,
                    "Days from insight to launch, launches of the last 90 days",
                    "Each column is five days.",
                    spread,
                ),
                Drawing(
                    "Where the days go: 90th percentile of each segment",
                    "",
                    drawer.at_both_widths("trend", lines, status="no_data", heights=(80, 80)),
                    table,
                ),
            ],
        ),
        Section("bottleneck", "Which segment grew", bottleneck_blocks(company)),
        Section("ageing", "Pains still open", [ageing_table(material, material.ageing)]),
    ]


def _three_readings(today: Mapping[str, Any]) -> list[tuple[str, Cell]]:
    p90, share, with_open = today["p90_launched"], today["share_within_45"], today["p90_with_open"]
    low, high = today["p90_with_open_ci_low"], today["p90_with_open_ci_high"]
    interval = None if low is None or high is None else f"95% interval {number.range_text(low, high, 'days')}"
    return [
        (
            "Of those launched, nine in ten took at most",
            Cell(
                "no launch in the window" if p90 is None else number.value_text(p90, "days"),
                note=f"n {today['launched_count']:,}; says nothing of those still open",
            ),
        ),
        (
            "Of all that are old enough, resolved within 45 days",
            Cell(
                "none is old enough" if share is None else number.value_text(share, "share"),
                note=f"{today['within_count']:,} of {today['started_count']:,}",
            ),
        ),
        (
            "With the open ones counted in, nine in ten take at most",
            Cell(
                "not reached: more than one in ten is still open"
                if with_open is None
                else number.value_text(with_open, "days"),
                note=interval or f"{today['under_watch_count']:,} under watch",
            ),
        ),
        ("Open now", Cell(f"{today['open_count']:,}", "#ageing", note=f"{today['overdue_count']:,} past 45 days")),
    ]


def _nps(material: Material, drawer: Drawer) -> Sequence[Section]:
    columns = ["wave_id", "period_start", "promoter_count", "passive_count", "detractor_count", "scored_count"]
    columns += ["response_rate", "representativeness", "n_effective", "change", "change_ci_low", "change_ci_high"]
    columns += ["answers_needed", "covered_share", "nps", "unweighted_nps", "raked_nps"]
    rows = _records(material, "nps_by_wave", columns, "period_start", where=None)
    if not rows:
        return []
    answers = Stack(
        "Answers by wave",
        [row["wave_id"] for row in rows],
        [
            ("promoters", GOOD, [row["promoter_count"] for row in rows]),
            ("passives", PALE, [row["passive_count"] for row in rows]),
            ("detractors", BAD, [row["detractor_count"] for row in rows]),
        ],
    )
    waves = _table(
        "Waves, newest first",
        {
            "Wave": lambda row: row["wave_id"],
            "Post-stratified": lambda row: _signed(row["nps"]),
            "Unweighted": lambda row: _signed(row["unweighted_nps"]),
            "Raked": lambda row: _signed(row["raked_nps"]),
            "Change": lambda row: _change(row),
            "Answers": lambda row: _count(row["scored_count"]),
            "Response rate": lambda row: _share(row["response_rate"]),
            "Answers needed": lambda row: _count(row["answers_needed"]),
        },
        rows[::-1],
    )
    newest = rows[-1]["wave_id"]
    names = ["wave_id", "stratum", "frame_share", "respondent_share", "scored_count", "is_suppressed", "nps"]
    names += ["ci_low", "ci_high", "weight"]
    strata = _records(material, "nps_by_stratum", names, "stratum", where=pl.col("wave_id") == newest)
    by_stratum = _table(
        f"Strata of wave {newest}",
        {
            "Stratum": lambda row: row["stratum"].replace("|", ", "),
            "NPS": lambda row: "too few to show" if row["is_suppressed"] else _signed(row["nps"]),
            "95% interval": lambda row: (
                "" if row["ci_low"] is None else number.range_text(row["ci_low"], row["ci_high"], "nps")
            ),
            "Answers": lambda row: _count(row["scored_count"]),
            "Of users": lambda row: _share(row["frame_share"]),
            "Of answers": lambda row: _share(row["respondent_share"]),
            "Weight": lambda row: "" if row["weight"] is None else f"{row['weight']:.2f}",
        },
        strata,
    )
    return [
        Section("distribution", "Answer by answer", [_stack(drawer, "Answers by wave", "", answers), waves]),
        Section("segments", "Who says what", [by_stratum]),
    ]


def _arr(material: Material, drawer: Drawer) -> Sequence[Section]:
    kinds = {"new": GOOD, "expansion": "var(--part)", "reactivation": PALE, "contraction": "var(--stale)", "churn": BAD}
    columns = ["month_start", "is_open", "arr", "opening_arr", "account_count", "gross_retention_rate"]
    columns += ["net_retention_rate", *(f"{kind}_arr" for kind in kinds)]
    rows = _records(material, "arr_by_month", columns, "month_start", where=pl.col("is_covered"))
    moved = [row for row in rows if row["opening_arr"] is not None]
    movements = Stack(
        "Movements by month",
        [f"{row['month_start']:%b %y}" for row in moved],
        [(kind, colour, [float(row[f"{kind}_arr"] or 0) for row in moved]) for kind, colour in kinds.items()],
        unit="usd",
    )
    months = _table(
        "Months, newest first; the movements sum exactly to the change",
        {
            "Month": lambda row: f"{row['month_start']:%B %Y}" + (", still open" if row["is_open"] else ""),
            "ARR": lambda row: _dollars(row["arr"]),
            **{kind.capitalize(): partial(_amount, f"{kind}_arr") for kind in kinds},
            "Gross retention": lambda row: _share(row["gross_retention_rate"]),
            "Net retention": lambda row: _share(row["net_retention_rate"]),
            "Accounts": lambda row: _count(row["account_count"]),
        },
        rows[::-1][:ROWS_SHOWN],
    )
    return [Section("distribution", "What moved it", [_stack(drawer, "Movements by month", "", movements), months])]


def _records(
    material: Material, table: str, columns: Sequence[str], order: str, where: pl.Expr | None = _COMPANY
) -> list[dict[str, Any]]:
    frame = material.snapshot.read(table, columns, where=where)
    return frame.sort(order, maintain_order=True).to_dicts()


def _stack(drawer: Drawer, title: str, note: str, drawn: Stack) -> Drawing:
    rows = [
        [Cell(column), *(Cell(number.value_text(sizes[at], drawn.unit)) for _, _, sizes in drawn.parts)]
        for at, column in enumerate(drawn.columns)
    ]
    columns = ["", *(name.capitalize() for name, _, _ in drawn.parts)]
    table = Table(title, columns, rows, frozenset(range(1, len(columns))))
    return Drawing(title, note, drawer.at_both_widths("stack", drawn) if rows else [], table)


def _table(
    caption: str, columns: Mapping[str, Callable[[dict[str, Any]], str]], rows: Sequence[dict[str, Any]]
) -> Table:
    cells = [[Cell(text(row)) for text in columns.values()] for row in rows]
    return Table(caption, list(columns), cells, frozenset(range(1, len(columns))))


def _whole(scores: Sequence[float]) -> range:
    return range(int(min(scores)), int(max(scores)) + 1) if scores else range(0)


def _quarter(row: Mapping[str, Any]) -> str:
    return words.period_text("quarter", row["quarter_start"], row["quarter_end"])


def _day(day: Any) -> str:
    return "" if day is None else words.day_text(day)


def _number(value: float | None) -> str:
    return "" if value is None else number.value_text(value, "score")


def _signed(value: float | None) -> str:
    return "no value" if value is None else number.value_text(value, "nps")


def _share(value: float | None) -> str:
    return "" if value is None else number.value_text(value, "share")


def _count(value: float | None) -> str:
    return "" if value is None else number.value_text(value, "count")


def _counted(column: str, row: Mapping[str, Any]) -> str:
    return _count(row[column])


def _numbered(column: str, row: Mapping[str, Any]) -> str:
    return _number(row[column])


def _amount(column: str, row: Mapping[str, Any]) -> str:
    return _dollars(row[column])


def _dollars(value: Any) -> str:
    return "" if value is None else number.value_text(float(value), "usd")


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else number.range_text(low, high, "share")


def _change(row: Mapping[str, Any]) -> str:
    if row["change"] is None:
        return ""
    change = number.value_text(row["change"], "nps")
    return f"{change} ({number.range_text(row['change_ci_low'], row['change_ci_high'], 'nps')})"
