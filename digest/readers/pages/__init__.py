"""What a web page gives that its feed left out: feeds, article, pictures."""
