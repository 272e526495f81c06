"""checks"""
from __future__ import annotations
def check_letter(*a):
    return ()
