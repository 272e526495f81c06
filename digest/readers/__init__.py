"""From a URL to posts and comments: fetch, parse, and decide what is new.

In the order of the way: `web` fetches documents, `parsing` has them read in processes of their
own, `feeds` and `pages` say what is in them, `responses` what readers wrote, and `posts` what of it
is new. Beside them `opml`, lists of feeds, and `limits`, how much of anything is read.
"""
