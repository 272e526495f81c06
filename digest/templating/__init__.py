"""The template engine without side effects: the template folders and the web pages.

The operator may replace any template with a file in their own folder. Text from feeds and
subscribers is never a template, only an escaped value. Letters have their own engine over the
same folders, in `digest.letter.printing`.
"""
