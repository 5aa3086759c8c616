"""Who is calling: credentials, the tokens they are exchanged for, and secrets that stay unseen.

In: arguments, the environment, the vendor's file. Out: the bearer token of an attempt. Imported by
`_retry` and by what sets a client up.
"""
