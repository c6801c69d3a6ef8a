"""How every role writes its log: one line an event, to standard error; the supervisor puts the role's name in front.

A person reads `time level logger: message key=value`; with CORDBOARD_LOG=json it is one JSON object a line.
"""

from __future__ import annotations

import logging
import logging.config
import os
import sys
from collections.abc import MutableMapping
from typing import Any


def _with_role(logger: Any, name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    entry["role"] = os.environ.get("CORDBOARD_ROLE", "")
    return entry


def configure(level: str | None = None) -> None:
    """Set up standard logging and structlog for this process. `level` defaults to CORDBOARD_LOG_LEVEL, else INFO."""
    import structlog

    wanted = (level or os.environ.get("CORDBOARD_LOG_LEVEL", "INFO")).upper()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        *([_with_role] if os.environ.get("CORDBOARD_LOG") == "json" else []),
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%S.%fZ", utc=True),
    ]
    as_json = os.environ.get("CORDBOARD_LOG") == "json"
    # Plain tracebacks: the pretty ones print the values of variables, which may be about customers.
    last: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if as_json else []),
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(wanted)
    for noisy in ("uvicorn.access", "aioice.ice", "aiortc", "faker"):
        logging.getLogger(noisy).setLevel("WARNING")
    for own in ("uvicorn", "uvicorn.error", "gunicorn.error", "gunicorn.access", "django"):
        logging.getLogger(own).handlers[:] = []
        logging.getLogger(own).propagate = True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
