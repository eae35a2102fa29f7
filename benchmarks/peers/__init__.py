"""The peers, a module each; only the worker of a peer imports its module.

Each of them has `NAME` and some of: `decode(content)`, `open_sync(url)`, `open_async(url)`, `facts(entry)`. What is
opened asks for a page by session, number of entries and cursor, and gives its entries.
"""
