"""The template engine, its side effects off: where templates are, and the pages made of them.

Templates belong to the operator, who may replace each file by one in a folder of their own. What
feeds and subscribers wrote is never a template, only a value, and escaped. Letters have their own
engine over the same folders, in `digest.letter.printing`.
"""
