"""What a script cannot do, as the one sentence that its user reads."""


class Problem(Exception):
    """What is wrong with the request or the data, in one sentence for the user."""


class WarehouseError(Problem):
    """What is wrong with the warehouse, its configuration or a file, in one sentence for the user."""
