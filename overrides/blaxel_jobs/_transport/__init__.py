"""How requests leave and answers come back: drivers, connections, deadlines, bounded bodies.

In: the policy's effects. Out: outcomes. Imported by what sets a client up.
"""
