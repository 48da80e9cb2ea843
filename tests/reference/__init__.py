"""An independent reading of the specification, in plain Python: day by day and event by event.

Nothing here is fast and nothing here is SQL. It exists to disagree with the models.

- `oracle.evaluate(world)` answers everything the tables say about a `World`.
- `worlds` makes random small worlds, with a Hypothesis strategy, and writes them where dbt reads.
"""
