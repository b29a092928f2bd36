"""Runs a module by a clock that libfaketime shifts: `python -m tests.core.shifted gunicorn …`.

The library takes the moment until which Python's sleep waits, which is one of the monotonic clock, for a time of day
and answers EINVAL; it leaves the timeout of select() alone.
"""

import os
import runpy
import select
import sys
import time


def mend_sleep() -> None:
    if "FAKETIME" in os.environ:
        time.sleep = lambda seconds: select.select([], [], [], seconds) and None


if __name__ == "__main__":
    mend_sleep()
    sys.argv = sys.argv[1:]
    sys.path.insert(0, "")
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
