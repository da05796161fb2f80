"""What the documents say about one key result, sentence by sentence, each figure bound to its row."""

from __future__ import annotations

from datetime import date

from metrics_py.reports.binding import Binder
from metrics_py.reports.key_results import KeyResult
from metrics_py.reports.published import Row

_MODES = {
    "linear": "on a straight line",
    "milestones": "by its milestones",
    "launch_aware": "counted from the launch that should move it",
}


class Phrases:
    """Sentences about key results, for the templates; a sentence that has nothing to say is empty."""

    def __init__(self, binder: Binder) -> None:
        self.binder = binder

    def name(self, key_result: KeyResult) -> str:
        """What it is called."""
        return self.binder.words(key_result.status, "name")

    def quoted(self, key_result: KeyResult) -> str:
        """What it is called, inside a sentence of its own."""
        return f"“{self.name(key_result)}”"

    def owner(self, key_result: KeyResult) -> str:
        """Who answers for it."""
        if key_result.owner is not None:
            return self.binder.words(key_result.owner, "display_name")
        if key_result.status["owner_id"] is not None:
            return self.binder.words(key_result.status, "owner_id")
        return "nobody yet"

    def label(self, key_result: KeyResult, *, is_capital: bool = False) -> str:
        """Its computed label in words."""
        return self.binder.words(key_result.status, "status", "status_capital" if is_capital else "status")

    def objective(self, key_result: KeyResult) -> str:
        """The objective it belongs to."""
        return self.binder.words(key_result.agreed, "objective")

    def now(self, key_result: KeyResult) -> str:
        """Its last reading, or that there is none."""
        status = key_result.status
        if status["current_value"] is None:
            return "not read"
        return self.binder.number(status, "current_value", against=("target", "baseline"))

    def target(self, key_result: KeyResult) -> str:
        """Its target, or that there is none."""
        return "none" if key_result.status["target"] is None else self.binder.number(key_result.status, "target")

    def chance(self, key_result: KeyResult) -> str:
        """The chance of reaching the target, where it can be estimated."""
        return "not known" if key_result.status["p_hit"] is None else self.binder.chance(key_result.status, "p_hit")

    def chance_cell(self, key_result: KeyResult) -> str:
        """The same for a table: a dash where it cannot be estimated from recent readings."""
        has_chance = key_result.status["p_hit"] is not None and key_result.is_judged
        return self.chance(key_result) if has_chance else "–"

    def reason(self, key_result: KeyResult, *, is_clause: bool = False) -> str:
        """Why it has its label."""
        return self.binder.words(key_result.status, "status_reason", "clause" if is_clause else "sentence")

    def standing(self, key_result: KeyResult) -> str:
        """Where it stands, and between what."""
        status, binder = key_result.status, self.binder
        way = self._way(key_result)
        if status["current_value"] is None:
            return f"Nothing has been read yet; {way}." if way else "Nothing has been read yet."
        read = f"It stood at {self.now(key_result)} on {binder.day(status, 'current_on')}"
        return f"{read}; {way}." if way else f"{read}."

    def _way(self, key_result: KeyResult) -> str:
        status, binder = key_result.status, self.binder
        if status["target"] is None:
            return ""
        until = binder.last_day(status, "period_end")
        if not key_result.is_reach:
            side = "less" if key_result.agreed.get("direction") == "down" else "more"
            return f"it is to stay at {self.target(key_result)} or {side} until {until}"
        if status["baseline"] is None:
            return f"its target is {self.target(key_result)} by {until}"
        start = binder.number(status, "baseline", against=("target",))
        return f"it is to go from {start} to {self.target(key_result)} by {until}"

    def progress(self, key_result: KeyResult) -> str:
        """How far it has come, and how far it should have."""
        status, binder = key_result.status, self.binder
        if status["progress"] is None or not key_result.is_reach:
            return ""
        if status["progress"] < 0:
            come = "It is further from its target than where it started"
        elif status["progress"] == 0:
            come = "It has not moved from where it started"
        else:
            come = f"It has come {binder.share(status, 'progress', against=('expected_progress',))} of the way"
        if status["expected_progress"] is None or key_result.is_closed:
            return f"{come}."
        how = _MODES.get(status["expected_mode"], "by plan")
        if status["expected_progress"] == 0:
            return f"{come}; nothing was expected by now, {how}."
        expected = binder.share(status, "expected_progress", against=("progress",))
        return f"{come}; {expected} was expected by now, {how}."

    def pace(self, key_result: KeyResult) -> str:
        """How fast it has moved, and how fast it has to from here."""
        status, binder = key_result.status, self.binder
        pace, needed = status["pace_per_week"], status["required_per_week"]
        if not key_result.is_reach or not key_result.is_judged or pace is None or status["current_value"] is None:
            return ""
        towards = status["target"] > status["baseline"]
        if pace == 0:
            moved = "It has not moved so far"
        else:
            size = binder.number(status, "pace_per_week", form="rate")
            moved = f"It has moved {'towards' if (pace > 0) == towards else 'away from'} its target by {size} a week"
        if needed is None or needed == 0 or (needed > 0) != towards:
            return f"{moved}."
        rate = binder.number(status, "required_per_week", form="rate")
        return f"{moved}, and from here it takes {rate} a week."

    def forecast(self, key_result: KeyResult, *, has_chance: bool = True) -> str:
        """Where it is likely to end, and the chance of reaching the target unless that has been said."""
        status, binder = key_result.status, self.binder
        if status["forecast_value"] is None or not key_result.is_judged:
            return ""
        value, low, high = (
            binder.number(status, f"forecast_{part}", against=("target",)) for part in ("value", "low_80", "high_80")
        )
        sentence = f"It is forecast to end at {value}, likely between {low} and {high}"
        if status["p_hit"] is None or not has_chance:
            return f"{sentence}."
        return f"{sentence}; the chance of reaching the target is {self.chance(key_result)}."

    def readable(self, key_result: KeyResult) -> str:
        """From when it can be judged, where it is too early."""
        readable_on = key_result.status["readable_on"]
        is_said = readable_on is not None and readable_on.isoformat() in key_result.status["status_reason"]
        if key_result.label != "too_early" or readable_on is None or is_said:
            return ""
        return f"It can be judged from {self.binder.day(key_result.status, 'readable_on')}."

    def confidence(self, key_result: KeyResult) -> str:
        """How far the verdict can be leaned on."""
        return self.binder.words(key_result.status, "confidence", "clause")

    def other_rules(self, key_result: KeyResult) -> str:
        """The labels under the other published rules, where they differ."""
        status = key_result.status
        if not status["rules_disagree"] or not key_result.is_judged:
            return ""
        columns = {"pace-gap": "other_rule_pace_gap_status", "ratio-band": "other_rule_ratio_band_status"}
        others = {rule: status[column] for rule, column in columns.items() if status[column] != key_result.label}
        others = {rule: label for rule, label in others.items() if label is not None}
        if not others:
            return ""
        words = {rule: self.binder.words(status, columns[rule], "status") for rule in others}
        if len(others) == 2 and len(set(others.values())) == 1:
            return f"The other published rules, pace gap and ratio bands, would both call it {words['pace-gap']}."
        return f"{' and '.join(f'the {rule} rule would call it {word}' for rule, word in words.items())}.".capitalize()

    def override(self, key_result: KeyResult) -> str:
        """A person's own judgement, where one is in force."""
        status, binder = key_result.status, self.binder
        if not status["is_override_live"] or status["override_status"] is None:
            return ""
        by = "Somebody"
        if key_result.overrider is not None:
            by = binder.words(key_result.overrider, "display_name")
        elif status["override_by"] is not None:
            by = binder.words(status, "override_by")
        said = f"{by} calls it {binder.words(status, 'override_status', 'status')}"
        if status["override_expires_on"] is not None:
            said += f" until {binder.last_day(status, 'override_expires_on')}"
        if status["override_reason"]:
            return f"{said}: {binder.words(status, 'override_reason', 'clause')}."
        return f"{said}; the reason is not published, so ask {self.owner(key_result)}."

    def plan(self, key_result: KeyResult, most_words: int = 40, *, opening: str = "Plan: ") -> str:
        """The recovery plan: its text, or where it is kept, or that there is none."""
        status, binder = key_result.status, self.binder
        if status["recovery_plan"]:
            return f"{opening}{binder.words(status, 'recovery_plan', 'excerpt_sentence', most_words)}"
        if status["has_recovery_plan"]:
            return (
                "There is a recovery plan, but its text is not published; "
                f"read it in the check-in sheet or ask {self.owner(key_result)}."
            )
        if key_result.label == "off_track":
            return "There is no recovery plan."
        return ""

    def comment(self, key_result: KeyResult, most_words: int = 40) -> str:
        """What was last said about it, where that is published."""
        if key_result.comment is None:
            return ""
        on = self.binder.day(key_result.comment, "observed_on")
        said = self.binder.words(key_result.comment, "checkin_comment", "excerpt_sentence", most_words)
        return f"Said with the reading of {on}: {said}"

    def question(self, key_result: KeyResult) -> str:
        """The question its verdict puts to the team."""
        return self.binder.words(key_result.status, "key_question", "sentence")

    def recommendation(self, key_result: KeyResult) -> str:
        """What to do next."""
        if key_result.label == "off_track" and key_result.status["has_recovery_plan"]:
            return (
                "See at the next reading whether the recovery plan works; if not, propose a new target with its reason."
            )
        return self.binder.words(key_result.status, "recommendation", "sentence")

    def target_change(self, key_result: KeyResult) -> str:
        """A target that was changed in mid-period, with its reason."""
        agreed, binder = key_result.agreed, self.binder
        if agreed.get("original_target") is None:
            return ""
        before = binder.number(agreed, "original_target", against=("target",))
        said = f"Its target was changed from {before} to {binder.number(agreed, 'target')}"
        if agreed.get("target_changed_on") is not None:
            said += f" on {binder.day(agreed, 'target_changed_on')}"
        if agreed.get("target_change_reason"):
            return f"{said}: {binder.words(agreed, 'target_change_reason', 'clause')}."
        return f"{said}, and nobody has said why."

    def initiative(self, initiative: Row, today: date) -> str:
        """An initiative with its launch: done, planned or overdue."""
        binder = self.binder
        name = f"“{binder.words(initiative, 'name')}”"
        planned = initiative["planned_launch_on"]
        if initiative["launch_on"] is not None:
            return f"{name} (launched on {binder.day(initiative, 'launch_on')})"
        if planned is None:
            return f"{name} (no launch date)"
        on = binder.day(initiative, "planned_launch_on")
        return f"{name} (planned for {on} and not launched)" if planned < today else f"{name} (planned for {on})"
