"""From the body of a success to a model that is what its types say.

In: the body of a 2xx. Out: a generated model, by `decode.execution_of`, or ResponseDecodeError.
`api.Api` is the generated client that has every operation's answer looked at. Imported by the
clients; `timestamp` is public.
"""
