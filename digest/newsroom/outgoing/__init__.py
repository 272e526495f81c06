"""The operator's webhooks: events are signed and posted to them."""
