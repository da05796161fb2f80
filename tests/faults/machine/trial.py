"""What came of a fault: how often it was tried, how often survived, and what is left to say."""

from dataclasses import dataclass, field


@dataclass
class Trial:
    """One line of the table in docs/reliability.md."""

    fault: str
    tried: int
    survived: int
    lost: int = 0
    doubled: int = 0
    note: str = ""
    trouble: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other):
        """The line of both together; the note is the earlier one's."""
        return Trial(
            self.fault,
            self.tried + other.tried,
            self.survived + other.survived,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.note,
            self.trouble + other.trouble,
            self.seconds + other.seconds,
        )


def table(trials):
    """The trials as a Markdown table."""
    lines = ["| fault | tried | survived | rows lost | rows doubled | what happens |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {trial.fault} | {trial.tried} | {trial.survived} | {trial.lost} | {trial.doubled} | {trial.note} |"
        for trial in trials
    ]
    return "\n".join(lines)
