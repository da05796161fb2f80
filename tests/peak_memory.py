"""The most memory a process has held."""

from pathlib import Path


def peak_megabytes(process: int | str = "self") -> int:
    """Peak resident memory of a process, in MB; 0 once it has ended.

    Not getrusage, whose peak a process inherits from the one that started it.
    """
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in text.splitlines() if line.startswith("VmHWM")), 0)
