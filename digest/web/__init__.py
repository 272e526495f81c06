"""The web pages: public pages for subscribers, admin pages for editors on loopback.

`public` and `admin` build one application each; every page group has its own module. Data comes
through `ports`, so that the pages depend neither on the database nor on the letter.
"""
