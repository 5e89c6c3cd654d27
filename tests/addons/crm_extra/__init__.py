"""Extends crm in every way an addon can: a field, a method, a model of its own, a view change, a rule and a menu."""
