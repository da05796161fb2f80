"""Gate reviews, Discovery Briefs and interviews of each feature."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from metrics_py.sample.calendar import AS_OF, EXTRACTS, local_date
from metrics_py.sample.organisation import stream
from metrics_py.sample.world.lifecycle import Feature, moment

METHODS = ("brief_interview", "interviews_property", "body_links", "interview_override")
WEAK_PEOPLE = {(2, 1), (3, 0), (3, 2)}
"""Product managers who talk to few customers, by squad place and seat."""


@dataclass(frozen=True)
class Review:
    """A gate decision as first recorded, and the confidence somebody wrote over it later."""

    review_id: str
    gate: str
    outcome: str
    decided_at: datetime
    recorded_at: datetime
    confidence: float | None = None
    edited_at: datetime | None = None
    edited_confidence: float | None = None


@dataclass(frozen=True)
class Interview:
    """An interview note and its link in the brief; `people` are (person, is external), none when nobody was noted."""

    page_id: str
    customer_id: str
    held_at: datetime
    linked_at: datetime
    people: tuple[tuple[str, bool], ...]


@dataclass
class Process:
    """What was decided about one feature and on which evidence."""

    feature: Feature
    brief_id: str | None = None
    brief_created_at: datetime | None = None
    brief_linked_at: datetime | None = None
    method: str = "brief_interview"
    reviews: list[Review] = field(default_factory=list)
    ipf_reviews: list[Review] = field(default_factory=list)
    interviews: list[Interview] = field(default_factory=list)
    override: tuple[int, datetime] | None = None
    body_versions: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)
    """Versions of the brief's body: when saved, and the interview pages it links."""
    planted: str = "none"
    """Which rule was broken on purpose, `none` for most."""
    is_settled: bool = False
    """True where nobody adds or changes anything after a decision."""


def draw_processes(
    seed: int, chunk: int, features: list[Feature], planted: dict[str, str], *, clean: bool
) -> list[Process]:
    """The process of every feature that is not part of another; `planted` names the rule each culprit breaks.

    In a clean company nothing is written over and nothing linked after a decision.
    """
    random = stream(seed, chunk, "process")
    counter = _Ids(chunk)
    return [
        _process(random, feature, counter, planted.get(feature.feature_id, "none"), clean=clean)
        for feature in features
        if not feature.is_subfeature
    ]


class _Ids:
    """Running numbers of reviews and pages; page ids are ten digits, as Confluence's are."""

    def __init__(self, chunk: int) -> None:
        self.reviews = chunk * 1_000_000
        self.pages = 1_000_000_000 + chunk * 10_000_000

    def review(self) -> str:
        self.reviews += 1
        return f"r{self.reviews:08d}"

    def page(self) -> str:
        self.pages += 1
        return str(self.pages)


def _process(random: np.random.Generator, feature: Feature, ids: _Ids, planted: str, *, clean: bool) -> Process:
    process = Process(feature, planted=planted, is_settled=clean)
    plan = feature.plan
    if plan.discover is None:
        return process
    process.method = METHODS[int(np.searchsorted([0.55, 0.75, 0.9], random.random(), side="right"))]
    process.brief_id = ids.page()
    process.brief_created_at = moment(random, plan.idea + timedelta(days=1))
    process.brief_linked_at = process.brief_created_at + timedelta(hours=1)
    if planted == "brief_linked_after_define" and plan.define and plan.develop:
        process.brief_linked_at = moment(random, plan.define + timedelta(days=1))
    _ipf(random, process, ids)
    _gates(random, process, ids)
    if plan.develop is not None:
        _interviews(random, process, ids)
    return process


def _ipf(random: np.random.Generator, process: Process, ids: _Ids) -> None:
    plan = process.feature.plan
    if plan.discover is None or process.planted == "ipf_never_passed":
        return
    passed = moment(random, plan.discover + timedelta(days=1), 8, 11)
    if random.random() < 0.15:
        failed = passed - timedelta(days=1, minutes=30)
        process.ipf_reviews.append(Review(ids.review(), "ipf", "fail", failed, failed))
    process.ipf_reviews.append(Review(ids.review(), "ipf", "pass", passed, passed))


def _gates(random: np.random.Generator, process: Process, ids: _Ids) -> None:
    feature, plan, planted = process.feature, process.feature.plan, process.planted
    days = {"discover": plan.discover, "define": plan.define, "develop": plan.develop, "deliver": plan.deliver}
    if planted == "discover_over_time_box" and plan.discover:
        days["discover"] = plan.idea + timedelta(days=17)
    if planted == "define_before_discover" and plan.discover and plan.define:
        days["discover"] = plan.define + timedelta(days=2)
    if planted == "stage_skipped":
        days.pop("define")
    if planted == "no_deliver_pass":
        days.pop("deliver")
    confidence = _confidence(random, process)
    for gate, day in days.items():
        if day is None:
            continue
        decided = moment(random, day, 9, 12)
        if random.random() < 0.1 and not plan.fast and gate != "discover":
            failed = decided - timedelta(days=3, minutes=int(random.integers(5, 50)))
            score = confidence if gate == "develop" else None
            process.reviews.append(Review(ids.review(), gate, "fail", failed, failed + timedelta(hours=2), score))
        recorded = decided + timedelta(minutes=int(random.integers(10, 1_200)))
        if gate != "develop":
            process.reviews.append(Review(ids.review(), gate, "pass", decided, recorded))
            continue
        if random.random() < 0.12 and plan.define and (day - plan.define).days >= 12:
            _re_enter(process, ids, decided, confidence)
        _develop_pass(random, process, ids, decided, recorded, confidence)
    closes = feature.fate == "shipped" and feature.quirk == "none" and planted != "no_deliver_pass"
    if plan.launch is not None and closes and random.random() < 0.5:
        closed = moment(random, plan.launch + timedelta(days=108))
        process.reviews.append(Review(ids.review(), "measure_learn", "pass", closed, closed + timedelta(hours=1)))


