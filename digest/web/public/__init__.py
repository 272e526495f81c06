"""The public pages, for subscribers and for people who may become one."""
