"""The client: pages that people work with. Routes and page frames; what a view shows comes from `core.views`.

Every page works without scripts, its address holds its whole state, and a change answers with a redirect (or, asked
by htmx, with the part of the page that changed). Nothing here decides about rights: the records do.
"""
