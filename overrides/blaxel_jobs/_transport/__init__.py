"""How requests leave and answers come back: two drivers of the policy, deadlines, bounded bodies.

In: the effects that the policy asks for. Out: their outcomes.
"""
