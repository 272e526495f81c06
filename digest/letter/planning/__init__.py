"""What a letter says: its stories, its subject, and what goes where there is no room."""
