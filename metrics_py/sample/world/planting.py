"""Which features break which rule on purpose."""

from datetime import date, timedelta

from metrics_py.sample.calendar import AS_OF_ON
from metrics_py.sample.organisation import SQUADS, stream
from metrics_py.sample.world.lifecycle import Feature
from metrics_py.sample.world.process import WEAK_PEOPLE

KINDS = (
    "stage_skipped",
    "define_before_discover",
    "brief_linked_after_define",
    "ipf_never_passed",
    "confidence_off_scale",
    "confidence_missing",
    "kpis_defined_after_define",
    "no_kpi",
    "no_guardrail",
    "discover_over_time_box",
    "instrumentation_late",
    "instrumentation_missing",
    "outcome_review_missing",
    "outcome_review_early",
    "target_changed_without_reason",
    "no_deliver_pass",
    "develop_pass_backdated",
)
"""Each is broken by one feature of every unit of scale; too few interviews by most features of three people."""


def plant(seed: int, chunk: int, features: list[Feature], *, clean: bool) -> dict[str, str]:
    """The rule each culprit breaks, by feature; empty for a clean company."""
    if clean:
        return {}
    random = stream(seed, chunk, "planting")
    planted: dict[str, str] = {}
    open_to_all: list[Feature] = []
    for feature in features:
        launch = feature.plan.launch
        seat = None if feature.is_subfeature else feature.squad.people.index(feature.owners[0].person)
        if seat is not None and (feature.squad.place, seat) in WEAK_PEOPLE and feature.fate == "shipped":
            if random.random() < 0.75:
                planted[feature.feature_id] = "too_few_interviews"
        elif (
            feature.fate == "shipped"
            and feature.has_log
            and feature.has_release
            and feature.quirk == "none"
            and launch is not None
            and date(2024, 8, 15) <= launch <= AS_OF_ON - timedelta(days=45)
        ):
            open_to_all.append(feature)
    order = random.permutation(len(open_to_all))
    units = len({feature.squad.squad_id for feature in features}) // len(SQUADS)
    for kind, index in zip(KINDS * units, order, strict=False):
        planted[open_to_all[index].feature_id] = kind
    return planted
