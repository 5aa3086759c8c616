"""Coverage-guided fuzzing of whatever reads what others wrote.

`make fuzz` runs each target for a while; `tests/fuzz/found` keeps the inputs that were too much for
it once, and `test_found.py` gives them to it again in every test run.
"""
