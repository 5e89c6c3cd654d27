"""The template of a form, put together from the files in `frames/`: for reading, editing in place, and editing all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.views.form.arch import FormArch, Item, Notebook, Related, Section, Tab
from core.views.list.generate import generate_related
from core.views.nodes import FieldNode
from core.views.template import Builder

FRAMES = Path(__file__).with_name("frames")
# Widgets whose markup holds links or boxes, which the link to their editor cannot hold.
_BESIDE = frozenset({"email", "phone", "url", "link", "partner", "html"})
_MARKS = frozenset({"priority"})


def generate(view: FormArch, builder: Builder) -> str:
    """The text of the template.

    Its macros are `whole`, `editing`, `sections_edit`, `head`; for each field `value_<key>` and `editor_<key>`; for
    each related list one called by its key.
    """
    return _Form(view, builder).text()


class _Form:
    def __init__(self, view: FormArch, builder: Builder) -> None:
        self.view = view
        self.builder = builder
        self.model = builder.const(view.model)

    def text(self) -> str:
        fields = list(self.view.fields())
        marks = {
            "model": self.model,
            "marks": "".join(self._bare(node) for node in self.view.head if node.widget.name in _MARKS),
            "subtitle": self._subtitle([node for node in self.view.head if node.widget.name not in _MARKS]),
            "facts": self._facts(),
            "path": self._path(self.view.path) if self.view.path else "",
            "body": "\n".join(self._part(part) for part in self.view.body),
            "edit_body": self._edit_body(),
        }
        values = [self._value(node) for node in fields] + [self._related(each) for each in self.view.related()]
        editors = [self._editor(node) for node in fields if node.edit]
        parts = self.builder.frame(FRAMES, "parts", {"model": self.model})
        # A macro can call only what stands before it.
        return "\n".join([self.builder.macros(), parts, *values, *editors, self.builder.frame(FRAMES, "form", marks)])

    # Reading

    def _common(self, node: FieldNode) -> str:
        """The first arguments of the macros of one value."""
        return f'"{node.key}", {self.builder.const(node.path)}, {self.builder.text(node.label)}'

    def _value(self, node: FieldNode) -> str:
        """The macro of one shown value."""
        kind = "value_fixed"
        if node.edit:
            kind = "value_beside" if node.widget.name in _BESIDE else "value_edit"
        call = f"{kind}({self._common(node)}, {self.builder.show_call(node, 'form')})"
        return f"{{% macro value_{node.key}() %}}{{{{ {call} }}}}{{% endmacro %}}"

    def _path(self, node: FieldNode) -> str:
        marks = {
            "key": node.key,
            "model": self.model,
            "name": self.builder.const(node.path),
            "label": self.builder.text(node.label),
        }
        return self.builder.frame(FRAMES, "path", marks)

    def _bare(self, node: FieldNode) -> str:
        """A value without its editor, as the head has it."""
        return f'{{% if "{node.key}" not in p.hidden %}}{{{{ {self.builder.show_call(node, "head")} }}}}{{% endif %}}'

    def _subtitle(self, nodes: list[FieldNode]) -> str:
        if not nodes:
            return ""
        return f'<p class="row wrap sm muted">{"".join(self._bare(node) for node in nodes)}</p>'

    def _facts(self) -> str:
        facts = "\n".join(
            f'{{% if "{node.key}" not in p.hidden %}}<div><dt>{{{{ {self.builder.text(node.label)} }}}}</dt>'
            f"<dd>{{{{ {self.builder.show_call(node, 'head')} }}}}</dd></div>{{% endif %}}"
            for node in self.view.facts
        )
        return f'<dl class="facts">\n{facts}\n</dl>' if facts else ""

    def _part(self, part: Section | Notebook) -> str:
        return self._section(part) if isinstance(part, Section) else self._notebook(part)

    def _section(self, section: Section) -> str:
        items = "\n".join(self._run(run) for run in _runs(section.items))
        return self._labelled(section, items)

    def _labelled(self, section: Section, items: str) -> str:
        if not section.label:
            return f'{{% if "{section.key}" not in p.hidden %}}\n{items}\n{{% endif %}}'
        marks = {
            "key": section.key,
            "name": self.builder.const(section.name),
            "label": self.builder.text(section.label),
            "items": items,
        }
        return self.builder.frame(FRAMES, "section", marks)

    def _run(self, run: list[FieldNode] | Related) -> str:
        if isinstance(run, Related):
            return (
                f'{{% if "{run.field.key}" not in p.hidden %}}{{{{ {run.key}(p.related["{run.key}"]) }}}}{{% endif %}}'
            )
        return '<dl class="fields">\n' + "\n".join(self._field(node) for node in run) + "\n</dl>"

    def _field(self, node: FieldNode) -> str:
        call = f"field({self._common(node)}, {str(node.full).lower()}, value_{node.key}())"
        return f'{{% if "{node.key}" not in p.hidden %}}{{{{ {call} }}}}{{% endif %}}'

    def _notebook(self, notebook: Notebook) -> str:
        marks = {
            "tabs": "\n".join(self._tab("tab", tab) for tab in notebook.tabs),
            "pages": "\n".join(self._tab("page", tab) for tab in notebook.tabs),
        }
        return self.builder.frame(FRAMES, "notebook", marks)

    def _tab(self, frame: str, tab: Tab) -> str:
        marks = {
            "key": tab.key,
            "name": self.builder.const(tab.name),
            "label": self.builder.text(tab.label),
            "sections": "\n".join(self._section(section) for section in tab.sections),
        }
        return self.builder.frame(FRAMES, frame, marks)

    def _related(self, related: Related) -> str:
        inputs = [
            self._input(node, "q.blank", f'"{related.key}-{node.key}"') for node in related.list.columns if node.edit
        ]
        return generate_related(related.list, self.builder, related.key, self.view.model, "\n".join(inputs))

    def _input(self, node: FieldNode, record: str, ident: str) -> str:
        """A labelled input of a form that creates a related record."""
        names = {"id": ident, "required": str(node.info.required).lower(), "error": "none", "refresh": "false"}
        label = f'<label class="label" for="{{{{ {ident} }}}}">{{{{ {self.builder.text(node.label)} }}}}</label>'
        return f"<div>{label}{{{{ {self.builder.edit_call(node, names, record)} }}}}</div>"

    # Editing

    def _edit(self, node: FieldNode) -> str:
        names = {
            "id": f'"edit-{node.key}"',
            "required": "false" if node.edit in {"boolean", "toggle"} else f'"{node.key}" in p.required',
            "error": f"p.errors.get({self.builder.const(node.path)})",
            "refresh": f"{self.builder.const(node.path)} in p.dependencies",
        }
        return self.builder.edit_call(node, names)

    def _editor(self, node: FieldNode) -> str:
        """The macro of one value's editor in its place."""
        call = f"editor({self._common(node)}, {self.builder.text(node.help)}, {self._edit(node)})"
        return f"{{% macro editor_{node.key}() %}}{{{{ {call} }}}}{{% endmacro %}}"

    def _edit_body(self) -> str:
        """All fields that can be edited: what only stands in the head first, then section by section, tabs opened."""
        placed = {item.path for item in self.view.items() if isinstance(item, FieldNode)}
        above = {node.path: node for node in self.view.fields() if node.edit and node.path not in placed}
        parts = [self._grid(above.values())] if above else []
        for part in self.view.body:
            if isinstance(part, Section):
                parts.append(self._edit_section(part))
                continue
            parts += [self._edit_tab(tab) for tab in part.tabs]
        return "\n".join(parts)

    def _edit_tab(self, tab: Tab) -> str:
        sections = "\n".join(self._edit_section(section) for section in tab.sections)
        as_section = Section(tab.key, tab.name, tab.label, 2, tab.invisible, ())
        has_fields = any(isinstance(item, FieldNode) for section in tab.sections for item in section.items)
        return self._labelled(as_section, sections) if has_fields else ""

    def _edit_section(self, section: Section) -> str:
        fields = [item for item in section.items if isinstance(item, FieldNode)]
        return self._labelled(section, self._grid(fields)) if fields else ""

    def _grid(self, nodes: Iterable[FieldNode]) -> str:
        inputs = (self._one(node) for node in nodes)
        return '<div class="form">\n' + "\n".join(inputs) + "\n</div>"

    def _one(self, node: FieldNode) -> str:
        """A field among others that are edited; one that cannot be shows its value."""
        full = str(node.full or node.edit in {"textarea", "html"}).lower()
        call = f"plain({self._common(node)}, {full}, {self.builder.show_call(node, 'form')})"
        if node.edit:
            typed = f"labelled({self._common(node)}, {self.builder.text(node.help)}, {full}, {self._edit(node)})"
            call = f'{call} if "{node.key}" in p.fixed else {typed}'
        return f'{{% if "{node.key}" not in p.hidden %}}{{{{ {call} }}}}{{% endif %}}'


def _runs(items: Iterable[Item]) -> Iterable[list[FieldNode] | Related]:
    """Fields that follow each other as lists, related lists one by one."""
    run: list[FieldNode] = []
    for item in items:
        if isinstance(item, FieldNode):
            run.append(item)
            continue
        if run:
            yield run
            run = []
        yield item
    if run:
        yield run
