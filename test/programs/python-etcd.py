"""Locks and watches of python-etcd. Arguments: the client ports of all members.

Prints a line when it begins to watch, so that a member can be killed then.
"""

import sys

import etcd

client = etcd.Client(
    host=tuple(("127.0.0.1", int(port)) for port in sys.argv[1:]),
    allow_reconnect=True,
    read_timeout=30,
)

first, second = etcd.Lock(client, "door"), etcd.Lock(client, "door")
assert first.acquire(blocking=True, lock_ttl=60)
assert not second.acquire(blocking=False, lock_ttl=60), "two hold one lock"
first.release()
assert second.acquire(blocking=True, lock_ttl=60)
second.release()

client.write("/queue/a", "1", ttl=60)
client.write("/queue/a", "2", prevValue="1")
try:
    client.write("/queue/a", "3", prevValue="1")
    raise AssertionError("a failed comparison is an error")
except etcd.EtcdCompareFailed:
    pass

index = client.write("/watched", "0").modifiedIndex
print("watches", flush=True)
for number in range(1, 6):
    event = client.watch("/watched", index=index + 1, timeout=30)
    assert event.value == str(number), event
    index = event.modifiedIndex
    print("saw", event.value, flush=True)
