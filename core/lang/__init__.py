"""The expression language: one syntax for rules, filters, modifiers, computed fields and the API's conditions.

Here: source text -> typed tree (`parser`), tree -> SQL text with slots (`sql`), tree -> Python predicate (`python`),
tree -> explanation (`trace`), order strings (`order`), foreign prefix lists (`prefix`). Not here: models, rows,
connections, users, rights. Everything works on the descriptions of `schema` and the kinds of `kinds`. Import from the
submodules.
"""
