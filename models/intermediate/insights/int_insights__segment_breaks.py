"""One row per company or squad and segment: the break that metrics_py.bottleneck finds in its weekly medians."""

from metrics_py.bottleneck import segment_breaks


def model(dbt, session):
    dbt.config(materialized="table")
    settings = dbt.ref("circt_settings").pl().row(0, named=True)
    return segment_breaks(
        dbt.ref("int_insights__segment_weeks").pl(),
        block_weeks=settings["block_weeks"],
        permutations=settings["permutations"],
        confidence=float(settings["confidence"]),
    )
