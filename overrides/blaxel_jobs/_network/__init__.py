"""Connections: where to, through which proxy, under whose certificates, and until when.

In: an attempt, by a context variable, with its deadline. Out: httpx transports whose connections
keep to it, and know whether anything was sent.
"""
