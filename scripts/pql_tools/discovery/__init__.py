"""The search for criteria that predict payment."""
