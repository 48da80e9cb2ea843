"""What a build costs, step by step, beside what it is compared with."""
