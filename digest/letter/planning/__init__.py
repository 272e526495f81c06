"""Plans a letter: its stories, its subject, and the cuts if there is no room."""
