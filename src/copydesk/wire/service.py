"""The service's own answers."""

from typing import Literal

from copydesk.wire.text import AnswerModel


class Health(AnswerModel):
    """Whether the service is alive, or ready."""

    status: Literal["ok"]
