"""One record as a form shows it: to read, to edit, or new; and again with unsaved values, without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup

from core.errors import Invalid, NotFound
from core.i18n import _
from core.lang.tree import Expression
from core.records.environment import Environment
from core.views import looks as looks_module
from core.views.form.arch import CounterNode, FormArch, Notebook, Related, Section, Tab
from core.views.form.properties import Spread, holding, spread_form, spread_values
from core.views.form.related import RelatedPage, count_related, read_related
from core.views.form.shown import Counter, ShownButton, ShownError
from core.views.form.steps import Step, steps
from core.views.form.typed import Typed
from core.views.form.unsaved import compute, follow, quality_paths
from core.views.kit import Kit
from core.views.looks import Looks, load_choices
from core.views.modifiers import evaluate
from core.views.nodes import FieldNode, paths
from core.views.paths import needed
from core.views.properties import node_at
from core.views.state import State
from core.views.types import form_conditions
from core.views.view import ComposedView, Variant

SHOWN_BUTTONS = 3
Keys = frozenset[str]


@dataclass(slots=True)
class FormPage:
    """A record on a form. `hidden`, `fixed` and `required` hold the keys of nodes whose modifiers hold.

    `record` is by dotted path, unsaved values included; `counters`, `menu`, `aside` and `hints` the page around puts
    in, `hinted` the fields that hints depend on; `back` is where Discard leads; `archived` says so in words,
    unless a mark in the head tells why; `dependencies` are the fields whose change asks for a refresh; `properties` has
    the keys of the fields that stand for one of properties, by its key.
    """

    id: int | None
    version: int | None
    title: str
    state: State
    record: dict[str, Any]
    kit: Kit
    looks: Looks
    may_write: bool
    active: bool = True
    archived: bool = False
    hidden: Keys = frozenset()
    fixed: Keys = frozenset()
    required: Keys = frozenset()
    current: Keys = frozenset()
    dependencies: Keys = frozenset()
    properties: Mapping[str, list[str]] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    buttons: list[ShownButton] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    related: dict[str, RelatedPage] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    error_list: list[ShownError] = field(default_factory=list)
    counters: Sequence[Counter] = ()
    menu: Markup = field(default_factory=Markup)
    aside: Markup = field(default_factory=Markup)
    hints: Markup = field(default_factory=Markup)
    hinted: tuple[str, ...] = ()
    back: str = ""
    shown_buttons: int = SHOWN_BUTTONS


def page(env: Environment, view: ComposedView, id_: int, state: State) -> FormPage:
    """A record to read.

    :raises NotFound: there is no such record, or the user may not know that there is.
    """
    making = _Making(env, view, state)
    found = making.page(making.stored(id_), id_)
    making.complete(found)
    return found


def editing(
    env: Environment,
    view: ComposedView,
    id_: int | None,
    state: State,
    *,
    typed: Typed | None = None,
    errors: Mapping[str, str] | None = None,
    defaults: Mapping[str, object] | None = None,
    record_name: str = "",
) -> FormPage:
    """A record to edit, or (without `id_`) a new one with `defaults`; with what was typed and refused, if anything.

    `record_name` is what a new one is called. This also answers a refresh: modifiers and computed values are worked out
    over the typed values. Writes nothing.
    """
    making = _Making(env, view, state, record_name)
    record = making.stored(id_) if id_ is not None else making.blank(defaults or {}, typed)
    if typed is not None:
        making.put(record, typed if id_ is not None else making.touched(defaults or {}, typed))
    found = making.page(record, id_)
    if typed is not None:
        found.record.update(typed.raw)
    load_choices(env, found.looks, making.arch.editable().values())
    making.refuse(found, {**(typed.errors if typed else {}), **(errors or {})})
    return found


def counters_of(env: Environment, view: ComposedView) -> Sequence[CounterNode]:
    """The counters in the head of a form."""
    arch: FormArch = view.variant(env).arch
    return arch.counters


def dependencies(env: Environment, view: ComposedView) -> frozenset[str]:
    """The fields of the record that any modifier or shown computed field depends on, however indirectly."""
    return _Making(env, view, State()).dependencies()


@dataclass(slots=True)
class _Making:
    env: Environment
    view: ComposedView
    state: State
    record_name: str = ""
    spread: Spread | None = None

    @property
    def variant(self) -> Variant:
        return self.view.variant(self.env)

    @property
    def base(self) -> FormArch:
        """The form as it is for every record."""
        arch: FormArch = self.variant.arch
        return arch

    @property
    def arch(self) -> FormArch:
        """The form with the properties of the record, once it is known."""
        return self.spread.arch if self.spread else self.base

    @property
    def model(self) -> str:
        return self.view.model

    def _conditional(self) -> set[str]:
        """Every path that a modifier depends on."""
        return needed(
            self.env.registry, self.model, [path for each in form_conditions(self.arch) for path in each.paths]
        )

    def _computed(self) -> set[str]:
        shown = [node.path for node in self.arch.fields() if node.info.expression is not None]
        return needed(self.env.registry, self.model, shown)

    def _qualities(self) -> set[str]:
        return quality_paths(self.env.registry, self.model, self.arch.fields())

    def dependencies(self) -> frozenset[str]:
        depends = self._conditional() | self._computed() | self._qualities()
        found = frozenset(path.partition(".")[0] for path in depends)
        return found | {node.info.by for node in holding(self.base)}

    def wanted(self) -> list[str]:
        """Everything to read of the record, in one query."""
        active = ["active"] if self._is_field("active") else []
        links = {node.path for node in self.base.fields() if node.info.link is not None}
        owners = [node.info.by for node in holding(self.base)]
        extra = sorted((self._conditional() | self._computed() | self._qualities()) - links)
        return list(dict.fromkeys(["id", "version", *active, *paths(self.base.fields()), *owners, *extra]))

    def stored(self, id_: int) -> dict[str, Any]:
        found = self.env[self.model].read_ids([id_], self.wanted()).get(id_)
        if found is None:
            label = _(self.env.registry.schema[self.model].label or self.model)
            raise NotFound(_("There is no {model} {id}, or you may not see it.", model=label, id=id_))
        return {**found, **spread_values(self.env, self.base, found)}

    def blank(self, given: Mapping[str, object], typed: Typed | None = None) -> dict[str, Any]:
        """A record that is not there yet, with the values it would begin with.

        What began with a value follows what was typed elsewhere: a stage that was chosen brings its probability.
        """
        record: dict[str, Any] = dict.fromkeys(self.wanted())
        begins = self._begins(given)
        if typed is not None:
            follows = self._begins({**given, **self.touched(given, typed).values})
            begins = {name: follows.get(name) if value is not None else None for name, value in begins.items()}
            begins.update(
                (name, value) for name, value in follows.items() if name not in begins
            )  # another's properties
        self._set(record, begins)
        for node in self.arch.fields():
            if node.info.link is not None:
                record.setdefault(node.path, [])
        return record

    def _begins(self, given: Mapping[str, object]) -> dict[str, Any]:
        values, records = {name: value for name, value in given.items() if self._is_field(name)}, self.env[self.model]
        try:
            found = records.defaults(values)
        except Invalid as error:  # what does not fit is refused when it is saved, beside its field
            wrong = {each.field for each in error.errors}
            found = records.defaults({name: value for name, value in values.items() if name not in wrong})
        return {**found, **spread_values(self.env, self.base, found)}

    def touched(self, given: Mapping[str, object], typed: Typed) -> Typed:
        """What was typed into a new record: the values that differ from those it began with."""
        begins = self._begins(given)
        values = {name: value for name, value in typed.values.items() if value != begins.get(name)}
        return replace(
            typed, values=values, labels={n: t for n, t in typed.labels.items() if n in values or n in typed.errors}
        )

    def _is_field(self, name: str) -> bool:
        return name in self.env.registry.schema[self.model].fields

    def put(self, record: dict[str, Any], typed: Typed) -> None:
        """Lay typed values over the record. What cannot be read is left out: conditions are worked out without it."""
        self._set(record, typed.values)
        nodes = self.arch.editable()
        for name, label in typed.labels.items():
            if name in nodes and nodes[name].label_path:
                record[nodes[name].label_path] = label
                record[name] = None if name in typed.errors else record[name]
        follow(self.env.registry, self.model, record, typed.values, self._qualities(), self._begins)
        compute(self.env, self.model, record, self.arch.fields())

    def _set(self, record: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Values by field, and what is read beyond the relations among them."""
        for name, value in values.items():
            beyond = [path for path in self.wanted() if path.startswith(f"{name}.")]
            if beyond and record.get(name) != value:
                record.update(self._beyond(name, value, beyond))
            record[name] = value

    def _beyond(self, name: str, value: object, beyond: list[str]) -> dict[str, Any]:
        """The values behind a relation that was chosen and is not saved yet."""
        target = str(self.env.registry.schema[self.model].fields[name].target)
        inner = [path.partition(".")[2] for path in beyond]
        found = self.env[target].read_ids([value], inner).get(value, {}) if isinstance(value, int) else {}
        return {path: found.get(rest) for path, rest in zip(beyond, inner, strict=True)}

    def page(self, record: dict[str, Any], id_: int | None) -> FormPage:
        spread = self.spread = spread_form(self.env, self.base, record)
        looks = looks_module.load(self.env, list(self.arch.fields()), [record])
        looks.nodes.update(spread.nodes)
        hidden, fixed, required = self._modifiers(record)
        info = self.env.registry.schema[self.model]
        title = record.get(info.label_field)
        found = FormPage(
            id=id_,
            version=record.get("version"),
            title=str(title or f"#{id_}") if id_ is not None else self._new_title(),
            state=self.state,
            record=record,
            kit=self.view.kit(self.env),
            looks=looks,
            may_write=self.env[self.model].may("update" if id_ is not None else "create"),
            hidden=hidden | spread.empty,
            properties=spread.keys,
            fixed=fixed,
            required=required,
            dependencies=self.dependencies(),
            hinted=self.env.registry.hinted(self.model),
            current=frozenset(tab.key for tab in self._current_tabs(hidden)),
        )
        found.active = id_ is None or record.get("active", True) is not False
        found.archived = not found.active and not any(
            node.widget.name == "chip" and node.key not in hidden for node in self.arch.head
        )
        found.buttons = self._buttons(found)
        found.steps = steps(self.arch.path, record, looks)
        return found

    def _new_title(self) -> str:
        called = _(self.record_name or self.env.registry.schema[self.model].label or self.model)
        return _("New {record}", record=self.view.kit(self.env).inside(called))

    def complete(self, found: FormPage) -> None:
        """Read the related lists that are shown; those on other tabs are counted."""
        shown = {item.key for section in self._shown_sections(found) for item in section.items}
        for related in self.arch.related():
            if related.key in shown and related.field.key not in found.hidden and found.id is not None:
                found.related[related.key] = read_related(
                    self.env, related, found.id, self.variant, found.looks, found.kit
                )
        for tab in self._tabs():
            lists = [item for each in tab.sections for item in each.items if isinstance(item, Related)]
            if len(lists) == 1 and found.id is not None and not {tab.key, lists[0].field.key} & found.hidden:
                found.counts[tab.key] = self._count(found, lists[0], found.id)

    def _count(self, found: FormPage, related: Related, owner: int) -> str:
        read = found.related.get(related.key)
        return (
            read.count_text(found.kit) if read and not read.more else count_related(self.env, related, owner, found.kit)
        )

    def _tabs(self) -> Iterable[Tab]:
        return (tab for part in self.arch.body if isinstance(part, Notebook) for tab in part.tabs)

    def _shown_sections(self, found: FormPage) -> Iterable[Section]:
        for part in self.arch.body:
            if isinstance(part, Section):
                yield part
                continue
            yield from (section for tab in part.tabs if tab.key in found.current for section in tab.sections)

    def _current_tabs(self, hidden: Keys) -> Iterable[Tab]:
        """Of each notebook the tab that the address names, else the first that is not hidden."""
        for part in self.arch.body:
            if isinstance(part, Notebook):
                visible = [tab for tab in part.tabs if tab.key not in hidden]
                named = [tab for tab in visible if tab.name == self.state.page]
                yield from (named or visible)[:1]

    def _modifiers(self, record: dict[str, Any]) -> tuple[Keys, Keys, Keys]:
        nodes = [*self.arch.fields(), *(each.field for each in self.arch.related())]
        fields = [(node.key, node) for node in nodes]
        hidden = self._holding(record, {**{key: node.invisible for key, node in fields}, **self._parts()})
        fixed = self._holding(record, {key: node.readonly for key, node in fields})
        required = self._holding(record, {key: node.required for key, node in fields})
        record["_settled"] = self._holding(record, {key: node.settled for key, node in fields})
        always = {key for key, node in fields if node.info.required and node.edit}
        return frozenset(hidden), frozenset(fixed), frozenset(required | always)

    def _parts(self) -> dict[str, Expression | None]:
        """The conditions under which sections, tabs, buttons and counters are not shown."""
        parts = {section.key: section.invisible for section in self.arch.sections()}
        parts.update({tab.key: tab.invisible for tab in self._tabs()})
        parts.update({button.key: button.invisible for button in self.arch.buttons})
        parts.update({counter.key: counter.invisible for counter in self.arch.counters})
        return parts

    def _holding(self, record: Mapping[str, Any], conditions: Mapping[str, Expression | None]) -> set[str]:
        functions = {key: self.variant.predicates[each] for key, each in conditions.items() if each is not None}
        return evaluate(self.env, self.model, record, functions) if functions else set()

    def _buttons(self, found: FormPage) -> list[ShownButton]:
        if found.id is None:
            return []
        shown = [button for button in self.arch.buttons if button.key not in found.hidden]
        shown.sort(key=lambda button: not button.primary)
        return [
            ShownButton(
                button.action,
                _(button.label),
                button.icon,
                button.primary and index == 0,
                _(button.confirm) if button.confirm else "",
            )
            for index, button in enumerate(shown)
        ]

    def refuse(self, found: FormPage, errors: Mapping[str, str]) -> None:
        """Put mistakes at their fields and in the summary."""
        nodes = self.arch.editable()
        found.errors = dict(errors)
        found.error_list = [
            ShownError(_(nodes[name].label), text, f"edit-{nodes[name].key}")
            if name in nodes
            else ShownError("", text, "")
            for name, text in errors.items()
        ]


def field_of(env: Environment, view: ComposedView, name: str) -> FieldNode:
    """The node that edits a field of the record, or one of its properties.

    :raises NotFound: the form has no such field, or it cannot be edited.
    """
    arch: FormArch = view.variant(env).arch
    found = arch.editable().get(name)
    for node in holding(arch):
        found = found or node_at(env, node, name)
    if found is None or not found.edit:
        raise NotFound(_("The form has no field '{name}' to edit.", name=name))
    return found
