"""What is known of one lane's illness, and how a finding and its cures are shown."""
