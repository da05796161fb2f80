"""NPS and ARR of the company, counted answer by answer and account by account."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from metrics_py.sample.calendar import local_date
from metrics_py.sample.truth.metrics import COMPANY, Row, metric_row
from metrics_py.sample.world.accounts import MONTHS, Accounts
from metrics_py.sample.world.surveys import DRAWS, Surveys

MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


class Waves:
    """What the scored answers of each wave add up to; chunks add up."""

    def __init__(self) -> None:
        self._counts = {wave: dict.fromkeys(("sampled", "promoters", "passives", "detractors"), 0) for wave in DRAWS}
        self._strata: dict[str, dict[str, list[int]]] = {wave: {} for wave in DRAWS}
        """By wave and stratum: users in the frame, scored users, promoters less detractors."""

    def add(self, surveys: Surveys) -> None:
        """Count a world's waves."""
        sampled: dict[str, dict[str, str]] = {wave: {} for wave in DRAWS}
        columns = ("wave_id", "user_id", "stratum", "is_sampled")
        for wave, user, stratum, is_sampled in surveys.frame.select(columns).iter_rows():
            self._strata[wave].setdefault(stratum, [0, 0, 0])[0] += 1
            if is_sampled:
                sampled[wave][user] = stratum
        for wave, counts in self._counts.items():
            counts["sampled"] += len(sampled[wave])
        for wave, scores in _last_scores(surveys, sampled).items():
            for user, score in scores.items():
                kind = "promoters" if score >= 9 else "passives" if score >= 7 else "detractors"
                self._counts[wave][kind] += 1
                stratum_counts = self._strata[wave][sampled[wave][user]]
                stratum_counts[1] += 1
                stratum_counts[2] += (kind == "promoters") - (kind == "detractors")

    def rows(self) -> Iterator[Row]:
        """One row per wave."""
        for wave, counts in self._counts.items():
            n = counts["promoters"] + counts["passives"] + counts["detractors"]
            net = counts["promoters"] - counts["detractors"]
            yield {
                "wave_id": wave,
                "drawn_on": local_date(DRAWS[wave]),
                **counts,
                "responses": n,
                "nps": 100 * net / n if n else None,
                "post_stratified_nps": self._post_stratified(wave),
                "response_rate": n / counts["sampled"] if counts["sampled"] else None,
            }

    def _post_stratified(self, wave: str) -> float | None:
        """The mean of the strata that answered, weighted by their size in the frame."""
        answered = [(size, net / n) for size, n, net in self._strata[wave].values() if n]
        covered = sum(size for size, _ in answered)
        return 100 * sum(size * mean for size, mean in answered) / covered if covered else None

    def metrics(self) -> Iterator[Row]:
        """Unweighted and post-stratified NPS and the response rate of every wave."""
        for row in self.rows():
            period, net, n = ("wave", row["drawn_on"]), row["promoters"] - row["detractors"], row["responses"]
            yield metric_row("nps", "unweighted", COMPANY, period, net, n, n, row["nps"])
            yield metric_row("nps", "post_stratified", COMPANY, period, None, None, n, row["post_stratified_nps"])
            yield metric_row("nps", "response_rate", COMPANY, period, n, row["sampled"], row["sampled"])


def score_of(answer: str | None) -> int | None:
    """A score is a whole number from 0 to 10; anything else is no answer.

    Examples:
        >>> [score_of(text) for text in ("10", "6.5", "11", "n/a", None)]
        [10, None, None, None, None]
    """
    if answer is None or not answer.isdigit():
        return None
    return int(answer) if int(answer) <= 10 else None


def _last_scores(surveys: Surveys, sampled: dict[str, dict[str, str]]) -> dict[str, dict[str, int]]:
    """The score of each sampled user's latest valid answer, by wave."""
    waves = list(DRAWS)
    until = dict(zip(waves, [*list(DRAWS.values())[1:], None], strict=True))
    result: dict[str, dict[str, int]] = {wave: {} for wave in waves}
    for row in surveys.responses.sort("submitted_at").iter_rows(named=True):
        wave, end = row["wave_id"], until[row["wave_id"]]
        score = score_of(row["score_raw"])
        counts = row["is_complete"] and not row["is_test"] and not row["excluded_from_calculations"]
        in_time = end is None or row["submitted_at"] < end
        if counts and in_time and score is not None and row["respondent_id"] in sampled[wave]:
            result[wave][row["respondent_id"]] = score
    return result


class Revenue:
    """ARR and its movements by month, in cents; chunks add up."""

    def __init__(self) -> None:
        self._months = {month: dict.fromkeys(("arr", "accounts", *MOVEMENTS), 0) for month in MONTHS}

    def add(self, accounts: Accounts) -> None:
        """Follow every account of a world from month to month."""
        history: dict[str, dict[date, int]] = {}
        for account, month, cents in accounts.arr.iter_rows():
            history.setdefault(account, {})[month] = cents
        for amounts in history.values():
            before, was_ever = 0, False
            for month in MONTHS:
                now = amounts.get(month, 0)
                totals = self._months[month]
                totals["arr"] += now
                totals["accounts"] += now > 0
                if month != MONTHS[0] and now != before:
                    totals[_movement(before, now, was_ever)] += now - before
                before, was_ever = now, was_ever or now > 0

    def rows(self) -> Iterator[Row]:
        """One row per month; the first is an opening balance without movements."""
        opening: int | None = None
        for month, totals in self._months.items():
            row: dict[str, Any] = {"month": month, "arr": totals["arr"] / 100, "account_count": totals["accounts"]}
            for kind in MOVEMENTS:
                row[kind] = None if opening is None else totals[kind] / 100
            row["opening_arr"] = None if opening is None else opening / 100
            yield row
            opening = totals["arr"]

    def metrics(self) -> Iterator[Row]:
        """ARR, gross and net retention of every month."""
        for row in self.rows():
            period, n = ("month", row["month"]), row["account_count"]
            yield metric_row("arr", "headline", COMPANY, period, row["arr"], None, n, row["arr"])
            if row["opening_arr"] is None:
                continue
            kept = row["opening_arr"] + row["contraction"] + row["churn"]
            yield metric_row("arr", "gross_retention", COMPANY, period, kept, row["opening_arr"], n)
            yield metric_row("arr", "net_retention", COMPANY, period, kept + row["expansion"], row["opening_arr"], n)


def _movement(before: int, now: int, was_ever: bool) -> str:
    if before == 0:
        return "reactivation" if was_ever else "new"
    if now == 0:
        return "churn"
    return "expansion" if now > before else "contraction"
