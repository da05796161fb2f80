"""What the words around a number say that it is: a value, a target, a change, a chance, an end of an interval."""

from __future__ import annotations

import re

from metrics_py.reports.facts import TALLY
from metrics_py.reports.forms import COUNT_WORDS

STANDING = "value"
"""The role of a number of which nothing else is said."""

_BEFORE = (
    (
        "target",
        r"targets?(?! ?:)|(?<!reached its )(?<!met its )targets?(?= ?:)|"
        r"goal|aims?|aiming|against|asked|to reach|should reach|has to reach|promised|vs\.?|versus|short of|"
        r"above|below|behind|ahead of|(?:to )?stays? at",
    ),
    ("baseline", r"baseline|started (?:at|from)|starting (?:at|from)|start of"),
    ("chance", r"chance|probability|likelihood|odds|likely to (?:hit|reach)"),
    ("forecast", r"forecast\w*|predicted|expected to end|projected|on course for|ends? at"),
    ("interval", r"interval|between|range|likely|CI|from .{1,20} to"),
    ("pace", r"(?:in )?a week|per week|weekly|/week|pace"),
    ("progress", r"progress|of the way|attained|attainment|complete"),
    ("expected", r"expected by now|should (?:be|have)|expected"),
    ("gap", r"(?:short|above|below|behind|ahead|off)(?: of)?(?: (?:its|the))?(?: target)?(?: by)|gap(?: of)?"),
    ("matured", r"matured|maturity"),
    ("held", r"held"),
    ("count", r"n ?=|counted"),
    (
        "change",
        r"rose|rise|risen|up|gain(?:ed)?|increased?|improve\w*|fell|fall(?:en)?|down|dropp?\w*|declin\w*|changed?|"
        r"grew|grown|climbed|slipped|moved|since",
    ),
)
_AFTER = (
    ("gap", r"short|remaining|to go|left|above|below|behind|ahead|off (?:the )?target|gap"),
    ("pace", r"a week|per week|weekly|/week"),
    ("progress", r"of the way|attained|complete"),
    ("chance", r"chance|likely to (?:hit|reach)|probability"),
    ("target", r"target"),
    ("ratio", r"of what (?:was|were) expected"),
    ("expected", r"(?:was |were )?expected"),
    ("matured", r"(?:of (?:them|it) )?(?:has |have )?matured"),
    ("change", r"improvement|gain|increase|rise|lift|decrease|reduction|drop|fall|up|down|more|less|better|worse"),
    (
        "count",
        r"answers?|responses?|features?|insights?|accounts?|readings?|respondents?|users?|launches|points? counted",
    ),
    ("held", r"(?:days|months|quarters|waves|periods)(?: held)?"),
    (f"{TALLY}running", r"(?:key results )?(?:are )?running"),
    (f"{TALLY}off_track with", "off[- ]track key results with"),
    (f"{TALLY}off_track without", "off[- ]track key results without"),
    *(
        (f"{TALLY}{status}", f"(?:key results )?(?:are )?{words.replace(' ', '[- ]')}(?! key results with)")
        for status, words in COUNT_WORDS.items()
    ),
    (f"{TALLY}too_early", "too early"),
    (f"{TALLY}no_data", "no data"),
)
# What a word right before a number lets it be, where no other word says more.
_LINKS = (
    (r"to", (STANDING, "target", "forecast")),
    (r"from", (STANDING, "previous", "baseline")),
    (r"by", ("gap", "change", "pace")),
    (r"of", (STANDING, "count", "held")),
    (r"\(", (STANDING, "interval", "count")),
    (r"n|n ?=", ("count",)),
    (r"=|->|→|/", (STANDING, "count")),
)
_MOVED = re.compile(
    r"\b(?:rose|risen|gained|increased|improved|fell|fallen|dropped|declined|grew|grown|climbed|slipped|moved|went|"
    r"changed)\b",
    re.IGNORECASE,
)
_FALLS = re.compile(r"\b(?:fell|fall|fallen|down|drop\w*|declin\w*|lower|decreas\w*|lost|slipped)\b", re.IGNORECASE)
_RISES = re.compile(r"\b(?:rose|rise|risen|up|gain\w*|increas\w*|grew|grown|higher|added|climbed)\b", re.IGNORECASE)
_SIDES = re.compile(
    r"\b(?:(?P<above>above|over)|(?P<below>below|under)|(?P<worse>short|behind|remaining|to go)|(?P<better>ahead))\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:from|was|were|previous\w*|earlier|before|last|ago|previously|after)\b", re.IGNORECASE)
