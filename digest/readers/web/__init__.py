"""From an address to a document: guarded HTTP, polite to servers."""
