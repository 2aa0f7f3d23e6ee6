"""The window: shows snapshots and asks for things; decides nothing about training."""
