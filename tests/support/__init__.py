"""What several tests share: samples, doubles, servers, and a newsletter at work."""
