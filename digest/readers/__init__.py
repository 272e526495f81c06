"""From a URL to posts and comments: fetch, parse, and decide what is new."""
