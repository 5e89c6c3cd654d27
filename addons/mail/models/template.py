"""Templates of messages: subject and text with the fields of a record in them."""

from __future__ import annotations

from addons.mail.rendering import check, render
from core import Change, FieldError, Invalid, Model, Refusal, _, closest, fields


class Template(Model, name="mail.template", label="Message template", order="name, id"):
    """A text for messages on records of one model, as a Jinja template: `{{ object.partner.name }}`."""

    name = fields.Char(label="Name", required=True, search=True)
    model = fields.Char(label="For records of", required=True, index=True, help="The name of the model: crm.lead")
    subject = fields.Char(label="Subject", size=250, template=True)
    body = fields.Text(
        label="Text", required=True, template=True, help="HTML with {{ object.field }}, {{ user.name }}, {{ today }}"
    )
    active = fields.Boolean(label="Active", default=True)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Check that the templates can be read and that what they name is there."""
        super().before_write(changes)
        models = cls.env.registry.schema["mail.message"].fields["record"].models
        for change in changes:
            # What was true when it was written may rest on an addon that is gone: the rest of it may still be changed.
            if not any(change.changed(field) for field in ("model", "subject", "body")):
                continue
            model = str(change["model"] or "")
            if model not in models:
                hint = closest(model, models)
                text = _("There are no conversations on '{model}'.", model=model)
                raise Invalid([FieldError("model", text, suggestion=hint)], model="mail.template")
            for field in ("subject", "body"):
                if change.changed(field) or change.changed("model"):
                    check(cls.env, field, str(change[field] or ""), model)

    def filled(self, record: int) -> tuple[str, str]:
        """Subject and text for a record, with the rights of the user.

        :raises Refusal: it cannot be worked out for this record, or its model is not installed.
        """
        if self.model not in self.env.registry.schema:
            raise Refusal(_("The model '{model}' is not installed.", model=self.model))
        return render(self.env, self.subject or "", self.body, self.model, record)