def _confidence(random: np.random.Generator, process: Process) -> float | None:
    if process.planted == "confidence_off_scale":
        return 8.0
    if process.planted == "confidence_missing":
        return None
    seat = (process.feature.squad.place, process.feature.squad.people.index(process.feature.owners[0].person))
    choices = [1.0, 2.0, 3.0] if seat in WEAK_PEOPLE else [2.0, 3.0, 3.0, 4.0]
    return choices[int(random.integers(len(choices)))]


def _re_enter(process: Process, ids: _Ids, decided: datetime, confidence: float | None) -> None:
    """A feature sent back to Define after a Develop pass: both are passed again before the final Develop pass."""
    first_develop = decided - timedelta(days=7)
    second_define = decided - timedelta(days=3)
    lower = None if confidence is None else max(1.0, confidence - 1)
    process.reviews += [
        Review(ids.review(), "develop", "pass", first_develop, first_develop + timedelta(hours=1), lower),
        Review(ids.review(), "define", "pass", second_define, second_define + timedelta(hours=1)),
    ]


def _develop_pass(
    random: np.random.Generator,
    process: Process,
    ids: _Ids,
    decided: datetime,
    recorded: datetime,
    confidence: float | None,
) -> None:
    shipped = process.feature.shipped_at
    if process.planted == "develop_pass_backdated" and shipped is not None:
        recorded = moment(random, local_date(shipped) + timedelta(days=4))
    edited_at = edited = None
    if confidence in (2.0, 3.0) and random.random() < 0.08 and not process.is_settled:
        edited_at, edited = recorded + timedelta(days=20), confidence + 1 if confidence else None
    review = Review(ids.review(), "develop", "pass", decided, recorded, confidence, edited_at, edited)
    process.reviews.append(review)


def _interviews(random: np.random.Generator, process: Process, ids: _Ids) -> None:
    assert process.brief_created_at is not None
    decided = max(r.decided_at for r in process.reviews if r.gate == "develop" and r.outcome == "pass")
    wanted = int(random.integers(5, 8))
    if process.planted == "too_few_interviews":
        wanted = int(random.integers(1, 4))
    if process.method == "interview_override":
        process.override = (wanted, decided - timedelta(days=1, hours=int(random.integers(1, 9))))
        return
    last_link = decided - timedelta(hours=3)
    first_link = process.brief_created_at + timedelta(hours=2)
    for number in range(wanted):
        process.interviews.append(_interview(random, ids, first_link, last_link, external=True, number=number))
    if random.random() < 0.35:
        process.interviews.append(_interview(random, ids, first_link, last_link, external=False, number=90))
    if random.random() < 0.3:
        nobody = _interview(random, ids, first_link, last_link, external=True, number=91)
        process.interviews.append(Interview(nobody.page_id, nobody.customer_id, nobody.held_at, nobody.linked_at, ()))
    if random.random() < 0.4 and not process.is_settled:
        late = decided + timedelta(days=9)
        process.interviews.append(_interview(random, ids, late, late + timedelta(days=2), external=True, number=92))
    if process.planted == "too_few_interviews" and process.method == "brief_interview":
        # Linked in time but held only after the decision: it does not count.
        early = _interview(random, ids, first_link, last_link, external=True, number=93)
        held = decided + timedelta(days=2)
        process.interviews.append(Interview(early.page_id, early.customer_id, held, early.linked_at, early.people))
    if process.method == "body_links":
        _body(process, decided)


def _interview(
    random: np.random.Generator, ids: _Ids, first: datetime, last: datetime, *, external: bool, number: int
) -> Interview:
    linked = first + timedelta(seconds=int(random.integers(0, max(60, int((last - first).total_seconds())))))
    held = linked - timedelta(days=int(random.integers(0, 6)), hours=int(random.integers(1, 8)))
    customer = f"c-{int(random.integers(400)):05d}"
    people: tuple[tuple[str, bool], ...] = (
        ((f"{customer}-contact-{number % 7}", True),) if external else (("ana.silva@cxt.example", False),)
    )
    if external and random.random() < 0.3:
        people = (*people, ("researcher@cxt.example", False))
    return Interview(ids.page(), customer, held, linked, people)


def _body(process: Process, decided: datetime) -> None:
    """Links in a body have no date of their own: all good ones are saved at once, the late ones after the decision.

    Each save stands in at least one extract before the next, so that what the warehouse can know is what happened.
    """
    in_time = [i for i in process.interviews if i.linked_at <= decided]
    late = [i for i in process.interviews if i.linked_at > decided]
    saved = decided - timedelta(hours=2)
    assert process.brief_created_at is not None
    process.body_versions = [(process.brief_created_at, ()), (saved, tuple(i.page_id for i in in_time))]
    process.interviews = [Interview(i.page_id, i.customer_id, i.held_at, saved, i.people) for i in in_time]
    later_save = decided + timedelta(days=11)
    if late and saved > EXTRACTS[0] and later_save <= AS_OF:
        process.body_versions.append((later_save, tuple(i.page_id for i in (*in_time, *late))))
        process.interviews += [Interview(i.page_id, i.customer_id, i.held_at, later_save, i.people) for i in late]
