"""An addon whose panel bears another addon's name."""
