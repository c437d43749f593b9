"""Compare's widgets with the stored result and no model code at all: what the first paint is measured against."""

from components.benchmark.drawn import draw
from components.stored import load_stored

draw(load_stored())
