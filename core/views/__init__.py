"""Views: arch text from data files, extended by XPath, checked against the registry, generated as Jinja templates.

Each view type is a folder with its grammar, its reading and checks, its generation and its page data. Nothing here
knows HTTP or routes: links come in through `links.Links`. Text from data reaches a template only as a constant, never
as template text. Records are read through the environment alone.
"""
