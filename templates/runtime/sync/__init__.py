"""The blocking half of the runtime; `aio` is the asyncio half."""
