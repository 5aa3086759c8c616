"""How requests leave and answers come back: drivers, connections, deadlines, bounded bodies.

In: the effects that the policy asks for. Out: outcomes. Imported by the clients and `_settings`.
"""
