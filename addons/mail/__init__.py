"""Conversations: messages and notes on records, who follows them, and what is planned on them."""
