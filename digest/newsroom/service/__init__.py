"""What `digest run` does at every tick: feeds, editions, mails, notices, retention."""
