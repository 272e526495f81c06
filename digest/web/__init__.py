"""The web pages: the public pages for subscribers, and the desk for editors.

`public` and `desk` build one application each; every page group has its own module. `routes` is the
table of the desk's addresses with the right that each needs.
"""
