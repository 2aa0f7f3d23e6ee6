"""Many runs at once: stacked along a batch axis, or begun one after another on all cores."""
