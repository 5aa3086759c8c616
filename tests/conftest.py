from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# The first drawn text takes a second: the tables of all characters are made then. Of the machine
# nothing else is asked either: the same examples everywhere, however slow it is.
settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

# A job that a shell runs in the background ignores Ctrl-C, and so would every process that the
# tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
