"""The first words of a post, without what its site says around them."""
