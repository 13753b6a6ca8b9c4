"""Schemathesis loads this by `SCHEMATHESIS_HOOKS`: each request takes the next of many keys, so that no rate is reached."""

import itertools
import os
from typing import Any

import schemathesis

KEYS = itertools.cycle(os.environ["MADE_UP_KEYS"].split(","))


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    case.headers["X-API-Key"] = next(KEYS)
