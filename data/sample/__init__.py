"""The demo community: invented people, real shapes, and effects that the metrics have to find (see README.md)."""
