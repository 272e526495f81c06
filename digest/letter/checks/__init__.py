"""The rules of `digest check`, one module per topic; `letter.check` runs them."""
