"""The store: every conversation, lesson and checkpoint's record, durable and private.

`Database` opens the file and writes it; the repositories (`Conversations`, `Models`, `Learning`,
`Accounts`) are what the rest of the application talks to, each bound to one user.
"""
