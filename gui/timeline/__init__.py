"""What belongs to steps and stands by the timeline: scenes, and marks for what happened."""
