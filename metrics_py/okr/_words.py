"""What the words of an objective or key result give away: deliverable or change, measure, exposure, and its numbers."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["outcome", "output", "ambiguous"]

OUTPUT_VERBS = (
    "add|audit|build|complete|conduct|create|define|deliver|deploy|design|develop|document|draft|establish|finish|hold|"
    "host|implement|install|integrate|interview|introduce|launch|migrate|organi[sz]e|plan|prepare|produce|publish|"
    "redesign|refactor|release|replace|research|rewrite|roll|run|ship|start|test|train|update|upgrade|write"
)
CHANGE_VERBS = (
    "achieve|boost|bring|cut|decrease|double|drop|expand|fall|get|grow|halve|hit|improve|increase|keep|lift|lower|"
    "maintain|move|raise|reach|reduce|rise|shorten|shrink|sustain|triple"
)
MEASURES = (
    "activation|adoption|arr|attrition|average|churn|churned|clicks|complaints?|conversion|cost|csat|cycle time|dau|"
    "deals?|downgrades?|downloads|duration|engagement|errors|escalations?|expansion|followers|impressions|incidents?|"
    "latency|lead time|likes|margin|mau|median|mrr|nps|opens|orders|page ?views|percent|percentage|rate|ratio|"
    "renewals?|retention|revenue|satisfaction|score|sessions|share|sign-?ups|success|tickets?|time spent|time to|"
    "uptime|usage|visitors|visits|volume|wau"
)
LAGGING = (
    "arr|churn|csat|deals?|lifetime value|ltv|market share|mrr|net retention|nps|renewals?|revenue|satisfaction|"
    "win[ -]rate"
)
VANITY = (
    "click rate|click-through rate|clicks|downloads|followers|impressions|likes|open rate|opens|page ?views|"
    "registrations|sessions|sign-?ups|time in (?:the )?(?:app|feature|product)|time on page|traffic|views|visitors|"
    "visits"
)
COUNTS = (
    "bugs?|calls?|cancellations?|churned customers|complaints?|defects?|deals?|downgrades?|errors|escalations?|"
    "incidents?|number of|outages?|requests?|tickets?|volume"
)
RATES = (
    "average|conversion|csat|duration|latency|mean|median|nps|per|percent|percentage|rate|ratio|retention|score|"
    "share|time to|time|p\\d\\d"
)
VAGUE_VERBS = "better|drive|elevate|enhance|improve|leverage|optimi[sz]e|strengthen|streamline|support|uplevel"
VAGUE_NOUNS = (
    "efficiency|excellence|experience|journey|offering|performance|platform|product|quality|solution|usability|value"
)
HOLLOW = "awesome|best[- ]in[- ]class|delight\\w*|great|next[- ]level|seamless|world[- ]class"
DIRECTIONS = (
    "become|easier|faster|fewer|first|free|from|give|help|less|let|longer|make|more|never|no|own|protect|quicker|"
    "remove|restore|simpler|so|stop|sooner|trust|turn|until|win|without"
)
OBJECTIVE_METRICS = "arr|churn rate|conversion rate|csat|mrr|nps|retention rate|win rate"

_NUMBER = r"(?<![\w.])[$€£]?\d+(?:,\d{3})*(?:\.\d+)?(?:\s*(?:%|pp\b|percent\b|points?\b|[km]\b))?"
_QUARTER = re.compile(r"\b(?:h[12]|q[1-4])\b|\b20\d\d\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a key result's sentence: where it starts, where it should end, and a window in days."""

    baseline: float | None = None
    target: float | None = None
    window_days: int | None = None
    is_percent: bool = False
    is_zero_wanted: bool = False


def words_found(text: str, pattern: str) -> tuple[str, ...]:
    """The distinct words of a text that match a pattern as whole words, in their order, lower case.

    Examples:
        >>> words_found("Support ticket volume and Tickets", MEASURES)
        ('ticket', 'volume', 'tickets')
    """
    found = re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text, re.IGNORECASE)
    return tuple(dict.fromkeys(match[0].lower() for match in found))


