"""A queue of kombu's transport for etcd. Argument: the client port of a member."""

import sys

from kombu import Connection

with Connection(f"etcd://127.0.0.1:{sys.argv[1]}/kombu") as connection:
    queue = connection.SimpleQueue("jobs")
    for number in range(20):
        queue.put({"number": number})
    taken = set()
    for _ in range(20):
        message = queue.get(timeout=10)
        taken.add(message.payload["number"])
        message.ack()
    assert taken == set(range(20)), taken
    try:
        queue.get(timeout=1)
        raise AssertionError("a message was delivered twice")
    except queue.Empty:
        pass
    queue.close()
