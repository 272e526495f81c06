"""The web pages: the public pages for subscribers, the desk for editors, and those for machines.

`public`, `desk`, `api` and `ops` build one application each; every page group has its own module.
`routes` is the table of all addresses, with the right that each needs.
"""
