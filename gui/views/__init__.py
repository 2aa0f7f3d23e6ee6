"""Views draw snapshots: `show_…` puts state in and emits nothing, `…_requested` goes out."""
