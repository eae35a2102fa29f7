"""The half of the runtime that blocks; `aio` is its twin."""
