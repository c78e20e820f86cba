"""Activation of an account, step by step, inside a sign-in that waits for it."""
