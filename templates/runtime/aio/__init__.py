"""The asyncio half of the runtime; `sync` is the other half, and never loads this one."""
