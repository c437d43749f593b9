"""Tiny cross-encoders with random weights, one of each family, each with a tokenizer of the kind the family uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import CrossEncoder
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AlbertConfig,
    AlbertForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    DebertaConfig,
    DebertaForSequenceClassification,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    MPNetConfig,
    MPNetForSequenceClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

from components.records import Kind, ScorerInfo

WINDOW = 96
TEXT = [
    "what do herons eat in the winter months",
    "The heron waits motionless in shallow water; then it swallows fish, frogs and young rats whole.",
    "Don't pay 3.50 for a don't-know, e.g. an unbelievably hydrodynamic beak!",
]
QUERY, DOCUMENT = "what do herons eat, hydrodynamic", "Herons don't eat 3.50 unbelievable fish… 🐟 or frogs."


def word_pieces() -> PreTrainedTokenizerFast:
    """WordPiece with [CLS] a [SEP] b [SEP], as BERT's."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(TEXT, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=WINDOW,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def byte_pairs() -> PreTrainedTokenizerFast:
    """Byte-level BPE with <s> a </s></s> b </s>, as RoBERTa's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=330, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True)
    return _with_s_tokens(tokenizer)


def unigrams() -> PreTrainedTokenizerFast:
    """SentencePiece-like unigrams that mark blanks, as XLM-R's."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(vocab_size=120, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return _with_s_tokens(tokenizer)


def _with_s_tokens(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=WINDOW,
        model_input_names=["input_ids", "attention_mask"],
    )


def _sizes(**more: Any) -> dict[str, Any]:
    return {
        "hidden_size": 24,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "intermediate_size": 32,
        "max_position_embeddings": WINDOW + 16,
        "num_labels": 1,
        **more,
    }


FAMILIES: dict[str, tuple[Callable[[], PreTrainedTokenizerFast], type, type, dict[str, Any]]] = {
    "bert": (word_pieces, BertForSequenceClassification, BertConfig, _sizes()),
    "roberta": (byte_pairs, RobertaForSequenceClassification, RobertaConfig, _sizes(type_vocab_size=1, pad_token_id=1)),
    "xlm-roberta": (
        unigrams,
        XLMRobertaForSequenceClassification,
        XLMRobertaConfig,
        _sizes(type_vocab_size=1, pad_token_id=1),
    ),
    "distilbert": (
        byte_pairs,
        DistilBertForSequenceClassification,
        DistilBertConfig,
        {
            "dim": 24,
            "n_layers": 3,
            "n_heads": 4,
            "hidden_dim": 32,
            "max_position_embeddings": WINDOW + 16,
            "num_labels": 1,
        },
    ),
    "electra": (word_pieces, ElectraForSequenceClassification, ElectraConfig, _sizes(embedding_size=16)),
    "mpnet": (byte_pairs, MPNetForSequenceClassification, MPNetConfig, _sizes(pad_token_id=1)),
    "albert": (word_pieces, AlbertForSequenceClassification, AlbertConfig, _sizes(embedding_size=16)),
    "modernbert": (
        byte_pairs,
        ModernBertForSequenceClassification,
        ModernBertConfig,
        _sizes(
            global_attn_every_n_layers=2,
            local_attention=16,
            pad_token_id=1,
            bos_token_id=0,
            cls_token_id=0,
            eos_token_id=2,
            sep_token_id=2,
        ),
    ),
    "deberta": (
        word_pieces,
        DebertaForSequenceClassification,
        DebertaConfig,
        _sizes(relative_attention=True, pos_att_type=["c2p", "p2c"], max_relative_positions=-1),
    ),
    "deberta-v2": (
        word_pieces,
        DebertaV2ForSequenceClassification,
        DebertaV2Config,
        _sizes(
            relative_attention=True,
            pos_att_type=["c2p", "p2c"],
            position_buckets=16,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
        ),
    ),
}


def build(family: str, folder: Path) -> tuple[CrossEncoder, ScorerInfo]:
    """A cross-encoder of a family, made from its configuration, saved and loaded as the app does it."""
    make_tokenizer, model_class, config_class, sizes = FAMILIES[family]
    torch.manual_seed(len(family))
    tokenizer = make_tokenizer()
    model = model_class(config_class(vocab_size=len(tokenizer), **sizes))
    with torch.no_grad():
        for parameter in model.parameters():  # far from the start values: attention that differs from place to place
            parameter.add_(torch.randn_like(parameter) * 0.15)
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    loaded = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    info = ScorerInfo(f"cross-encoder:{family}", Kind.CROSS_ENCODER, family, "logit", max_tokens=WINDOW)
    return loaded, info
