"""Speed, as ratios within one run: what Hearth does beside what raw DuckDB does with the same file on the same machine."""
