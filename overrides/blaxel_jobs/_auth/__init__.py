"""Who is calling: credentials, the tokens they are exchanged for, and secrets that stay unseen.

In: arguments, the environment, the file of the vendor's command line. Out: the bearer token of an
attempt. `_retry` decides when a token is renewed; `credentials` holds the public classes.
"""
