"""Product metrics with their evidence: rolling percentiles, intervals, survival and survey weights.

Importing this package imports polars and nothing else; each function pulls in what it needs when it is first used.
"""

from importlib import import_module
from typing import Any

_HOME_OF = {
    "clopper_pearson_interval": "interval",
    "jeffreys_interval": "interval",
    "mean_interval": "interval",
    "wilson_interval": "interval",
    "rolling_percentile": "percentile",
    "km_quantile": "survival",
    "km_share_by": "survival",
    "aj_share_by": "survival",
    "rolling_aj_share_by": "survival",
    "rolling_km_quantile": "survival",
    "rolling_km_share_by": "survival",
    "nps_stratified": "nps",
    "nps_post_stratified": "nps",
    "nps_raked": "nps",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(f"metrics_py.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'metrics_py' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
