"""The thresholds that a key result is judged by; an organisation moves one in the seed of the same names."""

from dataclasses import dataclass, fields

from metrics_py.errors import OutOfRangeError


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRules:
    """Thresholds of status and confidence, with the values of METRICS.md, Key results, as defaults.

    The last four are other organisations' published rules, shown beside ours: the pace gap as Engagedly publishes it
    (behind by less than 16.5 points of expected progress is on track, by more than 33 is off), and the ratio bands as
    UpRaise does (0.95 and 0.75 of expected progress).

    Raises: OutOfRangeError where a pair of thresholds is in the wrong order.

    Examples:
        >>> StatusRules().on_track_p_hit
        0.7
    """

    stale_after_cadences: float = 1.5
    readable_matured_share: float = 0.5
    fewest_points: int = 4
    launch_wait_days: int = 28
    on_track_p_hit: float = 0.7
    at_risk_p_hit: float = 0.3
    on_track_ratio: float = 0.9
    at_risk_ratio: float = 0.7
    high_confidence_points: int = 8
    high_confidence_matured_share: float = 0.8
    high_confidence_half_width: float = 0.25
    gap_on_track: float = 0.165
    gap_at_risk: float = 0.33
    band_on_track: float = 0.95
    band_at_risk: float = 0.75

    def __post_init__(self) -> None:
        pairs = [
            ("at_risk_p_hit", "on_track_p_hit"),
            ("at_risk_ratio", "on_track_ratio"),
            ("gap_on_track", "gap_at_risk"),
            ("band_at_risk", "band_on_track"),
        ]
        for lower, higher in pairs:
            if not 0 <= getattr(self, lower) <= getattr(self, higher):
                raise OutOfRangeError(
                    f"{lower} must be 0 or more and at most {higher}; "
                    f"found {getattr(self, lower)} and {getattr(self, higher)}"
                )


DEFAULT_RULES = StatusRules()
THRESHOLDS = tuple(field.name for field in fields(StatusRules))
