"""Samples of an operation in several languages, and the page of an API, both made from the model."""
