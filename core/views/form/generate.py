"""The template of a form, put together from the files in `frames/`: for reading, editing in place, and editing all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.views.form.arch import FormArch, Item, Notebook, Related, Section, Tab
from core.views.list.generate import generate_related
from core.views.nodes import FieldNode
from core.views.template import Builder

FRAMES = Path(__file__).with_name("frames")
_MARKS = frozenset({"chip", "priority"})


def generate(view: FormArch, builder: Builder) -> str:
    """The text of the template.

    Its macros are `whole`, `editing`, `sections_edit`, `head`, `value(key)` and `editor(key)` of a field, and for each
    related list one called by its key.
    """
    return _Form(view, builder).text()


class _Form:
    def __init__(self, view: FormArch, builder: Builder) -> None:
        self.view = view
        self.builder = builder
        self.model = builder.const(view.model)

    def text(self) -> str:
        marks = {
            "model": self.model,
            "marks": self._calls("bare", (node for node in self.view.head if node.widget.name in _MARKS)),
            "subtitle": self._subtitle([node for node in self.view.head if node.widget.name not in _MARKS]),
            "facts": self._facts(),
            "path": self._path(self.view.path) if self.view.path else "",
            "body": "\n".join(self._part(part) for part in self.view.body),
            "edit_body": self._edit_body(),
        }
        related = [self._related(each) for each in self.view.related()]
        parts = self.builder.frame(FRAMES, "parts", {"model": self.model})
        # A macro can call only what stands before it.
        return "\n".join([self.builder.macros(), parts, *related, self.builder.frame(FRAMES, "form", marks)])

    def _calls(self, macro: str, nodes: Iterable[FieldNode]) -> str:
        """One call of a macro for each field."""
        return "\n".join(f"{{{{ {macro}({self.builder.node(node)}) }}}}" for node in nodes)

    def _fields(self, macro: str, nodes: Iterable[FieldNode]) -> str:
        """As `_calls`; properties are fields of their own, which the page knows."""
        return "\n".join(
            f"{{% for key in p.properties[{self.builder.node(node)}] %}}{{{{ {macro}(key) }}}}{{% endfor %}}"
            if node.info.definitions and node.widget.name == "properties"
            else self._calls(macro, [node])
            for node in nodes
        )

    # Reading

    def _path(self, node: FieldNode) -> str:
        self.builder.node(node)
        marks = {
            "key": node.key,
            "model": self.model,
            "name": self.builder.const(node.path),
            "label": self.builder.text(node.label),
        }
        return self.builder.frame(FRAMES, "path", marks)

    def _subtitle(self, nodes: list[FieldNode]) -> str:
        return f'<p class="row wrap sm muted">{self._calls("bare", nodes)}</p>' if nodes else ""

    def _facts(self) -> str:
        return f'<dl class="facts">\n{self._calls("fact", self.view.facts)}\n</dl>' if self.view.facts else ""

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
        return f'<dl class="fields">\n{self._fields("field", run)}\n</dl>'

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
            "panel": self._panel(tab) if tab.panel else "",
        }
        return self.builder.frame(FRAMES, frame, marks)

    def _panel(self, tab: Tab) -> str:
        marks = {"model": self.model, "panel": self.builder.const(tab.panel), "label": self.builder.text(tab.label)}
        return self.builder.frame(FRAMES, "panel", marks)

    def _related(self, related: Related) -> str:
        inputs = "\n".join(
            f'{{{{ related_input({self.builder.node(node)}, "{related.key}-{node.key}", q.blank) }}}}'
            for node in related.list.columns
            if node.edit
        )
        return generate_related(related.list, self.builder, related.key, inputs)

    # Editing

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
        as_section = Section(tab.key, tab.name, tab.label, tab.invisible, ())
        has_fields = any(isinstance(item, FieldNode) for section in tab.sections for item in section.items)
        return self._labelled(as_section, sections) if has_fields else ""

    def _edit_section(self, section: Section) -> str:
        fields = [item for item in section.items if isinstance(item, FieldNode)]
        return self._labelled(section, self._grid(fields)) if fields else ""

    def _grid(self, nodes: Iterable[FieldNode]) -> str:
        return f'<div class="form">\n{self._fields("labelled", nodes)}\n</div>'


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
