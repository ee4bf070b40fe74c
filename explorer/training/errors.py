"""What may go wrong between a run and its store; light to import."""

DAMAGED = "What was recorded of this run is damaged: delete it and train again."


class StoreError(RuntimeError):
    """The store cannot do what was asked; the message is one sentence: what, and what to do."""


class StoreFullError(StoreError):
    """There is no room left where the store lies."""


class SupersededError(StoreError):
    """The run was deleted, or another worker has taken it over: this one has nothing to say."""
