"""Which comments are quoted under a post, and how they are cut."""
