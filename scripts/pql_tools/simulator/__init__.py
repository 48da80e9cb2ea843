"""Simulates a SaaS product, its dirty event log, and conversions with a known cause."""