_SIZE = re.compile(r"\b(?:less than|more than|up|down)\b")
_NEARBY = 40


def roles_of(before: str, after: str, heading: str = "") -> tuple[str, ...]:
    """What a number may be, the likeliest first.

    Args:
        before, after: the words around it in its clause.
        heading: what stands over its column, in a table.

    Examples:
        >>> roles_of("NPS is ", "."), roles_of("a target of ", ""), roles_of("fell by ", " in a week")
        (('value',), ('target',), ('pace', 'change'))
        >>> roles_of("NPS rose to ", ""), roles_of("", "", "Chance")
        (('value',), ('chance',))
    """
    if heading and not re.search(r"[A-Za-z]", _SIZE.sub("", before.rsplit("|", 1)[-1])):
        found = _named(heading, "", heading) or (STANDING,)
        # What stands under "In a week" is how far it moved in the last one, or its pace.
        return ("change", "pace") if found[0] == "pace" else found
    near = re.split(r"[,;(]|\d", before)[-1].lower()[-_NEARBY:]
    found = _named(near, re.split(r"[,;.)(]|\d", after)[0].lower()[:_NEARBY], before)
    link = _link(near, before)
    if link in ("to", "from") and (not found or found[0] == "change"):
        # "rose to 12" says where it stands and "to rise to 12" what is wanted.
        held = dict(_LINKS)[link]
        return held[:1] if link == "to" and _MOVED.search(before) else held
    if link == "by" and not found:
        return dict(_LINKS)["by"]
    return found or dict(_LINKS).get(link, (STANDING,))


def is_past(before: str) -> bool:
    """Whether the words before a number look back: "from", "was", "last"."""
    return _PAST.search(before[-_NEARBY:]) is not None


def contradicts_direction(around: str, change: float) -> bool:
    """Whether words say that a change goes the other way."""
    return bool((_FALLS.search(around) and change > 0) or (_RISES.search(around) and change < 0))


def contradicts_side(around: str, gap: float, *, is_rising: bool | None) -> bool:
    """Whether words put a value on the other side of its target than it is.

    Args:
        around: the words.
        gap: value less target.
        is_rising: whether more is better; null where that is not known.

    Examples:
        >>> contradicts_side("3 days above its target", 3, is_rising=False)
        False
        >>> contradicts_side("9.3 points ahead of its target", -9.3, is_rising=True)
        True
    """
    found = [(match.start(), match.lastgroup) for match in _SIDES.finditer(around)]
    side = found[0][1] if found else None
    if side in ("worse", "better"):
        return is_rising is not None and (gap > 0) != (is_rising == (side == "better"))
    return side is not None and (gap > 0) != (side == "above")


def _named(near: str, after: str, before: str) -> tuple[str, ...]:
    nearest = [
        (len(near) - match.end(), role)
        for role, pattern in _BEFORE
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", near, re.IGNORECASE)
    ]
    if re.search(r"n\s*=\s*$", before, re.IGNORECASE):
        nearest.append((0, "count"))
    for role, pattern in _AFTER:
        if match := re.match(rf"\W*(?:\w+\W+){{0,1}}(?:{pattern})(?!\w)", after, re.IGNORECASE):
            nearest.append((match.start(), role))
    return tuple(dict.fromkeys(role for _, role in sorted(nearest)))[:2]


def _link(near: str, before: str) -> str:
    for pattern, _ in _LINKS:
        place = before if pattern == r"\(" else near
        if pattern in ("from", "to") and re.search(rf"\b{pattern} (?:a|an|its|the) \w+(?: of)?\s*$", near):
            return pattern
        if re.search(rf"(?<!\w)(?:{pattern})\W{{0,2}}$" if pattern[0].isalpha() else rf"(?:{pattern})\s*$", place):
            return pattern
    return ""
