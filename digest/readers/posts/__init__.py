"""What makes two posts one, which of them are new, and where they are filed."""
