"""Whether a criterion finds accounts that go on to pay, from the tables of the warehouse."""
