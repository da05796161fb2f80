"""Hostile and dirty inputs: the tests that land and publish them, each one a trial."""

import subprocess
import sys
from xml.etree import ElementTree

from tests.faults.machine import rig
from tests.faults.machine.trial import Trial

TESTS = (
    "tests/faults/test_hostile_extracts.py",
    "tests/faults/test_hostile_pages.py",
    "tests/faults/test_fuzz_proposals.py",
    "tests/faults/test_landing_dirt.py",
    "tests/faults/test_landing_large_field.py",
)


def hostile_inputs(bench):
    """Every test of hostile inputs."""
    report = bench.folder / "hostile.xml"
    command = [sys.executable, "-m", "pytest", *TESTS, f"--junitxml={report}", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, "--basetemp", str(bench.folder / "hostile")], cwd=rig.ROOT, capture_output=True)
    assert done.returncode in (0, 1), done.stdout.decode() + done.stderr.decode()
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return Trial(
        "hostile and dirty inputs: SQL, HTML, formulas, links, archives, bombs, 100 MB fields, broken records",
        len(cases),
        len(cases) - len(failed),
        note="refused, quarantined or shown as text, each by a test of its own (below)",
        trouble=[f"{case.get('classname')}: {case.get('name')}" for case in failed],
    )
