"""What came of trying an endpoint that the settings name."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ModelCheck:
    """What one language model made of three tiny calls: in plain words, by a schema, by a function."""

    name: str  # as the setting has it
    priced: bool  # whether its price is known
    problem: str | None = None  # what is wrong, and what to do; the rest is empty then
    seconds: float = 0.0  # the first call
    answered_by: str = ""  # as the endpoint names the model
    streams: bool = False  # whether its answer came in pieces
    takes_schema: bool = False  # whether it answered by a JSON schema that the endpoint enforces
    takes_functions: bool = False  # whether it called a function
    window: int = 0  # tokens of prompt and answer
    window_known: bool = False  # whether that is stated or known, rather than assumed


@dataclass(frozen=True, kw_only=True)
class EmbeddingCheck:
    """What the embedding model made of two sentences."""

    name: str  # as the setting has it
    priced: bool  # whether its price is known
    problem: str | None = None  # what is wrong, and what to do; the rest is empty then
    seconds: float = 0.0
    length: int = 0  # numbers of a vector
