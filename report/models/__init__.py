"""Page models: what each page says and shows, read from a snapshot. Frozen, so that a page can keep one for as long as it likes."""
