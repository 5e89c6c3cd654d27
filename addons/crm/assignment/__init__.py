"""Assigning leads by rules: who takes which, the plan, carrying it out; and what becomes of leads that come in."""
