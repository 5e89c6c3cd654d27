"""Sales: leads and opportunities, the stages they go through, teams, and why deals are won or lost."""
