"""Gondolier's core: declare, plan, run, observe, act."""
