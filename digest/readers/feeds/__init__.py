"""From a feed document to posts, whatever its format, its encoding and its dates."""
