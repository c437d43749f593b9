"""The field's words, explained where they appear. The same texts serve all pages."""

from __future__ import annotations

TERMS: dict[str, str] = {
    "bi-encoder": (
        "A model that turns the query and each document into one vector, each alone, and compares the vectors. "
        "Document vectors can be made beforehand and kept, so it is fast on large collections."
    ),
    "cross-encoder": (
        "A model that reads query and document together, so every word can look at every other. Nothing can be made "
        "beforehand: one forward pass for every pair."
    ),
    "BM25": (
        "A count of shared words, weighted by how rare a word is among these documents and by document length. "
        "No model: it knows nothing about meaning."
    ),
    "late interaction": (
        "Query and document are embedded alone, but one vector a token is kept; the score adds up the best match of "
        "each query token."
    ),
    "cosine": (
        "The cosine of the angle between two vectors, from −1 to 1. What is high depends on the model: compare cosines "
        "of one model for one query, and nothing else."
    ),
    "dot": "The dot product of two vectors. It has no fixed range: compare scores of one model for one query.",
    "euclidean": "The distance of two vectors, negated, so that more is nearer.",
    "manhattan": "The sum of the differences of two vectors' numbers, negated, so that more is nearer.",
    "logit": (
        "The cross-encoder's raw output. It has no fixed range; 0 means “as likely relevant as not” only if the model "
        "is calibrated. Never compare a logit with a cosine: compare the order."
    ),
    "MaxSim": "The sum over query tokens of each one's highest similarity to any document token.",
    "rank": "Place in the order of one column, 1 is best. Equal scores share a rank.",
    "move": "How many places a document rises (+) or falls (−) from the first column to the column it is ordered by.",
    "tau-b": (
        "Kendall's tau-b: 1 when two columns order all pairs of documents the same way, −1 when they reverse all of "
        "them, 0 when as many pairs agree as disagree. Ties are allowed for."
    ),
    "shared": "How many documents two columns both have among their first few: what a reader of the top would notice.",
    "tokens": (
        "The pieces a model reads. Each model has a window: what lies beyond it was never seen and cannot count. "
        "For BM25 these are words."
    ),
    "judge": (
        "Your own judgment of a document for this query: 0 not relevant, 1 slightly, 2 relevant, 3 highly relevant. "
        "Click, or press 0 to 3 on a row and go on with the next; Backspace takes a judgment back."
    ),
    "qrels": "Judgments in the form of the TREC conferences: query, 0, document, grade. trec_eval reads them.",
    "run": "A ranking in TREC's form: query, Q0, document, rank, score, name of the system. trec_eval reads it.",
    "nDCG": (
        "Normalised discounted cumulative gain of the first k documents: grades added up, each divided by "
        "log2(rank + 1), over what the ideal order would give. 1 is the ideal order."
    ),
    "AP": (
        "Average precision: at each relevant document (judged 1 or more) the share of relevant ones down to there, "
        "averaged over all relevant documents."
    ),
    "RR": "Reciprocal rank: 1 divided by the rank of the first document judged 1 or more; 1, 1/2, 1/3 ...",
    "P": "Precision: the share of the first k documents that are judged 1 or more.",
    "recall": (
        "The share of the passages judged relevant that are among the first stage's first k: what re-ranking them can "
        "at best bring to the top."
    ),
    "k": "How many of the first stage's candidates the cross-encoder reads. The others keep their order below them.",
    "first stage": (
        "What finds candidates among all passages: fast, because passages were made into vectors or word counts "
        "beforehand."
    ),
    "fused": (
        "Reciprocal rank fusion: each list gives a passage 1 / (60 + its rank), and the sums are sorted (Cormack and "
        "others 2009)."
    ),
    "chunk": (
        "A piece of a long document, 128 tokens that share 32 with the piece before. Each is scored as if it were a "
        "document of its own."
    ),
    "entailment": (
        "Textual entailment (also natural language inference): whether someone who takes the first text, the premise, "
        "for true must take the second, the hypothesis, for true as well. Being about the same thing is not enough."
    ),
    "probability": (
        "Softmax of the model's logits, one for each class; they sum to 100 %. It says how the model divides its "
        "belief, and is right that often only where the model is calibrated."
    ),
    "swap": (
        "Hypothesis first, premise second. Entailment has a direction: a robin is a bird, a bird need not be a robin. "
        "A cosine of two vectors has none."
    ),
    "replicate": "One whole run, repeated under the same conditions. Every replicate is a dot; none is left out.",
    "median": "The middle of all replicates: half took less, half took more. One slow run does not move it.",
    "p95": "The 95th percentile: 95 of 100 replicates took less. What a service promises is nearer to this.",
    "warm-up": "The first run, in which memory is fetched and code is got ready. Drawn hollow, counted nowhere.",
    "forward pass": (
        "One text, or one query-document pair, going through all layers of a model. Several go together in a batch."
    ),
    "FLOP": "A floating-point operation: an addition or a multiplication. Counted from the model's shape, not timed.",
    "R²": "The share of the differences in time that the line explains: 1 is all of them, 0 none.",
    "index": "Document vectors made beforehand and kept. A query is embedded and compared with all of them.",
    "two-stage": "The bi-encoder's index finds the best k documents, the cross-encoder orders only those.",
    "break-even": (
        "The number of queries after which embedding every document once has cost less than running the cross-encoder "
        "over all of them for each query."
    ),
    "extrapolated": (
        "Computed from a line through what was measured, for numbers that were not. The interval is the line's own; "
        "what it does not know (memory, caches, other work) is not in it."
    ),
}
