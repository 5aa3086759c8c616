"""From the body of a success to a model that is as its types promise.

In: the body of a 2xx. Out: a generated model, by `decode.execution_of`, or ResponseDecodeError.
`api.Api` is the generated client, with every operation's answer checked; `timestamp` is public.
"""
