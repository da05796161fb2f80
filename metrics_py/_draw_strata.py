"""Strata of a survey's frame and how many of each are asked; read the functions through `metrics_py.draw`."""

import polars as pl

from metrics_py._nps_classes import require_columns
from metrics_py.errors import OutOfRangeError, UnusableInputError

BANDED = {"tenure": "tenure_days", "engagement": "active_days_30"}


def with_strata(users: pl.DataFrame, bands: pl.DataFrame) -> pl.DataFrame:
    """Users with their stratum, tenure band and engagement band joined by a bar.

    Args:
        users: columns `tenure_days` and `active_days_30`.
        bands: one row per band: `variable` (tenure or engagement), `band`, `at_least` (the days it starts at).
    Raises: MissingColumnError; OutOfRangeError for a user below the lowest band; UnusableInputError for no bands.

    Examples:
        >>> bands = pl.DataFrame({"variable": ["tenure", "tenure", "engagement"], "band": ["new", "old", "any"],
        ...                       "at_least": [0, 90, 1]})
        >>> users = pl.DataFrame({"tenure_days": [89, 90], "active_days_30": [1, 30]})
        >>> with_strata(users, bands)["stratum"].to_list()
        ['new|any', 'old|any']
    """
    require_columns(users, list(BANDED.values()), "users")
    require_columns(bands, ["variable", "band", "at_least"], "bands")
    for variable, column in BANDED.items():
        steps = bands.filter(pl.col("variable") == variable).sort("at_least")
        if steps.is_empty():
            raise UnusableInputError(f"no band for {variable}; list at least one in the seed survey_strata")
        lowest = steps["at_least"][0]
        below = users.filter((pl.col(column) < lowest) | pl.col(column).is_null())
        if below.height:
            raise OutOfRangeError(
                f"{column} must be {lowest} or more, where the lowest band of {variable} starts; "
                f"found {below[column][0]} in {below.height} rows"
            )
        band: pl.Expr = pl.lit(None, dtype=pl.String)
        for name, start in steps.select("band", "at_least").iter_rows():
            band = pl.when(pl.col(column) >= start).then(pl.lit(name)).otherwise(band)
        users = users.with_columns(band.alias(f"{variable}_band"))
    names = [f"{variable}_band" for variable in BANDED]
    return users.with_columns(pl.concat_str(names, separator="|").alias("stratum")).drop(names)


def allocate(strata: pl.DataFrame, *, total: int) -> pl.DataFrame:
    """Places per stratum in proportion to its weight, by largest remainder and never more than are available.

    Args:
        strata: one row per stratum: `stratum`, `weight`, `available`.
        total: places to give out.
    Returns: `stratum` and `quota`, which sum to `total` or, when that is less, to all that are available.
    Raises: MissingColumnError

    Examples:
        >>> strata = pl.DataFrame({"stratum": ["a", "b", "c"], "weight": [50.0, 30.0, 20.0], "available": [50, 30, 1]})
        >>> allocate(strata, total=11)["quota"].to_list()
        [6, 4, 1]
    """
    require_columns(strata, ["stratum", "weight", "available"], "strata")
    rows = {name: (float(weight), int(room)) for name, weight, room in strata.sort("stratum").iter_rows()}
    total = min(total, sum(room for _, room in rows.values()))
    quotas: dict[str, int] = {}
    # A stratum that cannot fill its share is taken whole, and the rest is shared anew among the others.
    while True:
        free = {name: row for name, row in rows.items() if name not in quotas}
        left, weights = total - sum(quotas.values()), sum(weight for weight, _ in free.values())
        shares = {name: left * weight / weights if weights else 0.0 for name, (weight, _) in free.items()}
        full = {name: rows[name][1] for name, share in shares.items() if share > rows[name][1]}
        if not full:
            break
        quotas |= full
    quotas |= {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (quotas[name] - shares[name], name))
    for name in by_remainder[: total - sum(quotas.values())]:
        quotas[name] += 1
    return pl.DataFrame(sorted(quotas.items()), schema={"stratum": pl.String, "quota": pl.Int64}, orient="row")


def answer_spreads(counts: pl.DataFrame) -> pl.DataFrame:
    """Standard deviation per stratum of answers counted as +1, 0 and -1.

    As in the adjusted Wald interval 3/4 of a promoter, 3/2 of a passive and 3/4 of a detractor are added, so that a
    stratum of like-minded people keeps a place in the next sample.

    Args:
        counts: one row per stratum: `stratum`, `promoter_count`, `passive_count`, `detractor_count`.
    Raises: MissingColumnError

    Examples:
        >>> counts = pl.DataFrame({"stratum": ["a", "b"], "promoter_count": [36, 9], "passive_count": [34, 0],
        ...                        "detractor_count": [30, 0]})
        >>> answer_spreads(counts)["spread"].round(3).to_list()
        [0.807, 0.559]
    """
    require_columns(counts, ["stratum", "promoter_count", "passive_count", "detractor_count"], "counts")
    promoters, detractors = pl.col("promoter_count") + 0.75, pl.col("detractor_count") + 0.75
    n = promoters + detractors + pl.col("passive_count") + 1.5
    variance = (promoters + detractors) / n - ((promoters - detractors) / n) ** 2
    return counts.select("stratum", variance.sqrt().alias("spread"))
