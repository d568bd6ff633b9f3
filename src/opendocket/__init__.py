"""OpenDocket."""
