"""Code that runs in the interpreter of the task: the spec's side and the code's side of a split verification."""
