"""The jobs of `digest run` at every tick: feeds, editions, mails, notices, retention."""
