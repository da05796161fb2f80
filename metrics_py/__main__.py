"""`python -m metrics_py` is `metrics-py`."""

import sys

from metrics_py.cli import main

sys.exit(main())
