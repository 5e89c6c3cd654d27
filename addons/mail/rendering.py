"""Templates of mails: Jinja in a sandbox, over the fields of a record that the user may see, and nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core import EnvironmentProtocol, FieldError, Invalid, Refusal, _, closest

ROOTS = ("object", "user")
_SUBJECT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_BODY = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, trim_blocks=True)


class Shown:
    """A record as a template sees it: its fields by name, those of related records behind them; no method, no secret.

    What the user may not read is empty.
    """

    __slots__ = ("_env", "_id", "_model")

    def __init__(self, env: EnvironmentProtocol, model: str, id_: int) -> None:
        self._env, self._model, self._id = env, model, id_

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the field holds
        info = self._env.registry.schema[self._model].fields.get(name)
        if name.startswith("_") or info is None:
            raise AttributeError(name)
        value = self._env[self._model].read_ids([self._id], [name]).get(self._id, {}).get(name)
        if info.target is None:
            return _shown(value, dict(info.options))
        if isinstance(value, list | tuple):
            return [Shown(self._env, info.target, id_) for id_ in value]
        return None if value is None else Shown(self._env, info.target, value)

    def __str__(self) -> str:
        label = self._env.registry.schema[self._model].label_field
        found = self._env[self._model].read_ids([self._id], [label]).get(self._id, {})
        return str(found.get(label) or "")

    def __html__(self) -> str:
        return _BODY.from_string("{{ text }}").render(text=str(self))


def _shown(value: object, options: dict[str, str]) -> object:
    if value is None:
        return ""
    if options:
        return _(options.get(str(value), str(value)))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else value


def render(env: EnvironmentProtocol, subject: str, body: str, model: str, record: int) -> tuple[str, str]:
    """Subject and body of a template for one record, with the rights of the user.

    :raises Refusal: the template cannot be worked out for this record.
    """
    names = {"object": Shown(env, model, record), "today": env.today().isoformat()}
    if env.user:
        names["user"] = Shown(env, "res.users", env.user)
    try:
        made = _SUBJECT.from_string(subject).render(names), _BODY.from_string(body).render(names)
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as error:
        raise Refusal(_("The template cannot be filled in: {reason}.", reason=str(error))) from error
    return " ".join(made[0].split()), made[1]


def check(env: EnvironmentProtocol, field: str, source: str, model: str) -> None:
    """Refuse a template that can be read, but names what the model does not have.

    :raises Invalid: with line and the nearest name.
    """
    errors = [FieldError(field, text) for text in _mistakes(env, _BODY.parse(source), model)]
    if errors:
        raise Invalid(errors, model="mail.template")


def _mistakes(env: EnvironmentProtocol, tree: nodes.Template, model: str) -> Iterator[str]:
    """Names that lead nowhere; those below `{% for x in ... %}` and `{% set %}` are left to the rendering."""
    known = {*ROOTS, "today", "loop", *_assigned(tree), *_BODY.globals}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in known:
            suggestion = closest(name.name, ROOTS)
            hint = _(" Did you mean '{name}'?", name=suggestion) if suggestion else ""
            yield _("Line {line}: there is no '{name}'.{hint}", line=name.lineno, name=name.name, hint=hint)
    models = {"object": model, "user": "res.users"}
    for path in _paths(tree):
        wrong = _wrong_step(env, models[path[0]], path[2])
        if wrong:
            yield _("Line {line}: {wrong}", line=path[1], wrong=wrong)


def _assigned(tree: nodes.Template) -> set[str]:
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}


def _paths(tree: nodes.Template) -> Iterator[tuple[str, int, list[str]]]:
    """Root, line and names of each `object.partner.name`."""
    inner = {id(node.node) for node in tree.find_all(nodes.Getattr)}
    for node in tree.find_all(nodes.Getattr):
        if id(node) in inner:
            continue
        names, current = [], node
        while isinstance(current, nodes.Getattr):
            names.insert(0, current.attr)
            current = current.node  # type: ignore[assignment]  # an expression
        if isinstance(current, nodes.Name) and current.name in ROOTS:
            yield current.name, node.lineno, names


def _wrong_step(env: EnvironmentProtocol, model: str, names: list[str]) -> str:
    for name in names:
        fields = env.registry.schema[model].fields
        info = fields.get(name)
        if info is None:
            suggestion = closest(name, fields)
            hint = _(" Did you mean '{name}'?", name=suggestion) if suggestion else ""
            return _("field '{name}' is not on {model}.{hint}", name=name, model=model, hint=hint)
        if info.target is None:
            return ""
        model = info.target
    return ""
