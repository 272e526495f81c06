"""From messages to deliveries: the ledger's rules, replies, retries, connections."""
