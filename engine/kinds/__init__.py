"""What every activation, loss, optimizer and initializer is: the questions that each kind answers about itself."""
