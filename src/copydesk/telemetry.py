"""Structured logs: console lines on a terminal, JSON lines elsewhere; never a secret, never article text."""

import logging
import sys
from typing import Literal

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

_NOISY = (
    "httpx2",
    "httpcore2",
    "trafilatura",
    "alembic",
    "aiosqlite",
    "htmldate",
    "courlan",
    "uvicorn.access",
    "dbos",
    "bm25s",
    "ddgs",
    "primp",  # names every address that ddgs asks, queries included
)


def configure_logging(*, level: str = "info", style: Literal["auto", "json", "console"] = "auto") -> None:
    """Send all logs to standard error, at `level` and above."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    handler.addFilter(_is_worth_it)


def _is_worth_it(record: logging.LogRecord) -> bool:
    """Drop the small talk of libraries here: a level on their loggers would not last, some set their own at import."""
    return record.levelno >= logging.WARNING or not record.name.startswith(_NOISY)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger bound to `name` (a module's)."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
