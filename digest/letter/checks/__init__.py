"""The rules of `digest check`, one module an idea; `letter.check` runs them."""
