"""The words of a verdict: its key question and its recommendation by rule, and how numbers are said."""

KEY_QUESTIONS: dict[str, dict[str, str]] = {
    "closed": {
        "achieved": "What made it work, and was the target far enough?",
        "missed": "What held it back: the bet, the delivery or the measure?",
    },
    "no_target": {"no_target": "What would count as done?"},
    "no_data": {"no_data": "Who reads this, and from where?"},
    "no_value": {"no_data": "What has to happen before there is something to count?"},
    "not_yet_due": {"too_early": "What can we see before the first reading?"},
    "stale": {"stale": "Why has nobody read it since?"},
    "immature": {"too_early": "What can we see earlier that would tell us the same?"},
    "launch_too_recent": {"too_early": "Are people using what was launched to move this?"},
    "nothing_expected_yet": {"too_early": "What is the first sign that it starts to move?"},
    "achieved": {"achieved": "Will it hold, and what is worth doing next?"},
    "maintain": {
        "on_track": "What could break it before the period ends?",
        "off_track": "What changed, and what brings it back?",
    },
    "p_hit": {
        "on_track": "What could still stop it?",
        "at_risk": "Which one change would move the odds most?",
        "off_track": "What would have to be true for this to be hit, and do we believe it?",
    },
    "progress_ratio": {
        "on_track": "Will the next readings bear this out?",
        "at_risk": "Is it slow, or have we only looked twice?",
        "off_track": "Is anything we do moving this at all?",
    },
    "best_pace": {"at_risk": "What will make it go faster than it ever has?"},
}

RECOMMENDATIONS: dict[str, dict[str, str]] = {
    "closed": {
        "achieved": "Write down what made the difference and set the next target from what it was worth.",
        "missed": "Name the limiting factor in the retrospective before deciding whether to carry it forward.",
    },
    "no_target": {"no_target": "Give it a baseline, a target and a direction, or take it off the list."},
    "no_data": {"no_data": "Record a first reading this week, or bind it to a published metric."},
    "no_value": {"no_data": "Leave it open; it is read by itself as soon as there is something to count."},
    "not_yet_due": {
        "too_early": "Wait for its first reading, and look at the features and insights behind it until then."
    },
    "stale": {"stale": "Record a reading now; until then nobody knows how it stands."},
    "immature": {
        "too_early": "Judge it from the date on which half of it has matured, and watch a leading sign until then."
    },
    "launch_too_recent": {"too_early": "Check adoption of the launch now and judge the result from the readable date."},
    "nothing_expected_yet": {"too_early": "Keep reading it so that the start of the change can be dated."},
    "achieved": {"achieved": "Keep reading it, and move free effort to the weakest key result."},
    "maintain": {
        "on_track": "Keep it where it is; nothing to change.",
        "off_track": "Find the part that slipped and write a recovery plan in the next check-in.",
    },
    "p_hit": {
        "on_track": "Stay the course and keep the reading rhythm.",
        "at_risk": "Pick the initiative with the largest expected effect and bring it forward.",
        "off_track": "Write a recovery plan with an owner and a date, or propose a new target with its reason.",
    },
    "progress_ratio": {
        "on_track": "Read it weekly, so that a forecast becomes possible.",
        "at_risk": "Read it weekly until there are four readings, and prepare the change to make if it stays slow.",
        "off_track": "Read it weekly and write a recovery plan now rather than waiting for the forecast.",
    },
    "best_pace": {"at_risk": "Add something that has not been tried yet: more of the same has never been this fast."},
}


def number(value: float, decimals: int = 1) -> str:
    """A number for a sentence: rounded half-even for display, without trailing zeros.

    Examples:
        >>> number(64.0), number(68.25), number(1.3023, 3), number(-0.04)
        ('64', '68.2', '1.302', '0')
    """
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def decimals_for(*values: float) -> int:
    """Decimals that keep numbers of this size readable: one from 10 on, three for shares and scores below.

    Examples:
        >>> decimals_for(58.0, 72.0), decimals_for(0.39, 0.5)
        (1, 3)
    """
    return 1 if max(abs(value) for value in values) >= 10 else 3


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with as many decimals as it takes to see that they differ, so that no sentence says 70 missed 70.

    Examples:
        >>> told_apart(69.976, 70), told_apart(64, 72), told_apart(0.39, 0.5)
        (('69.98', '70'), ('64', '72'), ('0.39', '0.5'))
    """
    decimals = decimals_for(one, other)
    while number(one, decimals) == number(other, decimals) and one != other and decimals < 12:
        decimals += 1
    return number(one, decimals), number(other, decimals)


def in_unit(one: float, other: float, unit: str | None) -> tuple[str, str]:
    """Two numbers told apart and said in their unit: shares as percentages, money with its sign, days as days.

    Examples:
        >>> in_unit(0.5384, 0.75, "share"), in_unit(9565884.0, 1e7, "usd"), in_unit(1, 45, "days")
        (('53.8%', '75%'), ('$9,565,884', '$10,000,000'), ('1 day', '45 days'))
    """
    scale = 100 if unit == "share" else 1
    said = told_apart(scale * one, scale * other)
    if unit in ("share", "percent"):
        return f"{said[0]}%", f"{said[1]}%"
    if unit == "usd":
        return _dollars(said[0]), _dollars(said[1])
    if unit in ("days", "minutes", "hours"):
        return _counted(said[0], unit), _counted(said[1], unit)
    return said


def _dollars(text: str) -> str:
    return f"-${text[1:]}" if text.startswith("-") else f"${text}"


def _counted(text: str, unit: str) -> str:
    return f"{text} {unit[:-1]}" if text == "1" else f"{text} {unit}"


def share_words(share: float, *bounds: float) -> str:
    """A share as a percentage, with the decimals it takes to tell it from the bounds it is compared with.

    Examples:
        >>> share_words(0.8046), share_words(0.7), share_words(0.29996, 0.3)
        ('80.5%', '70%', '29.996%')
    """
    decimals = 1
    while any(number(100 * share, decimals) == number(100 * bound, decimals) for bound in bounds if bound != share):
        decimals += 1
        if decimals == 12:
            break
    return f"{number(100 * share, decimals)}%"
