"""The models of crm_extra."""
