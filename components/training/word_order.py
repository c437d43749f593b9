"""Rows about word order, made by rule: the same words in other places mean something else.

A small network that learns from crowd-written pairs takes shared words for entailment. These rows give it the same
words with both answers: roles swapped, passives, before and after, if and because, more and less. The texts are our own
(CC BY 4.0); the frames are few, so the rows teach a habit and measure nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from components.training.entailment import NOT_ENTAILMENT, Pair

_NAMES = """Anna Ben Carla David Ella Farid Grace Henry Irene Jonas Keiko Liam Maya Noah Olga Pedro Quinn Rosa
Sam Tariq Uma Victor Wendy Xenia Yusuf Zoe"""
NAMES = _NAMES.split()
PEOPLE = """the doctor;the nurse;the teacher;the student;the lawyer;the judge;the boy;the girl;the farmer;the
baker;the guide;the tourist;the manager;the clerk;the singer;the drummer;the neighbour;the visitor;the dog;the
cat;the horse;the goat;the old man;the young woman;the painter;the sailor;the cook;the guest;the mayor;the
driver;the fox;the rabbit""".replace("\n", " ").split(";")
_VERBS = """chased/chased helped/helped saw/seen called/called pushed/pushed thanked/thanked followed/followed
bit/bitten praised/praised blamed/blamed paid/paid invited/invited ignored/ignored trusted/trusted warned/warned
beat/beaten hired/hired visited/visited fed/fed tricked/tricked caught/caught"""
VERBS = _VERBS.split()
GIFTS = """a book;a letter;an apple;the keys;some money;a photograph;a map;a ticket;a warm coat;a box of
nails;an umbrella""".replace("\n", " ").split(";")
GIVING = (
    ("gave", "given"),
    ("sent", "sent"),
    ("sold", "sold"),
    ("lent", "lent"),
    ("handed", "handed"),
    ("showed", "shown"),
)
EVENTS = """the train left;the concert began;the rain stopped;the shop closed;the guests arrived;the film
ended;the lights went out;the bell rang;the bread was baked;the meeting started;the sun came up;the letter
arrived;the baby woke up;the bus broke down;the phone rang;the snow melted;the war ended;the bridge was
built""".replace("\n", " ").split(";")
STATES = """it rains|the match is off;the shop is open|we buy milk;the bridge is closed|the bus is late;the test
fails| the flight is cancelled;the snow melts|the river floods;the boss agrees|Tom gets a raise;the tickets are
sold out|we stay at home;the alarm rings|everybody leaves the building;the price falls|more people buy the
phone;the wind is strong|the ferry stays in the harbour;the soup is cold|the guest complains;the door is
locked|the dog waits outside""".replace("\n", " ").split(";")
_SCALES = """taller/shorter older/younger heavier/lighter faster/slower richer/poorer louder/quieter
stronger/weaker happier/sadder"""
SCALES = _SCALES.split()

Frame = Callable[[random.Random], tuple[str, str, str]]


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[0].upper() + text[1:] + "."


def _two(rng: random.Random) -> tuple[str, str]:
    first, second = rng.sample(NAMES if rng.random() < 0.5 else PEOPLE, 2)
    return first.strip(), second.strip()


def acting(rng: random.Random) -> tuple[str, str, str]:
    """Who did it to whom: swapped, passive, passive swapped."""
    a, b = _two(rng)
    past, participle = rng.choice(VERBS).split("/")
    if rng.random() < 0.5:
        premise, passive = f"{a} {past} {b}", f"{b} was {participle} by {a}"
    else:
        premise, passive = f"{b} was {participle} by {a}", f"{a} {past} {b}"
    kind = rng.random()
    if kind < 0.55:
        return premise, f"{b} {past} {a}" if kind < 0.35 else f"{a} was {participle} by {b}", NOT_ENTAILMENT
    return premise, passive if kind < 0.9 else premise, "entailment"


def giving(rng: random.Random) -> tuple[str, str, str]:
    """Who gave what to whom."""
    a, b = _two(rng)
    thing = rng.choice(GIFTS)
    past, participle = rng.choice(GIVING)
    forms = [f"{a} {past} {b} {thing}", f"{a} {past} {thing} to {b}", f"{b} was {participle} {thing} by {a}"]
    swapped = [f"{b} {past} {a} {thing}", f"{b} {past} {thing} to {a}", f"{a} was {participle} {thing} by {b}"]
    premise = rng.choice(forms)
    if rng.random() < 0.55:
        return premise, rng.choice(swapped), NOT_ENTAILMENT
    return premise, rng.choice([f for f in forms if f != premise]), "entailment"


def ordering(rng: random.Random) -> tuple[str, str, str]:
    """What came before what."""
    first, second = (e.strip() for e in rng.sample(EVENTS, 2))
    same = [
        f"{first} before {second}",
        f"{second} after {first}",
        f"before {second}, {first}",
        f"after {first}, {second}",
    ]
    other = [
        f"{second} before {first}",
        f"{first} after {second}",
        f"before {first}, {second}",
        f"after {second}, {first}",
    ]
    premise = rng.choice(same)
    if rng.random() < 0.5:
        return premise, rng.choice(other), "contradiction"
    return premise, rng.choice([s for s in same if s != premise] + [first, second]), "entailment"


def conditions(rng: random.Random) -> tuple[str, str, str]:
    """A condition states neither part; a reason states both."""
    cause, effect = (s.strip() for s in rng.choice(STATES).split("|"))
    part = rng.choice([cause, effect])
    if rng.random() < 0.6:
        premise = rng.choice([f"if {cause}, {effect}", f"{effect} if {cause}", f"{effect} only if {cause}"])
        return premise, part, "neutral"
    return (
        rng.choice([f"because {cause}, {effect}", f"{effect} because {cause}", f"{cause}, so {effect}"]),
        part,
        "entailment",
    )


def comparing(rng: random.Random) -> tuple[str, str, str]:
    """Who is more than whom."""
    a, b = _two(rng)
    more, less = rng.choice(SCALES).split("/")
    if rng.random() < 0.5:
        more, less = less, more
    premise = f"{a} is {more} than {b}"
    if rng.random() < 0.55:
        return premise, rng.choice([f"{b} is {more} than {a}", f"{a} is {less} than {b}"]), "contradiction"
    return premise, f"{b} is {less} than {a}", "entailment"


FRAMES: tuple[tuple[str, Frame], ...] = (
    ("acting", acting),
    ("giving", giving),
    ("ordering", ordering),
    ("conditions", conditions),
    ("comparing", comparing),
)


def word_order_pairs(count: int = 8000, seed: int = 13) -> list[Pair]:
    """``count`` rows, the frames in turn; the phenomenon names the frame."""
    rng = random.Random(seed)
    pairs = []
    for number in range(count):
        name, frame = FRAMES[number % len(FRAMES)]
        premise, hypothesis, label = frame(rng)
        pairs.append(Pair(_sentence(premise), _sentence(hypothesis), label, "word_order", name))
    return pairs
