"""The half of the runtime that is for asyncio; `sync` is its twin, and never loads it."""
