"""What a script cannot do, as the one sentence that its user reads."""


class WarehouseError(Exception):
    """What is wrong with the warehouse, its configuration or a file, in one sentence for the user."""
