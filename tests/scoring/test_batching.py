from hypothesis import given
from hypothesis import strategies as st

from components.scoring.batching import FIRST_BUDGET, LARGEST_BUDGET, SMALLEST_BUDGET, TokenBudget, cut_batches

LENGTHS = st.lists(st.integers(0, 512), max_size=60)


@given(LENGTHS, st.integers(1, 2000))
def test_batches_hold_every_text_once_within_the_budget(lengths, budget):
    batches = list(cut_batches(lengths, lambda: budget))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or longest * len(batch) <= budget


@given(LENGTHS)
def test_longest_first(lengths):
    ordered = [lengths[index] for batch in cut_batches(lengths, lambda: 500) for index in batch]
    assert ordered == sorted(lengths, reverse=True)


def test_the_budget_shrinks_at_once_when_a_piece_was_too_slow():
    budget = TokenBudget(piece_s=0.2)
    budget.learn(FIRST_BUDGET, 0.5)
    assert budget() == FIRST_BUDGET * 2 // 5


def test_the_budget_grows_in_steps_and_has_bounds():
    budget = TokenBudget(piece_s=0.2)
    before = budget()
    for _ in range(50):
        budget.learn(budget(), 0.001)
        assert before <= budget() <= LARGEST_BUDGET
    assert budget() == LARGEST_BUDGET
    for _ in range(50):
        budget.learn(budget(), 100.0)
    assert budget() == SMALLEST_BUDGET


def test_small_quick_pieces_say_nothing():
    budget = TokenBudget(piece_s=0.2)
    budget.learn(10, 0.05)
    assert budget() == FIRST_BUDGET


def test_a_measured_ceiling_is_used_at_once_and_kept():
    budget = TokenBudget(piece_s=0.2)
    budget.set_ceiling(512)
    assert budget() == budget.ceiling == 512
    for _ in range(50):
        budget.learn(budget(), 0.001)
    assert budget() == 512
    assert budget.fresh().ceiling == 512
