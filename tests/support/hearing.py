"""Who hears answers while they are made, and remembers them."""

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Hearing:
    """A `ports.TextListener` that keeps what it heard."""

    answers: list[str] = field(default_factory=list)  # one a try, as far as it came

    def restart(self) -> None:
        """Another answer begins."""
        self.answers.append("")

    def piece(self, text: str) -> None:
        """The answer goes on; that it has begun was said."""
        self.answers[-1] += text
