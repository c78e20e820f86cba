"""Destruction of personal data: order, reports of services, act."""