def leading_verb(text: str) -> str:
    """The first word of a sentence, past "to" and "we will", lower case."""
    opening = re.sub(r"^(?:to|we will|we|successfully|fully)\s+", "", text.strip().lower())
    found = re.match(r"[a-z-]+", opening)
    return found[0] if found else ""


def is_verb(word: str, verbs: str) -> bool:
    """Whether a word is one of the verbs of a pattern."""
    return re.fullmatch(verbs, word) is not None


def classify(text: str) -> tuple[Kind, tuple[str, ...]]:
    """Whether a key result names a change in the world, a thing to make, or cannot be told; with the words that decide.

    Examples:
        >>> classify("Launch SSO integration")
        ('output', ('launch',))
        >>> classify("Reduce enterprise support ticket volume")
        ('outcome', ('reduce', 'ticket', 'volume'))
        >>> classify("Launch SSO so that activation rises from 10% to 40%")
        ('ambiguous', ('launch', 'activation', '10%', '40%'))
    """
    first = leading_verb(text)
    outputs, changes = words_found(text, OUTPUT_VERBS), words_found(text, CHANGE_VERBS)
    measures = words_found(text, MEASURES)
    quantities = tuple(match[0].strip() for match in re.finditer(_NUMBER, _QUARTER.sub(" ", text)))
    shares = tuple(quantity for quantity in quantities if quantity.endswith(("%", "percent", "pp")))
    if is_verb(first, OUTPUT_VERBS):
        if shares or (measures and changes):
            return "ambiguous", tuple(dict.fromkeys((*outputs[:1], *measures, *shares)))
        return "output", outputs
    if measures and (changes or quantities):
        return "outcome", tuple(dict.fromkeys((*changes[:1], *measures)))
    if outputs and not changes:
        return "output", outputs
    return "ambiguous", tuple(dict.fromkeys((*changes, *measures, *outputs)))


def numbers_in(text: str) -> Numbers:
    """The numbers of a key result's sentence.

    Examples:
        >>> numbers_in("Raise 90-day conversion from 11% to 15%")
        Numbers(baseline=11.0, target=15.0, window_days=90, is_percent=True, is_zero_wanted=False)
        >>> numbers_in("0 deals lost to SSO").is_zero_wanted
        True
    """
    window = re.search(r"\b(\d+)[- ]days?\b", text, re.IGNORECASE)
    rest = re.sub(r"\b\d+[- ]days?\b", " ", _QUARTER.sub(" ", text), flags=re.IGNORECASE)
    way = re.search(rf"({_NUMBER})\s*(?:to|->|→)\s*({_NUMBER})", rest, re.IGNORECASE)
    goal = re.search(
        rf"\b(?:to|of|at least|at most|above|below|under|over|reach|achieve|hit|than|>=?|<=?)\s+(?:at least |at most )?"
        rf"({_NUMBER})",
        rest,
        re.IGNORECASE,
    )
    nothing = re.match(r"\s*(?:0|zero|no)\s+(?=[a-z])", rest, re.IGNORECASE) or re.search(
        r"\bto (?:0|zero)(?![\d.,%])", rest, re.IGNORECASE
    )
    return Numbers(
        baseline=_value(way[1]) if way else None,
        target=_value(way[2]) if way else 0.0 if nothing else _value(goal[1]) if goal else None,
        window_days=int(window[1]) if window else None,
        is_percent="%" in rest or "percent" in rest.lower(),
        is_zero_wanted=nothing is not None,
    )


