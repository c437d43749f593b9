"""Name-and-item groups, made by rule: which of sixteen alike passages names the thing that is asked for.

A model distilled from bi-encoders inherits their blindness for single words in lists (LIMIT, Weller et al. 2025, arXiv
2508.21038). Here topic decides nothing and one word everything. Frames and words are our own (CC BY 4.0).
"""

from __future__ import annotations

import random

SIZE = 16
_FIRST_NAMES = """Marta Jonas Ilse Bruno Petra Amir Selma Viktor Nadia Oskar Lena Rafael Tilda Emre Carla Simon Greta
Pavel Noemi Hugo Ingrid Dario Saskia Felix Mina Anton Livia Boris Clara Ruben Edda Marek Paula Nils
Dunja Casper Thea Goran Flora Jasper"""
_LAST_NAMES = """Silvan Brandt Okoro Lindqvist Moreau Tanaka Weber Novak Castell Haddad Ferrer Ostrow Kimura Dahl
Marchetti Roth Petrov Sorensen Alvarez Keller Banerjee Fontaine Nowak Larsen Duarte Meier Halloran
Vass Ibarra Thorne"""
FIRST, LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()
_THINGS = {
    "collects": """stamps;brass buttons;sea shells;vinyl records;old maps;tin toys;fountain pens;postcards;pocket
watches;fossils;beer mats;chess sets;teapots;door keys;board games;film posters;matchboxes;glass bottles;wooden
masks;thimbles;feathers;railway tickets;comic books;snow globes""",
    "plays": """the cello;the harp;the oboe;the banjo;the accordion;the trumpet;the flute;the piano;the drums;the
clarinet;the viola;the bassoon;the lute;the ukulele;the organ;the horn;the guitar;the violin;the zither;the tuba""",
    "speaks": """Danish;Welsh;Basque;Korean;Finnish;Hausa;Tamil;Polish;Swahili;Greek;Turkish;Catalan;Thai;Hebrew;
Czech;Farsi;Dutch;Latvian;Irish;Malay;Quechua;Zulu;Nepali;Estonian""",
    "repairs": """clocks;lawnmowers;bicycles;radios;umbrellas;sewing machines;typewriters;boats;chimneys;violins;
toasters;tents;cameras;harmonicas;fences;kettles;roofs;shoes;pianos;elevators""",
    "grows": """leeks;apricots;lentils;radishes;hops;pumpkins;saffron;figs;beetroot;barley;artichokes;plums;chillies;
turnips;quinces;spinach;lavender;walnuts;celery;currants""",
    "teaches": """geometry;pottery;fencing;Latin;welding;first aid;ballet;chemistry;carpentry;swimming;book keeping;
drawing;astronomy;judo;knitting;history;statistics;archery;singing;baking""",
    "has visited": """Lisbon;Oslo;Kyoto;Nairobi;Lima;Prague;Hanoi;Quito;Dublin;Tunis;Riga;Perth;Havana;Sofia;Seoul;
Malta;Bergen;Amman;Vilnius;Cusco;Zagreb;Tallinn;Bruges;Palermo""",
    "is allergic to": """peanuts;cats;pollen;wasps;shrimp;dust;penicillin;strawberries;wool;celery;sesame;latex;
horses;mould;soy;birch;mustard;eggs;dogs;nickel""",
}
_ASK = {
    "collects": ("who collects {}", "{} collector", "Who has a collection of {}?"),
    "plays": ("who plays {}", "Who can play {}?", "musician playing {}"),
    "speaks": ("who speaks {}", "{} speaker", "Which person speaks {}?"),
    "repairs": ("who repairs {}", "Who can mend {}?", "repair of {}"),
    "grows": ("who grows {}", "{} grower", "Who has {} in the garden?"),
    "teaches": ("who teaches {}", "{} teacher", "lessons in {}"),
    "has visited": ("who has visited {}", "Who has been to {}?", "traveller who went to {}"),
    "is allergic to": ("who is allergic to {}", "{} allergy", "Who must avoid {}?"),
}


def _list(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"


def _group(rng: random.Random) -> tuple[str, list[str]]:
    verb = rng.choice(list(_THINGS))
    things = [" ".join(t.split()) for t in _THINGS[verb].split(";")]
    wanted = rng.choice(things)
    others = [t for t in things if t != wanted]
    longest = rng.choice((1, 3, 5, 8))
    people = rng.sample([f"{a} {b}" for a in FIRST for b in LAST], SIZE)
    texts = []
    for number, person in enumerate(people):
        named = rng.sample(others, rng.randint(1, longest))
        if number == 0:
            named = [*named[: longest - 1], wanted]
            rng.shuffle(named)
        texts.append(f"{person} {verb} {_list(named)}.")
    if rng.random() < 0.35:  # ask for the person instead; the first text is theirs
        return rng.choice((f"what does {people[0]} do", people[0], f"tell me about {people[0]}")), texts
    return rng.choice(_ASK[verb]).format(wanted.removeprefix("the ") if rng.random() < 0.3 else wanted), texts


def lexical_groups(count: int, seed: int) -> list[tuple[str, list[str]]]:
    """Queries with ``SIZE`` passages each, the right one first."""
    rng = random.Random(seed)
    return [_group(rng) for _ in range(count)]
