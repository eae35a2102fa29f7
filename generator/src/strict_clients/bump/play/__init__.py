"""Plays a version bump: the packages of both documents make the same calls, and every difference is a finding.

The calls are derived from the package of the old document, as a caller of the last release writes them. Each package
runs in a process of its own, because both have the same import name. Nothing is sent: a function answers.

`plan` and `player` run in those processes, with `package`, `values`, `patterns`, `shown`, `plain`, `answers`,
`failures` and `fitting`, which import only the package and the standard library. `run` starts them; `compare`,
with `requests`, `results` and `found`, compares their results, and `named` finds what other views say. The ratings:

| what a caller or the service notices | rating |
|---|---|
| a call is refused that was accepted, or raises where it returned a result | major |
| a request goes to another host | major |
| a request has the path that another operation had | major |
| an argument is no longer sent, or means something else (`red`, and was `green`) | major |
| another credential is sent | major |
| the same values are sent to another path, or with another verb, name, place, style or name of JSON | minor |
| something more is sent; a credential is no longer sent and none replaces it | minor |
| a call is sent more or less often | minor |
| a result lacks a value, or has another one or one of another type; a list has other items | major |
| a result has an additional value | minor |
| an error is of another class that is not a subclass; lacks its code or its message, or has others | major |
| an error is of a subclass, or of a documented class for a new status; asks for another wait | minor |
| an operation that is new fails with the emulator of its own document | minor |

A verb alone is minor, as in the rules: the document still calls it the same operation, and the package follows it. If
the verb is repeated after failures and the old one was not, or the other way round, that is a finding of its own.
"""