def wanted_direction(text: str) -> Literal["up", "down"] | None:
    """The way a sentence wants its measure to go; null where it does not say.

    Examples:
        >>> wanted_direction("Reduce ticket volume"), wanted_direction("Achieve a score of at least 70%")
        ('down', 'up')
    """
    if numbers_in(text).is_zero_wanted:
        return "down"
    if words_found(text, "at most|below|under|cut|decrease|drop|fewer|halve|less|lower|reduce|shorten|shrink"):
        return "down"
    if words_found(text, "achieve|at least|above|boost|double|expand|grow|increase|lift|more|over|raise|reach|triple"):
        return "up"
    return None


def inferred_formula(text: str) -> tuple[str | None, tuple[str, ...]]:
    """The shape of the metric that a sentence speaks of, as a formula, with the words that decide: a rate or a count.

    Examples:
        >>> inferred_formula("Reduce enterprise support ticket volume")
        ('count(tickets)', ('ticket', 'volume'))
        >>> inferred_formula("Achieve a CSAT score of at least 70%")
        ('share(satisfied, asked)', ('csat', 'score', '%'))
    """
    rates = (*words_found(text, RATES), *(["%"] if "%" in text else []))
    counts = words_found(text, COUNTS)
    if counts and (numbers_in(text).is_zero_wanted or not rates):
        return f"count({_noun(counts)})", counts
    if rates:
        return ("share(satisfied, asked)" if "csat" in rates else "share(reached, exposed)"), rates
    return None, ()


def lagging_words(text: str) -> tuple[str, ...]:
    """Words of results that move long after what moves them."""
    return words_found(text, LAGGING)


def vanity_words(text: str) -> tuple[str, ...]:
    """Words of exposure: what people were shown or opened, not what they did for themselves."""
    return words_found(text, VANITY)


def vague_words(objective: str) -> tuple[str, ...]:
    """Words that make an objective say nothing: a vague verb on a vague noun, or hollow praise.

    Examples:
        >>> vague_words("Improve the product experience for our enterprise customers")
        ('improve', 'product', 'experience')
        >>> vague_words("Improve how dispatchers find their next load")
        ()
    """
    hollow = words_found(objective, HOLLOW)
    nouns = words_found(objective, VAGUE_NOUNS)
    verb = leading_verb(objective)
    return (verb, *nouns, *hollow) if is_verb(verb, VAGUE_VERBS) and nouns else hollow


def metric_words(objective: str) -> tuple[str, ...]:
    """Numbers and metric names in an objective, where they do not belong; names of quarters and years may stay."""
    numbers = tuple(match[0].strip() for match in re.finditer(_NUMBER, _QUARTER.sub(" ", objective)))
    return (*numbers, *words_found(objective, OBJECTIVE_METRICS))


def task_words(objective: str) -> tuple[str, ...]:
    """Verbs of making in an objective that starts with one, or that lists several."""
    outputs = words_found(objective, OUTPUT_VERBS)
    return outputs if is_verb(leading_verb(objective), OUTPUT_VERBS) or len(outputs) > 1 else ()


def is_directional(objective: str) -> bool:
    """Whether an objective says which way things should move."""
    return bool(words_found(objective, f"{CHANGE_VERBS}|{VAGUE_VERBS}|{DIRECTIONS}"))


def significant(text: str) -> set[str]:
    """The words of a sentence that tell it from another."""
    return {word for word in re.findall(r"[a-z]{3,}", text.lower()) if word not in _FILLERS}


_FILLERS = {"and", "the", "for", "from", "our", "with", "that", "than", "least", "most", *CHANGE_VERBS.split("|")}


def _noun(counts: tuple[str, ...]) -> str:
    noun = next((word for word in counts if word not in ("volume", "number of")), "things")
    return re.sub(r"\W+", "_", noun if noun.endswith("s") else f"{noun}s")


def _value(written: str) -> float:
    digits = re.search(r"\d+(?:,\d{3})*(?:\.\d+)?", written)
    assert digits is not None
    scale = {"k": 1e3, "m": 1e6}.get(written.strip()[-1].lower(), 1.0)
    return float(digits[0].replace(",", "")) * scale
