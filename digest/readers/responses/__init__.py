"""Comments from wherever they are: feeds, REST, pages, exports; and how these are one list."""
