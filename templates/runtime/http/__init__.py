"""HTTP: every request goes through an httpx client, by default over the transport in this folder."""
