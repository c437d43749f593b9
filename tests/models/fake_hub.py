"""A Hub of our own on this machine, and tiny models to put on it: the whole way of adding one, without a network."""

from __future__ import annotations

import hashlib
import http.server
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlparse

from components.models.registry import packaged_bi_encoder
from components.settings import ASSETS

REVISION = "a" * 40


def tiny_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """A cross-encoder of two small layers with seeded weights and the shipped model's tokenizer."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(ASSETS / "models" / "relevance" / name, folder)
    return folder


def tiny_bi_encoder(folder: Path) -> Path:
    """A bi-encoder of two small layers, mean pooling, with prompts of its own."""
    import torch
    from transformers import BertConfig, BertModel

    source = packaged_bi_encoder()
    assert source is not None
    torch.manual_seed(7)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, max_position_embeddings=128
    )
    BertModel(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copy(source / name, folder)
    modules = json.loads((source / "modules.json").read_text())[:2]  # without normalising
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64, "do_lower_case": False}))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    prompts = {"prompts": {"query": "query: ", "document": "passage: "}, "similarity_fn_name": "cosine"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    return folder


@contextmanager
def fake_hub(models: dict[str, Path], delay_s: float = 0.0) -> Iterator[tuple[str, list[str]]]:
    """Serve folders as models; yields the address and the list of paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            time.sleep(delay_s)
            path = unquote(urlparse(self.path).path)
            asked.append(path)
            for name, folder in models.items():
                if path in (f"/api/models/{name}", f"/api/models/{name}/revision/{REVISION}"):
                    self.answer(json.dumps(about(name, folder)).encode(), "application/json")
                    return
                start = f"/{name}/resolve/{REVISION}/"
                if path.startswith(start) and (folder / path.removeprefix(start)).is_file():
                    self.answer((folder / path.removeprefix(start)).read_bytes(), "application/octet-stream")
                    return
                tree = f"/api/models/{name}/tree/{REVISION}"
                if path.startswith(tree):
                    listed = [{"type": "file", "path": p, "size": s, "oid": "0"} for p, s in sizes(folder).items()]
                    self.answer(json.dumps(listed).encode(), "application/json")
                    return
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def answer(self, data: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", REVISION)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def sizes(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def about(name: str, folder: Path) -> dict:
    siblings = [{"rfilename": path, "size": size} for path, size in sizes(folder).items()]
    return {"id": name, "sha": REVISION, "siblings": siblings, "cardData": {"license": "mit"}}
