"""Import of tasks that others wrote, from the user's own copies: nothing of them belongs to this program."""
